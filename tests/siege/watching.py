"""What a siege does to the stack: memory of every process, and the time from a 202 to a row.

Looked at from a process of its own, so that the looking does not slow the good clients' clocks.
"""

from __future__ import annotations

import multiprocessing
import statistics
import threading
import time
from collections import defaultdict
from multiprocessing.connection import Connection
from pathlib import Path

from tests.e2e.reading import query
from tests.e2e.stack import Stack

LOOK_SECONDS = 0.25
MEMORY_SECONDS = 5.0
PAGE_BYTES = 4096
STOP_SECONDS = 60.0


class Watch:
    """`memory` has (seconds since the start, resident bytes) by program; `stored` the moment of each row, monotonic.

    Both are as of the last `refresh` or `stop`. The monotonic clock is the machine's, the same for all processes.
    """

    def __init__(self, stack: Stack, project: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_watch, args=(theirs, stack, project, stack.running()), daemon=True)
        self.memory: dict[str, list[tuple[float, int]]] = {}
        self.stored: dict[tuple[str, int], float] = {}

    def start(self) -> None:
        """Begin."""
        self._process.start()

    def refresh(self) -> None:
        """Learn what was seen so far."""
        self._ask(stop=False)

    def stop(self) -> None:
        """Learn all that was seen, and end."""
        self._ask(stop=True)
        self._process.join(STOP_SECONDS)

    def delays(self, accepted: dict[tuple[str, int], float]) -> list[float]:
        """Seconds from each 202 to its row, as far as both were seen."""
        return [self.stored[name] - moment for name, moment in accepted.items() if name in self.stored]

    def growth(self, warm: tuple[float, float], late: float) -> dict[str, float]:
        """By program, the median of the last `late` seconds as a ratio to that of the seconds `warm`."""
        found = {}
        for name, samples in self.memory.items():
            end = samples[-1][0]
            before = [size for at, size in samples if warm[0] <= at < warm[1]]
            after = [size for at, size in samples if at >= end - late]
            if before and after:
                found[name] = statistics.median(after) / statistics.median(before)
        return found

    def _ask(self, *, stop: bool) -> None:
        self._connection.send(stop)
        self.memory, self.stored = self._connection.recv()


class _Looks:
    """The two looks, each in a thread."""

    def __init__(self, stack: Stack, project: str, leaders: dict[str, int]) -> None:
        self._stack = stack
        self._project = project
        self._leaders = leaders
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._look_at_rows), threading.Thread(target=self._look_at_memory)]
        self._started = time.monotonic()
        self.memory: dict[str, list[tuple[float, int]]] = defaultdict(list)
        self.stored: dict[tuple[str, int], float] = {}

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _look_at_rows(self) -> None:
        reached: dict[str, int] = {}
        statement = (
            "SELECT toString(session_id) AS session, max(last_seq) AS last FROM blocks "
            f"WHERE project = '{self._project}' AND stored_at >= now() - 120 GROUP BY session"
        )
        while not self._stop.wait(LOOK_SECONDS):
            rows = query(self._stack, statement)
            moment = time.monotonic()
            for row in rows:
                session, last = str(row["session"]), int(row["last"])
                for seq in range(reached.get(session, -1) + 1, last + 1):
                    self.stored[session, seq] = moment
                reached[session] = max(last, reached.get(session, -1))

    def _look_at_memory(self) -> None:
        while not self._stop.wait(MEMORY_SECONDS):
            sizes: dict[int, int] = defaultdict(int)
            for entry in Path("/proc").glob("[0-9]*"):
                try:
                    group = int((entry / "stat").read_text().rpartition(") ")[2].split()[2])
                    sizes[group] += int((entry / "statm").read_text().split()[1]) * PAGE_BYTES
                except (OSError, IndexError):
                    continue
            at = time.monotonic() - self._started
            for name, leader in self._leaders.items():
                if size := sizes.get(leader):
                    self.memory[name].append((at, size))


def _watch(connection: Connection, stack: Stack, project: str, leaders: dict[str, int]) -> None:
    looks = _Looks(stack, project, leaders)
    looks.start()
    stop = False
    while not stop:
        try:
            stop = connection.recv()
        except EOFError:
            # The one who asked is gone.
            looks.stop()
            return
        if stop:
            looks.stop()
        connection.send((dict(looks.memory), looks.stored.copy()))
