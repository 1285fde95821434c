"""A stack of any version of this repository, on the packages of today's checkout."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.stack import OFFSET, REPOSITORY, Stack

# What is built or fetched and not in the history: the stack of an earlier version uses today's.
_BUILT = (".venv", ".local", "node_modules", "recorder/dist", "replay/static")


def check_out(commit: str, folder: Path) -> Path:
    """The files of a commit, ready to start; CalledProcessError if the history does not have it."""
    archive = subprocess.run(["git", "archive", commit], cwd=REPOSITORY, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    for name in _BUILT:
        (folder / name).symlink_to(REPOSITORY / name)
    return folder


@dataclass(frozen=True)
class Version(Stack):
    """A stack whose programs come from `root`."""

    root: Path = REPOSITORY
    projects: Mapping[str, object] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)

    def up(self) -> None:
        """Bring all of it up; AssertionError with what the command said if that fails."""
        (self.directory / "projects.yaml").write_text(json.dumps({"projects": self.projects}))
        self._command("up", 280)

    def kill(self) -> None:
        """`kill -9` of every process, the supervisor first, so that it starts none again."""
        supervisor = int((self.directory / "run" / "supervisor.pid").read_text())
        for pid in (supervisor, *self.processes()):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def _command(self, name: str, seconds: float) -> str:
        environment = {each: text for each, text in os.environ.items() if not each.startswith("REELSTREAM_")}
        environment |= {
            # Before the checkout that is installed.
            "PYTHONPATH": str(self.root),
            "REELSTREAM_LOCAL_DIR": str(self.directory),
            "REELSTREAM_LOCAL_PORT_OFFSET": str(OFFSET),
            "REELSTREAM_PROJECTS": str(self.directory / "projects.yaml"),
            **self.variables,
        }
        with tempfile.TemporaryFile() as output:
            ended = subprocess.run(
                [sys.executable, "-m", "deploy.local", name],
                cwd=self.root,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=seconds,
                check=False,
            )
            output.seek(0)
            said = output.read().decode(errors="replace")
        assert ended.returncode == 0, f"`{name}` of {self.root} ended with {ended.returncode} and said:\n{said}"
        return said
