"""The compiled enforcer, in a process of its own, since a process loads a module in one form only."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.privacy.corpus import Recording, recordings
from bench.privacy.passes import Spent, enforced
from processors.privacy.compiled import is_compiled
from processors.privacy.policy import compile_policy
from schemas.policy import BALANCED

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = _ROOT / "build" / "compiled" / "packages"


class NotCompiledError(Exception):
    """There is nothing to measure; says why in a sentence."""


class Compiled:
    """A process that reads orders and answers them, so that starting it is never timed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def enforce(self, recording: Recording, times: int) -> Spent:
        """What `passes.enforced` says there."""
        orders, answers = self._process.stdin, self._process.stdout
        assert orders is not None
        assert answers is not None
        orders.write(f"{times} {recording.name}\n")
        orders.flush()
        whole, incrementals = map(float, answers.readline().split())
        return Spent(whole, incrementals)


def compiled_packages() -> Path:
    """The packages of the build of `make compiled`. NotCompiledError without it, or when it is of other sources."""
    if not _PACKAGES.exists():
        raise NotCompiledError("there is no compiled build (`make compiled` makes it)")
    for path in _PACKAGES.rglob("*.py"):
        source = _ROOT / path.relative_to(_PACKAGES)
        if not source.exists() or source.read_bytes() != path.read_bytes():
            raise NotCompiledError("the compiled build is of other sources (`make compiled` renews it)")
    return _PACKAGES


@contextmanager
def compiled(folder: Path) -> Iterator[Compiled]:
    """The build of `make compiled`, for the recordings of `folder`; ended at the end. NotCompiledError without it."""
    # `-m` would put the working directory, and so the sources, first.
    environment = os.environ | {"PYTHONSAFEPATH": "1", "PYTHONPATH": f"{compiled_packages()}{os.pathsep}{_ROOT}"}
    command = [sys.executable, "-m", "bench.privacy.compiled", str(folder)]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Compiled(process)


def _answer(folder: Path) -> None:
    assert is_compiled()
    policy = compile_policy(BALANCED)
    found = {each.name: each for each in recordings(folder)}
    for order in sys.stdin:
        times, _, name = order.rstrip("\n").partition(" ")
        spent = enforced(found[name], int(times), policy)
        print(spent.all, spent.incrementals, flush=True)


if __name__ == "__main__":
    _answer(Path(sys.argv[1]))
