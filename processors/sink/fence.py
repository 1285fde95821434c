"""What ClickHouse already holds, so that a record read again is not inserted again.

One INSERT is one part of one ClickHouse partition and holds a run of offsets in order, so per (table, last day, topic
id, topic, partition) everything up to the highest stored offset is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from processors.sink.coordinates import Coordinates
from processors.sink.rows import TABLES, Row
from processors.stop import StopError
from sql.queries import question
from sql.store import Store

NOTHING = -1


class Fence:
    """Highest stored offsets, read once per Kafka partition and table, then kept up by `advance`."""

    def __init__(self, store: Store, call: Callable[[Callable[[], None]], None]) -> None:
        self._store = store
        self._call = call
        self._known: dict[tuple[str, str, int], dict[tuple[date, str], int]] = {}

    def unstored(self, rows: list[Row]) -> list[Row]:
        """Of rows in offset order those that are not stored, each once. Raises UnavailableError."""
        fresh: list[Row] = []
        for row in rows:
            again = bool(fresh) and fresh[-1].coordinates == row.coordinates
            if not again and row.coordinates.offset > self._stored(row):
                fresh.append(row)
        return fresh

    def advance(self, row: Row) -> None:
        """The row was stored, and every row of its sequence before it."""
        at = row.coordinates
        self._offsets(row.table, at.topic, at.partition)[row.expires_on, at.epoch] = at.offset

    def forget(self, topic: str, partition: int) -> None:
        """Another process may write this partition now: read again when asked next."""
        for table in TABLES:
            self._known.pop((table, topic, partition), None)

    def check_end(self, end: Coordinates) -> None:
        """`end` is the place the topic will write next. Raises StopError if it is stored already."""
        for table in TABLES:
            offsets = self._offsets(table, end.topic, end.partition)
            stored = max((offset for (_, epoch), offset in offsets.items() if epoch == end.epoch), default=NOTHING)
            if stored >= end.offset:
                raise StopError(
                    f"Partition {end.partition} of {end.topic} ends at offset {end.offset}, but offset {stored} of it "
                    f"is stored in {table}: the topic lost records, so going on would skip new ones as known."
                )

    def _stored(self, row: Row) -> int:
        """Highest stored offset of the row's own sequence, NOTHING if there is none."""
        at = row.coordinates
        return self._offsets(row.table, at.topic, at.partition).get((row.expires_on, at.epoch), NOTHING)

    def _offsets(self, table: str, topic: str, partition: int) -> dict[tuple[date, str], int]:
        key = (table, topic, partition)
        if key not in self._known:
            self._call(lambda: self._read(table, topic, partition))
        return self._known[key]

    def _read(self, table: str, topic: str, partition: int) -> None:
        rows = self._store.rows(question("stored_offsets"), {"table": table, "topic": topic, "partition": partition})
        self._known[table, topic, partition] = {(row["expires_on"], row["epoch"]): row["stored"] for row in rows}
