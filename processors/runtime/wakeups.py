"""Which sessions to wake, and when: a heap in memory over the durable entries in state.

Quix Streams has no timer on the wall clock (windows move on record time only), so the worker asks this object on
every turn of the poll loop. Entries further away than HORIZON stay in state alone and are read again every
RESCAN, so memory grows with the sessions of the last minutes, not with those of the last day; and of more than
MOST_SESSIONS the rest stays there too, until half of them were woken.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

HORIZON_MS = 15 * 60 * 1000
RESCAN_MS = 10 * 60 * 1000
# Some 400 bytes each.
MOST_SESSIONS = 100_000
# The heap is made anew when it has more entries than this besides the sessions, and more than twice as many.
_STALE = 1024


@dataclass(frozen=True, slots=True)
class Wake:
    """One wake-up as it lies in state: 8 bytes of ms, big-endian, and a byte that is 1 if it sweeps.

    Stages ask minutes ahead for nothing but to forget a session, or, reading a backlog, find that time past already.
    Such a wake-up waits while the partition has a backlog.
    """

    when: int
    sweeps: bool

    @classmethod
    def asked(cls, when: int, now: int) -> Wake:
        """What a stage asked for at `now`."""
        return cls(when, not now < when <= now + HORIZON_MS)

    @classmethod
    def read(cls, cell: bytes) -> Wake:
        """From its bytes."""
        return cls(int.from_bytes(cell[:8]), cell[8:9] == b"\x01")

    def cell(self) -> bytes:
        """Its bytes."""
        return self.when.to_bytes(8) + bytes([self.sweeps])


class Wakeups:
    """Wake times by (partition, session key), ms."""

    def __init__(self) -> None:
        self._due: dict[tuple[int, str], int] = {}
        self._heap: list[tuple[int, int, str]] = []
        self._left_out = False

    def __len__(self) -> int:
        return len(self._due)

    def put(self, partition: int, key: str, when: int | None, now: int) -> None:
        """Set, move or (with None) cancel a session's wake-up."""
        if when is None or when > now + HORIZON_MS:
            self._due.pop((partition, key), None)
            return
        known = self._due.get((partition, key))
        if known is None and len(self._due) >= MOST_SESSIONS:
            self._left_out = True
        elif known != when:
            self._due[partition, key] = when
            heapq.heappush(self._heap, (when, partition, key))
            if len(self._heap) > 2 * len(self._due) + _STALE:
                self._tidy()

    def find(self, partition: int, key: str, when: int, now: int) -> None:
        """Add a wake-up read from the store, unless a newer one is known."""
        if (partition, key) not in self._due:
            self.put(partition, key, when, now)

    def takes_more(self) -> bool:
        """True, once, if entries were left in state and there is room for them now."""
        if not self._left_out or len(self._due) > MOST_SESSIONS // 2:
            return False
        self._left_out = False
        return True

    def next_due(self, now: int) -> tuple[int, str] | None:
        """Take the earliest (partition, key) that is due, or None."""
        while self._heap and self._heap[0][0] <= now:
            when, partition, key = heapq.heappop(self._heap)
            # A moved or cancelled wake-up leaves its old entry on the heap.
            if self._due.get((partition, key)) == when:
                del self._due[partition, key]
                return partition, key
        return None

    def forget(self, partition: int) -> None:
        """Drop all of a partition that is no longer ours."""
        self._due = {entry: when for entry, when in self._due.items() if entry[0] != partition}
        self._tidy()

    def _tidy(self) -> None:
        """Leave out of the heap what was moved or cancelled."""
        self._heap = [(when, *entry) for entry, when in self._due.items()]
        heapq.heapify(self._heap)
