"""The sink's core: gathers the rows of one checkpoint and stores each once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from processors.outcome import Dead
from processors.record import Record
from processors.sink.coordinates import parse_coordinates
from processors.sink.delivery import Delivery
from processors.sink.fence import Fence
from processors.sink.inserts import cut, group
from processors.sink.patience import Patience
from processors.sink.rows import Row
from processors.sink.transform import to_row
from schemas.header_forms import events_of
from schemas.reasons import Reason
from service.metrics import Metrics
from sql.store import RefusedDataError, Store

# Each table and last day is an INSERT and a ClickHouse partition of its own: 64 of them fill a checkpoint of 16 MiB, so
# that no checkpoint takes long, whatever days its records name.
GROUP_BYTES = 256 * 1024
# Sets a record aside. It must be durable on return: what lies behind the record is stored right after.
OnDead = Callable[[Record, Dead], None]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Most rows and bytes of one INSERT, and seconds it is tried again."""

    insert_rows: int
    insert_bytes: int
    retry_seconds: float


class Writer:
    """`add` records as they come, `flush` before their offsets are committed. One thread at a time.

    After an UnavailableError the rows are still here: call `flush` again, or `clear` and read them again.
    """

    def __init__(
        self,
        store: Store,
        metrics: Metrics,
        bounds: Bounds,
        on_dead: OnDead,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._metrics = metrics
        self._bounds = bounds
        self._on_dead = on_dead
        self._wall = wall
        patience = Patience(bounds.retry_seconds, clock, sleep)
        self._fence = Fence(store, patience.call)
        self._delivery = Delivery(store, self._fence, metrics, patience, clock)
        self._rows: list[Row] = []
        self._dead: list[tuple[Record, Dead]] = []
        self._groups: set[tuple[str, date]] = set()
        self.pending_bytes = 0

    def add(self, topic: str, record: Record) -> None:
        """Keep a record of `topic` (its name without a deployment's prefix) for the next flush."""
        match to_row(topic, record):
            case Row() as row:
                self._rows.append(row)
                self.pending_bytes += row.size
                if (group := (row.table, row.expires_on)) not in self._groups:
                    self._groups.add(group)
                    self.pending_bytes += GROUP_BYTES
            case Dead() as dead:
                self._set_aside(record, dead)

    def set_aside(self, record: Record, reason: Reason) -> None:
        """Make a dead letter of a record at the next flush."""
        self._set_aside(record, Dead(reason, record.headers, record.received, events_of(record.headers)))

    def flush(self) -> None:
        """Store everything added. When it returns, the offsets may be committed.

        Raises UnavailableError when ClickHouse stays away; on_dead may raise what it likes.
        """
        while self._dead:
            self._on_dead(*self._dead[0])
            self._dead.pop(0)
        for rows in group(self._rows):
            fresh = self._fence.unstored(rows)
            self._metrics.counter("reelstream_sink_skipped_rows_total", rows[0].table).inc(len(rows) - len(fresh))
            for run in cut(fresh, self._bounds.insert_rows, self._bounds.insert_bytes):
                self._insert(run)
        self.clear()
        self._delivery.renew_tokens()

    def clear(self) -> None:
        """Forget what was added since the last flush: the records will be read again."""
        self._rows.clear()
        self._dead.clear()
        self._groups.clear()
        self.pending_bytes = 0

    def forget(self, topic: str, partition: int) -> None:
        """A partition came or went; `topic` is named as in the coordinates.

        What was added of it and not flushed is dropped; whoever has the partition reads it again.
        """
        self._fence.forget(topic, partition)
        gone = f"/{topic}/{partition}/"
        self._rows = [row for row in self._rows if gone not in row.record.coordinates]
        self._dead = [(record, dead) for record, dead in self._dead if gone not in record.coordinates]
        self._groups = {(row.table, row.expires_on) for row in self._rows}
        self.pending_bytes = sum(row.size for row in self._rows) + GROUP_BYTES * len(self._groups)
        self.pending_bytes += sum(map(_size, self._dead))

    def check_end(self, coordinates: str) -> None:
        """Call with the place a partition will write next, before the first flush of its records.

        Raises StopError if that place is stored already, UnavailableError if ClickHouse stays away.
        """
        self._fence.check_end(parse_coordinates(coordinates))

    def _set_aside(self, record: Record, dead: Dead) -> None:
        self._dead.append((record, dead))
        self.pending_bytes += _size(self._dead[-1])

    def _insert(self, rows: list[Row]) -> None:
        """Store rows in order. A refused row is found by halving, left to right, and set aside before what follows."""
        try:
            self._delivery.deliver(rows)
        except RefusedDataError:
            if len(rows) == 1:
                record = rows[0].record
                self._on_dead(record, Dead(Reason.BAD_ROW, record.headers, record.received, events_of(record.headers)))
                return
            middle = len(rows) // 2
            self._insert(rows[:middle])
            self._insert(rows[middle:])
        else:
            self._note(rows)

    def _note(self, rows: list[Row]) -> None:
        table, now = rows[0].table, self._wall()
        self._metrics.counter("reelstream_sink_rows_total", table).inc(len(rows))
        age = self._metrics.histogram("reelstream_sink_queryable_seconds", table)
        for row in rows:
            self._fence.advance(row)
            age.observe(max(0.0, now - row.record.received / 1000))


def _size(aside: tuple[Record, Dead]) -> int:
    # 1 KiB: about what its headers and its loss take.
    return len(aside[0].value) + 1024
