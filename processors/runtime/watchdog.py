"""Ends a worker that hangs on one record, from a process of its own.

A record may hold the interpreter, in a regular expression say: then no thread of the worker runs. Past
`max.poll.interval.ms` the group would give the same record to the next replica, for ever. So the watchdog looks, twice
a second, at what the worker has at hand. Whatever has been there without a step for the time allowed is noted in the
crash ledger, marked as a hang, and the worker is killed; the third time the record is set aside.

Time is counted only while both run: a worker that is stopped (SIGSTOP, a debugger) or a machine that sleeps hangs on
nothing. What waits within bounds of its own is never at hand: the broker, ClickHouse, a commit, state being recovered,
`control.v1`. The watchdog ends with the worker, whose end closes its standard input. It serves no port.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

import structlog

from processors.runtime.at_hand import AtHand

_log = structlog.get_logger(__name__)
# Looking whether it lives is a system call.
CHECK_SECONDS = 1.0


class Watchdog:
    """The watchdog of this process, as the worker sees it; `seconds` is the longest a record may take."""

    def __init__(self, stage: str, hand: AtHand, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._stage = stage
        self._hand = hand
        self._seconds = seconds
        self._clock = clock
        self._checked_at = clock()
        self.process = self._start()

    def check(self) -> None:
        """Call on every turn: a watchdog that has ended is replaced. OSError if none can be started."""
        now = self._clock()
        if now - self._checked_at < CHECK_SECONDS:
            return
        self._checked_at = now
        code = self.process.poll()
        if code is not None:
            _log.warning("watchdog_ended", stage=self._stage, code=code)
            self.process = self._start()

    def close(self) -> None:
        """End it."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait(30)

    def _start(self) -> subprocess.Popen[bytes]:
        descriptor = self._hand.descriptor
        command = [sys.executable, "-m", "processors.runtime.watchdog_process"]
        arguments = [self._stage, str(descriptor), str(os.getpid()), str(self._seconds)]
        return subprocess.Popen([*command, *arguments], stdin=subprocess.PIPE, pass_fds=(descriptor,))
