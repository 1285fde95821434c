"""A process under measurement: started by its real command, frozen while records are prepared, its CPU time read."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.broker import StalledError

READY_SECONDS = 60.0
STOP_SECONDS = 30.0
_TICKS = os.sysconf("SC_CLK_TCK")


class Measured:
    """A running process."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self._name = name
        self._process = process
        self._log = log

    def freeze(self) -> None:
        """Stop it where it stands; it holds its connections and its place in the group."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it run on."""
        self._process.send_signal(signal.SIGCONT)

    def cpu_seconds(self) -> float:
        """CPU time so far, user and system, of it and of its children alive."""
        return sum(_cpu_ticks(pid) for pid in _family(self._process.pid)) / _TICKS

    def check(self) -> None:
        """StalledError, with the end of its log, if it has ended."""
        if (code := self._process.poll()) is not None:
            raise StalledError(f"{self._name} ended with exit code {code}; its log ends:\n{self._tail()}")

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Return once `ready()`; StalledError if it takes too long or the process ends before."""
        deadline = time.monotonic() + READY_SECONDS
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                late = f"{self._name} was not ready within {READY_SECONDS:.0f} s"
                raise StalledError(f"{late}; its log ends:\n{self._tail()}")
            time.sleep(0.05)

    def printed(self, word: str) -> bool:
        """Whether a line of its output is `word`."""
        return word in self._log.read_text(errors="replace").split()

    def stop(self) -> None:
        """SIGTERM, and SIGKILL if that does not end it."""
        self.thaw()
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _tail(self) -> str:
        return self._log.read_text(errors="replace")[-2000:]


@contextmanager
def running(name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[Measured]:
    """The process, ended when the block is left; its output goes to `log`."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=dict(environment), stdout=output, stderr=subprocess.STDOUT)
    measured = Measured(name, process, log)
    try:
        yield measured
    finally:
        if process.poll() is None:
            measured.stop()


def answers(url: str) -> bool:
    """Whether a GET gives 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(each for child in children for each in _family(int(child)))]


def _cpu_ticks(pid: int) -> int:
    """utime and stime of /proc/<pid>/stat, proc(5); the name before them may hold spaces."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])
