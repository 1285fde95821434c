"""The writer stores each record once, whatever happens between an insert and the commit."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from processors.outcome import Dead
from processors.record import Record
from processors.sink.coordinates import parse_coordinates
from processors.sink.writer import Bounds, OnDead, Writer
from processors.stop import StopError
from schemas import headers as h
from schemas.reasons import Reason
from schemas.topics import BLOCKS, LOSSES, SESSIONS
from service.environment import ClusterSettings
from service.metrics import Metrics
from sql.store import Store, UnavailableError
from tests.integration.migrated import ClickHouseServer, failed_checks, migrated_cluster, open_store
from tests.unit.processors.sink.sink_records import EPOCH, block, loss, summary

SEED = 20261122
BOUNDS = Bounds(insert_rows=1000, insert_bytes=64 << 20, retry_seconds=0.5)


class _KilledError(BaseException):
    """Stands for the end of the process."""


class _DyingStore(Store):
    """The process ends right before the INSERT after so many."""

    def __init__(self, cluster: ClusterSettings, inserts: int) -> None:
        super().__init__(cluster, connect_timeout=2, answer_timeout=30)
        self._left = inserts

    def insert(self, *arguments: Any, **options: Any) -> None:
        if self._left == 0:
            raise _KilledError
        self._left -= 1
        super().insert(*arguments, **options)


class _DeafStore(Store):
    """The answer to the first INSERT is lost."""

    _heard = False

    def insert(self, *arguments: Any, **options: Any) -> None:
        super().insert(*arguments, **options)
        if not self._heard:
            self._heard = True
            raise UnavailableError(None)


class _ForgetfulStore(Store):
    """ClickHouse is killed during the first INSERT: it knows the token, and has not got the rows."""

    _killed = False

    def insert(self, table: str, *arguments: Any, **options: Any) -> None:
        super().insert(table, *arguments, **options)
        if not self._killed:
            self._killed = True
            self.rows(f"ALTER TABLE {table} DELETE WHERE stored_at > 0", settings={"mutations_sync": 2})
            raise UnavailableError(None)


@dataclass
class _Sink:
    """One life of a sink process: its memory ends with it, ClickHouse stays."""

    cluster: ClusterSettings
    bounds: Bounds = BOUNDS
    store_to: Store | None = None
    metrics: Metrics = field(default_factory=lambda: Metrics(process=False))
    dead: list[tuple[str, Reason]] = field(default_factory=list)
    on_dead: OnDead | None = None

    def __post_init__(self) -> None:
        store = self.store_to or open_store(self.cluster)
        self.writer = Writer(store, self.metrics, self.bounds, self.on_dead or self._set_aside)

    def _set_aside(self, record: Record, dead: Dead) -> None:
        self.dead.append((record.coordinates, dead.reason))

    def store(self, topic: str, records: list[Record]) -> None:
        for record in records:
            self.writer.add(topic, record)
        self.writer.flush()


@pytest.fixture
def cluster(clickhouse: ClickHouseServer) -> ClusterSettings:
    return migrated_cluster(clickhouse)


@pytest.fixture
def store(cluster: ClusterSettings) -> Iterator[Store]:
    opened = open_store(cluster)
    yield opened
    opened.close()


def _counts(store: Store, table: str) -> tuple[int, int]:
    """(rows as stored, records among them): equal when nothing was ever stored twice."""
    (row,) = store.rows(f"SELECT count() AS rows, uniqExact(epoch, topic, partition, offset) AS records FROM {table}")
    return row["rows"], row["records"]


def _partitions(count: int) -> list[Record]:
    """Blocks of four partitions and two last days, in the order a consumer might see them."""
    records = [
        block(
            offset,
            session=offset % 7,
            partition=partition,
            changes={h.EXPIRES: "2031-01-02" if offset % 3 else "2031-01-03"},
        )
        for partition in range(4)
        for offset in range(count)
    ]
    return sorted(records, key=lambda record: parse_coordinates(record.coordinates).offset)


def test_same_and_overlapping_ranges_are_stored_once(cluster: ClusterSettings, store: Store) -> None:
    """A sink that dies after any number of inserts and before the commit stores each record once when it comes back.

    The end of a batch after a restart is another one than before it, as it is with a real consumer.
    """
    dice = random.Random(SEED)
    records = _partitions(120)
    committed = lives = 0
    while committed < len(records):
        lives += 1
        dying = _DyingStore(cluster, dice.randint(1, 20))
        sink = _Sink(cluster, Bounds(insert_rows=17, insert_bytes=64 << 20, retry_seconds=0.5), dying)
        with suppress(_KilledError):
            while committed < len(records):
                end = committed + dice.randint(1, 90)
                sink.store(BLOCKS.name, records[committed:end])
                if dice.random() < 0.3:
                    break
                committed = end
    assert lives > 5, f"seed {SEED} made few crashes"
    assert _counts(store, "blocks") == (480, 480)
    (events,) = store.rows("SELECT sum(events) AS events FROM blocks")
    assert events["events"] == 960


def test_all_tables_share_a_flush(cluster: ClusterSettings, store: Store) -> None:
    """Blocks, summaries and losses of one flush are all there; a later version of a summary is the one shown."""
    sink = _Sink(cluster)
    sink.writer.add(BLOCKS.name, block(0, seq="0-0"))
    sink.writer.add(LOSSES.name, loss(0))
    sink.writer.add(SESSIONS.name, summary(0, version=1))
    sink.writer.add(SESSIONS.name, summary(1, version=2, counts={"events": 2}))
    assert sink.writer.pending_bytes > 0
    sink.writer.flush()
    assert sink.writer.pending_bytes == 0
    assert [_counts(store, table)[0] for table in ("blocks", "losses")] == [1, 1]
    (shown,) = store.rows("SELECT version, events FROM sessions FINAL")
    assert shown == {"version": 2, "events": 2}
    assert failed_checks(store) == {}
    assert sink.metrics.counter("reelstream_sink_rows_total", "sessions")._value.get() == 2


def test_block_value_is_stored_byte_for_byte(cluster: ClusterSettings, store: Store) -> None:
    """Compressed bytes come back as they were, also those that are no text."""
    value = bytes(range(256)) * 100
    _Sink(cluster).store(BLOCKS.name, [block(0, value=value)])
    (found,) = store.rows("SELECT value, sources FROM blocks", formats={"value": "bytes"})
    assert found["value"] == value
    assert found["sources"] == ["rawid/replay.raw.v1/0/0"]


def test_refused_rows_are_set_aside_and_the_rest_stored(cluster: ClusterSettings, store: Store) -> None:
    """Rows that ClickHouse refuses are found among good ones, set aside in order, and cost no other row."""
    store.rows("ALTER TABLE blocks ADD CONSTRAINT no_sevens CHECK last_seq % 7 != 0")
    sink = _Sink(cluster)
    sink.store(BLOCKS.name, [block(offset) for offset in range(30)])
    assert sink.dead == [(f"{EPOCH}/{BLOCKS.name}/0/{offset}", Reason.BAD_ROW) for offset in (0, 7, 14, 21, 28)]
    assert _counts(store, "blocks") == (25, 25)


def test_refused_row_is_set_aside_before_what_follows_is_stored(cluster: ClusterSettings, store: Store) -> None:
    """When a dead letter cannot be written, nothing behind it is stored: the fence would hide it for ever."""
    store.rows("ALTER TABLE blocks ADD CONSTRAINT no_sevens CHECK last_seq != 7")

    def fail(_record: Record, _dead: Dead) -> None:
        raise _KilledError

    with pytest.raises(_KilledError):
        _Sink(cluster, on_dead=fail).store(BLOCKS.name, [block(offset) for offset in range(30)])
    (highest,) = store.rows("SELECT max(offset) AS offset FROM blocks")
    assert highest["offset"] == 6
    again = _Sink(cluster)
    again.store(BLOCKS.name, [block(offset) for offset in range(30)])
    assert again.dead == [(f"{EPOCH}/{BLOCKS.name}/0/7", Reason.BAD_ROW)]
    assert _counts(store, "blocks") == (29, 29)


def test_unreadable_records_are_set_aside(cluster: ClusterSettings, store: Store) -> None:
    """A record that makes no row is set aside at the flush and never reaches ClickHouse."""
    sink = _Sink(cluster)
    sink.store(BLOCKS.name, [block(0), block(1, changes={h.PAGE: None}), block(2, changes={h.EXPIRES: "2999-01-01"})])
    assert [reason for _, reason in sink.dead] == [Reason.BAD_HEADERS, Reason.BAD_HEADERS]
    assert _counts(store, "blocks") == (1, 1)


def test_absence_is_waited_out_then_raised(
    clickhouse: ClickHouseServer, cluster: ClusterSettings, store: Store
) -> None:
    """While ClickHouse is away a flush fails in bounded time and keeps its rows; afterwards they are stored once."""
    sink = _Sink(cluster)
    sink.store(BLOCKS.name, [block(0)])
    clickhouse.kill()
    try:
        with pytest.raises(UnavailableError):
            sink.store(BLOCKS.name, [block(1), block(2)])
    finally:
        clickhouse.start()
    assert sink.metrics.counter("reelstream_sink_insert_retries_total", "blocks")._value.get() >= 1
    sink.writer.flush()
    assert _counts(store, "blocks") == (3, 3)


def test_lost_answer_is_not_a_second_insert(cluster: ClusterSettings, store: Store) -> None:
    """An INSERT repeated because its answer was lost is taken once, by its token."""
    deaf = _DeafStore(cluster, connect_timeout=2, answer_timeout=30)
    _Sink(cluster, store_to=deaf).store(BLOCKS.name, [block(0), block(1)])
    assert _counts(store, "blocks") == (2, 2)


def test_token_without_rows_is_not_an_insert(cluster: ClusterSettings, store: Store) -> None:
    """An INSERT that ClickHouse noted and did not keep is sent again until it is there."""
    forgetful = _ForgetfulStore(cluster, connect_timeout=2, answer_timeout=30)
    sink = _Sink(cluster, store_to=forgetful)
    sink.store(BLOCKS.name, [block(0), block(1)])
    assert _counts(store, "blocks") == (2, 2)
    sink.store(BLOCKS.name, [block(1), block(2)])
    assert _counts(store, "blocks") == (3, 3)


def test_token_without_rows_outlives_a_pause(cluster: ClusterSettings, store: Store) -> None:
    """The same when the sink gave up for a while, and with more rows behind those that were sent."""
    forgetful = _ForgetfulStore(cluster, connect_timeout=2, answer_timeout=30)
    sink = _Sink(cluster, Bounds(insert_rows=2, insert_bytes=64 << 20, retry_seconds=0), forgetful)
    with pytest.raises(UnavailableError):
        sink.store(BLOCKS.name, [block(0), block(1), block(2)])
    sink.store(BLOCKS.name, [block(3)])
    assert _counts(store, "blocks") == (4, 4)


def test_stored_and_unanswered_is_found_after_a_pause(cluster: ClusterSettings, store: Store) -> None:
    """Rows whose INSERT was stored and never answered are not sent a second time in another company."""
    deaf = _DeafStore(cluster, connect_timeout=2, answer_timeout=30)
    sink = _Sink(cluster, Bounds(insert_rows=1000, insert_bytes=64 << 20, retry_seconds=0), deaf)
    with pytest.raises(UnavailableError):
        sink.store(BLOCKS.name, [block(0), block(1)])
    sink.store(BLOCKS.name, [block(2)])
    assert _counts(store, "blocks") == (3, 3)


def test_token_without_rows_outlives_reading_again(cluster: ClusterSettings, store: Store) -> None:
    """The same records, read again after the sink gave up, are sent until they are there."""
    forgetful = _ForgetfulStore(cluster, connect_timeout=2, answer_timeout=30)
    sink = _Sink(cluster, Bounds(insert_rows=1000, insert_bytes=64 << 20, retry_seconds=0), forgetful)
    with pytest.raises(UnavailableError):
        sink.store(BLOCKS.name, [block(0), block(1)])
    sink.writer.clear()
    sink.store(BLOCKS.name, [block(0), block(1)])
    assert _counts(store, "blocks") == (2, 2)


def test_fence_follows_reassignment(cluster: ClusterSettings, store: Store) -> None:
    """After a partition was elsewhere, what the other process stored is not stored again."""
    here, there = _Sink(cluster), _Sink(cluster)
    here.store(BLOCKS.name, [block(0)])
    here.writer.add(BLOCKS.name, block(1))
    here.writer.forget(BLOCKS.name, 0)
    there.store(BLOCKS.name, [block(1), block(2)])
    here.store(BLOCKS.name, [block(2), block(3)])
    assert _counts(store, "blocks") == (4, 4)


def test_topic_made_anew_is_another_sequence(cluster: ClusterSettings, store: Store) -> None:
    """Offsets that restart under a new topic id are new records."""
    _Sink(cluster).store(BLOCKS.name, [block(offset) for offset in range(5)])
    _Sink(cluster).store(
        BLOCKS.name, [block(offset, seq=f"{offset + 5}-{offset + 5}", epoch="new") for offset in (0, 1)]
    )
    assert _counts(store, "blocks") == (7, 7)


def test_topic_that_ends_before_what_is_stored_stops_the_sink(cluster: ClusterSettings) -> None:
    """A topic of the same id that ends at or below a stored offset is refused in one sentence; others are not."""
    _Sink(cluster).store(BLOCKS.name, [block(offset) for offset in range(5)])
    writer = _Sink(cluster).writer
    writer.check_end(f"{EPOCH}/{BLOCKS.name}/0/5")
    writer.check_end(f"new/{BLOCKS.name}/0/0")
    writer.check_end(f"{EPOCH}/{BLOCKS.name}/1/0")
    with pytest.raises(StopError, match=r"ends at offset 4, but offset 4 of it is stored in blocks"):
        writer.check_end(f"{EPOCH}/{BLOCKS.name}/0/4")


def test_insert_is_one_part(cluster: ClusterSettings, store: Store) -> None:
    """The largest INSERT we send becomes one part, so it is there whole or not at all."""
    sink = _Sink(cluster, Bounds(insert_rows=100_000, insert_bytes=200 << 20, retry_seconds=0.5))
    value = random.Random(SEED).randbytes(20_000)
    sink.store(BLOCKS.name, [block(offset, value=value) for offset in range(5000)])
    (parts,) = store.rows(
        "SELECT count() AS parts, sum(rows) AS rows FROM system.parts "
        "WHERE database = currentDatabase() AND table = 'blocks' AND active"
    )
    assert parts == {"parts": 1, "rows": 5000}
