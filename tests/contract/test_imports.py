"""Importing a module does nothing: no client, no file of the deployment, no environment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("gateway", "processors", "replay", "schemas", "service", "sql")
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "node_modules" not in path.parts
)
SEALED = """
import importlib, socket, sys
def refuse(*_, **__): raise RuntimeError("a socket was opened at import")
socket.socket.connect = refuse
socket.socket.bind = refuse
threads = __import__("threading").active_count
before = threads()
for name in sys.argv[1:]:
    importlib.import_module(name)
if threads() != before: raise RuntimeError("a thread was started at import")
"""


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_imports_with_an_empty_environment_and_no_network(package: str, tmp_path: Path) -> None:
    """All modules of a package import in an empty directory, without environment, sockets or threads."""
    names = [name for name in MODULES if name.split(".")[0] == package]
    done = subprocess.run(
        [sys.executable, "-c", SEALED, *names],
        cwd=tmp_path,
        env={"PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert list(tmp_path.iterdir()) == []
