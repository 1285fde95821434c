"""The published Rust scrubber `posthog-replay-anonymizer`, in a process of its own (see `scrubber/`)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.privacy.corpus import Recording

_SOURCE = Path(__file__).parent / "scrubber"
_BUILT = Path(__file__).resolve().parents[2] / "build" / "scrubber"


class NoScrubberError(Exception):
    """It cannot be built here; says why in a sentence."""


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """CPU seconds for all the times together, and how many lines it refused in them."""

    seconds: float
    refused: int


class Scrubber:
    """A process that reads orders and answers them, so that starting it is never timed."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder

    def scrub(self, recording: Recording, times: int) -> Scrubbed:
        """All lines of the recording, `times` times."""
        path = self._folder / recording.name.replace("/", " ")
        if not path.exists():
            path.write_bytes(recording.text)
        orders, answers = self._process.stdin, self._process.stdout
        assert orders is not None
        assert answers is not None
        orders.write(f"{times} {path}\n")
        orders.flush()
        seconds, _, refused = answers.readline().split()
        return Scrubbed(float(seconds), int(refused))


@contextmanager
def scrubber() -> Iterator[Scrubber]:
    """Built if it was not yet, ended at the end. NoScrubberError without cargo, or where the crates cannot be had."""
    cargo = shutil.which("cargo")
    if cargo is None:
        raise NoScrubberError("cargo is not installed, so the Rust scrubber is left out")
    build = [cargo, "build", "--release", "--quiet", "--target-dir", str(_BUILT)]
    if subprocess.run(build, cwd=_SOURCE, check=False).returncode:
        raise NoScrubberError("cargo could not build the Rust scrubber, so it is left out")
    program = [str(_BUILT / "release" / "scrubber")]
    with (
        TemporaryDirectory() as folder,
        subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process,
    ):
        yield Scrubber(process, Path(folder))
