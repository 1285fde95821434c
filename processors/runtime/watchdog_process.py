"""The process that `processors.runtime.watchdog` starts: `watchdog_process <stage> <descriptor> <pid> <seconds>`.

Until something hangs it loads nothing but the standard library, and takes a seventh of the memory of a worker.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from processors.runtime.at_hand import AtHand, Work

LOOK_SECONDS = 0.5
# Stopped by a signal, or by a debugger (proc(5)).
_STOPPED = ("T", "t")


class Watch:
    """How long the worker has been at the same step. `stopped` says whether it is stopped now; times in seconds."""

    def __init__(self, hand: AtHand, seconds: float, stopped: Callable[[], bool]) -> None:
        self._hand = hand
        self._seconds = seconds
        self._stopped = stopped
        self._step = 0
        self._spent = 0.0

    def look(self, since: float) -> Work | None:
        """Called `since` seconds after the last look: the work that hangs, or None.

        Of a gap longer than two looks only so much is counted: this process did not run either.
        """
        work = self._hand.look()
        if work is None or work.step != self._step:
            self._step = work.step if work is not None else 0
            self._spent = 0.0
            return None
        if not self._stopped():
            self._spent += min(since, 2 * LOOK_SECONDS)
        return work if self._spent >= self._seconds else None


def main() -> None:
    """Look until the worker ends, or ends by our hand."""
    # The signals that tell a group of processes to end are the worker's, which may still have a record to finish.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    stage, descriptor, worker, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    watch = Watch(AtHand(descriptor), seconds, lambda: _is_stopped(worker))
    looked = time.monotonic()
    while not _is_closed(sys.stdin.fileno(), LOOK_SECONDS):
        now = time.monotonic()
        hung = watch.look(now - looked)
        looked = now
        if hung is not None:
            _end(stage, worker, hung, seconds)
            return


def _end(stage: str, worker: int, hung: Work, seconds: float) -> None:
    # Only now, since they take seconds to load and tens of megabytes.
    from confluent_kafka import KafkaException

    from processors.runtime.crashes import Kind, note
    from service.environment import ClusterSettings
    from service.log import configure

    cluster = ClusterSettings()
    log = configure(cluster.log_level, stage)
    facts = {"stage": stage, "coordinates": hung.coordinates, "seconds": seconds}
    try:
        note(cluster, stage, hung.coordinates, hung.crashes + 1, Kind.HANG)
        log.error("record_hung", count=hung.crashes + 1, **facts)
    except KafkaException:
        # The group would give up on it all the same, and the next worker finds it again.
        log.exception("record_hung_unnoted", **facts)
    # A worker that ended meanwhile has left us, and its number may be another's.
    if os.getppid() == worker:
        os.kill(worker, signal.SIGKILL)


def _is_closed(descriptor: int, seconds: float) -> bool:
    """Waits; True once the other end of the pipe is closed. Nothing is ever written to it."""
    ready, _, _ = select.select([descriptor], [], [], seconds)
    return bool(ready)


def _is_stopped(process: int) -> bool:
    """Where there is no /proc, a stopped process cannot be told from one that hangs."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[:1] in [[state] for state in _STOPPED]


if __name__ == "__main__":
    main()
