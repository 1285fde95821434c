"""Scripts of the folder `node`, bundled for a browser."""

from __future__ import annotations

import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
NODE = Path(__file__).parent / "node"


def bundle(module: str, name: str) -> str:
    """The text of a script that defines `name` as what a module exports."""
    command = ["node", str(NODE / "bundle.mjs"), module, name]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout
