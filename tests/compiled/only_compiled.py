"""A pytest plugin: no test runs unless every module that is to be compiled is loaded compiled."""

from __future__ import annotations

import importlib
import tomllib
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def compiled_modules() -> list[str]:
    """The modules that `pyproject.toml` names for compiling."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    paths = project["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]["modules"]
    return [path.removesuffix(".py").replace("/", ".") for path in paths]


def pytest_sessionstart() -> None:
    """Ends the run if a module's source would be used."""
    files = {name: str(importlib.import_module(name).__file__) for name in compiled_modules()}
    plain = [name for name, file in files.items() if not file.endswith(tuple(EXTENSION_SUFFIXES))]
    if plain:
        pytest.exit(f"not compiled: {', '.join(plain)}", returncode=1)
