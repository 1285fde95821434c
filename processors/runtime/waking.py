"""Wakes the sessions of a stage on the wall clock, each in the same transaction as what its waking writes."""

from __future__ import annotations

import time
from collections.abc import Callable

from quixstreams.state.rocksdb import RocksDBStorePartition

from processors.runtime.application import StageApplication
from processors.runtime.state import SessionState
from processors.runtime.stores import Stores
from processors.runtime.wake_scans import WakeScans
from processors.runtime.wakeups import RESCAN_MS, Wake, Wakeups

# A partition whose records are older than this when read has a backlog.
BEHIND_MS = 60_000
# A partition that has not been read from for this long has none, whatever its last record's age was.
QUIET_MS = 5_000
# Longest a turn of the poll loop may spend on wake-ups before it looks at records again.
WAKE_BUDGET_SECONDS = 0.5


class Waking:
    """`wake` runs the stage for (partition, key, session, ms now).

    `resume_at` is the offset at which reading of a partition goes on as far as is known without records, -1: unknown.
    """

    def __init__(
        self,
        app: StageApplication,
        topic: str,
        stores: Stores,
        wake: Callable[[int, str, SessionState, int], None],
        resume_at: Callable[[int], int],
    ) -> None:
        self._app = app
        self._topic = topic
        self._stores = stores
        self._wake = wake
        self._resume_at = resume_at
        self._wakeups = Wakeups()
        self._scans = WakeScans()
        self._opened: dict[int, RocksDBStorePartition] = {}
        self._offsets: dict[int, int] = {}
        self._read: dict[int, tuple[int, int]] = {}
        self._next_scan = 0

    def __len__(self) -> int:
        return len(self._wakeups)

    def saw(self, partition: int, offset: int, received: int, now: int) -> None:
        """A record accepted at `received` is about to be handled; times in ms."""
        self._offsets[partition] = offset
        self._read[partition] = now, now - received

    def turn(self, now: int) -> None:
        """Wake what is due."""
        self._follow_partitions(now)
        deadline = time.monotonic() + WAKE_BUDGET_SECONDS
        while time.monotonic() < deadline and (due := self._wakeups.next_due(now)) is not None:
            self._wake_one(*due, now)

    def keep(self, partition: int, key: str, session: SessionState, now: int) -> None:
        """Note when the stage asked to be woken for a session, if it did."""
        if not session.wake_asked:
            return
        cells = self._stores.wakes(partition)
        if session.wake is None:
            cells.delete(key)
        else:
            cells.set_bytes(key, Wake.asked(session.wake, now).cell())
        self._wakeups.put(partition, key, session.wake, now)

    def _wake_one(self, partition: int, key: str, now: int) -> None:
        cells = self._stores.wakes(partition)
        cell = cells.get_bytes(key)
        if cell is None or (wake := Wake.read(cell)).when > now:
            return  # read from the store before a change that is now in the open transaction
        if wake.sweeps and self._behind(partition, now):
            self._wakeups.put(partition, key, now + BEHIND_MS, now)
            return
        session = self._stores.session(partition, key)
        self._wake(partition, key, session, now)
        if not session.wake_asked:
            cells.delete(key)
        self.keep(partition, key, session, now)
        self._fence(partition)

    def _behind(self, partition: int, now: int) -> bool:
        """Whether the partition has a backlog: then the past of a session may still be unread, so none is swept."""
        at, age = self._read.get(partition, (0, 0))
        return age > BEHIND_MS and now - at < QUIET_MS

    def _fence(self, partition: int) -> None:
        """Commit the partition's offset with what a wake-up wrote.

        Only offsets tie a transaction to the group's generation; without one a paused worker whose partition is
        long someone else's could still commit.
        """
        offset = max(self._offsets.get(partition, -1), self._resume_at(partition) - 1)
        if offset >= 0:
            self._app._processing_context.checkpoint._tp_offsets.setdefault((self._topic, partition), offset)

    def _follow_partitions(self, now: int) -> None:
        """Read the wake-ups of partitions that came, forget those that went, and look again now and then."""
        opened = self._stores.opened()
        rescan = now >= self._next_scan or self._wakeups.takes_more()
        if rescan:
            self._next_scan = now + RESCAN_MS
        for partition in [number for number in self._opened if number not in opened]:
            self._drop_partition(partition)
        for partition, store in opened.items():
            if self._opened.get(partition) is not store:
                self._drop_partition(partition)
            elif not rescan:
                continue
            self._opened[partition] = store
            self._scans.start(partition)
        for partition, key, wake in self._scans.turn(opened):
            self._wakeups.find(partition, key, wake.when, now)

    def _drop_partition(self, partition: int) -> None:
        self._opened.pop(partition, None)
        self._offsets.pop(partition, None)
        self._read.pop(partition, None)
        self._wakeups.forget(partition)
        self._scans.stop(partition)
