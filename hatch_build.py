"""Build hook of the wheel: compiles the modules that `pyproject.toml` names to machine code, with mypyc.

Off unless `HATCH_BUILD_HOOK_ENABLE_CUSTOM=1`. The sources stay in the wheel: Python prefers the compiled module beside
them, and tracebacks quote them.
"""

from __future__ import annotations

import os
import shutil
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledModules(BuildHookInterface):  # type: ignore[type-arg]
    """Takes `modules`, paths from the root. Nothing is written beside the sources, where it would soon be stale."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile in a temporary folder and add the results to the wheel; SystemExit in a sentence without compiler."""
        if missing := missing_for_c():
            raise SystemExit(missing)
        # Not at the top: hatchling also reads this file to ask what to install, before these are.
        from mypyc.build import mypycify
        from setuptools import Distribution

        self._folder = TemporaryDirectory()
        library = Path(self._folder.name, "lib")
        extensions = mypycify(
            self.config["modules"], group_name="reelstream", target_dir=str(Path(self._folder.name, "c"))
        )
        command = Distribution({"name": "reelstream", "ext_modules": extensions}).get_command_obj("build_ext")
        command.build_lib, command.build_temp = str(library), str(Path(self._folder.name, "objects"))
        command.ensure_finalized()
        command.run()
        for output in map(Path, command.get_outputs()):
            build_data["force_include"][str(output)] = str(output.relative_to(library))
        build_data["pure_python"], build_data["infer_tag"] = False, True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Called when the wheel is written."""
        self._folder.cleanup()


def missing_for_c() -> str:
    """What this machine lacks to compile C for this Python, in a sentence; empty if nothing."""
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC")).split()[0]
    if shutil.which(compiler) is None:
        return f"A C compiler is needed to compile ({compiler}; on Debian: gcc), and there is none."
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        return "Python's header files are needed to compile (on Debian: python3-dev), and they are not there."
    return ""
