"""What has expired is shown by nobody, whatever merges do and wherever the server is; a session that was begun twice is
one recording to every reader.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import orjson
import pytest

from processors.record import Record
from processors.sink.writer import Bounds, Writer
from replay.errors import RefusalError
from replay.page_loads import Blocks
from replay.parameters import Parameters
from replay.playback import events
from replay.recordings import FILTERS, Recordings
from schemas import headers as h
from schemas.topics import BLOCKS, LOSSES, SESSIONS
from service.environment import ClusterSettings
from service.metrics import Metrics
from sql.migrate import MigrateSettings, migrate
from sql.queries import question
from tests.integration.migrated import (
    ClickHouseServer,
    failed_checks,
    migrated_cluster,
    open_store,
)
from tests.integration.servers import ClickHouse
from tests.unit.processors.sink.sink_records import PROJECT, STARTED, block, loss, summary, uid

FAR = 2**62
HOUR = 3_600_000
# Where a day begins first and last on earth.
ZONES = ("Pacific/Kiritimati", "Etc/GMT+12")


def day(distance: int) -> str:
    """A UTC day, so many after today."""
    return (datetime.now(UTC).date() + timedelta(days=distance)).isoformat()


class Readers:
    """The sink and everybody who reads, on one database."""

    def __init__(self, cluster: ClusterSettings) -> None:
        self.store = open_store(cluster)
        self.recordings, self.blocks = Recordings(self.store), Blocks(self.store)

    def put(self, topic: str, *records: Record) -> None:
        """Store records."""
        writer = Writer(self.store, Metrics(process=False), Bounds(1000, 64 << 20, 1.0), _refuse)
        for record in records:
            writer.add(topic, record)
        writer.flush()

    def session(self, session: int, last_day: str, started: int = STARTED, count: int = 1, offset: int = 0) -> None:
        """A session of `count` blocks of two events each, its summary, and one payload that was lost."""
        place = 100 * session + offset
        dates = {h.EXPIRES: last_day, h.STARTED: str(started)}
        blocks = [
            block(place + n, session=session, page=offset + 1, seq=f"{n}-{n}", keyframe=not n, changes=dates)
            for n in range(count)
        ]
        self.put(BLOCKS.name, *blocks)
        told = summary(place, session=session, blocks=count, started=started, counts={"events": 2 * count})
        self.put(
            SESSIONS.name, Record(told.key, {**told.headers, **dates}, told.value, told.received, told.coordinates)
        )
        self.put(LOSSES.name, loss(place, session=session, expires=last_day))

    def listed(self, query: str = "") -> dict[str, int]:
        """The list: events that each recording says it has. Each is there once, and described alike by itself."""
        found = self.recordings.page(PROJECT, Parameters(query, FILTERS))["recordings"]
        assert all(self.recordings.find(PROJECT, each["session_id"]) == each for each in found)
        ids = [each["session_id"] for each in found]
        assert len(set(ids)) == len(ids)
        return {each["session_id"]: each["counts"]["events"] for each in found}

    def played(self, session: int) -> int:
        """How many events a player gets; 404 raises."""
        loads = self.blocks.page_loads(self.recordings.require(PROJECT, uid(1, session)), "", -FAR, FAR)
        found = [orjson.loads(line) for line in events(self.blocks, loads, -FAR, FAR)]
        return len(found)

    def lost(self) -> int:
        """Payloads that `/api/losses` counts."""
        asked = {"project": PROJECT, "from_ms": 0, "to_ms": STARTED * 2, "session": "", "id": "", "samples": 1}
        return sum(row["payloads_lost"] for row in self.store.rows(question("losses"), asked))


def _refuse(record: Record, dead: object) -> None:
    raise AssertionError(dead)


@pytest.fixture
def readers(clickhouse: ClickHouseServer) -> Iterator[Readers]:
    """On a database of its own."""
    made = Readers(migrated_cluster(clickhouse))
    yield made
    made.store.close()


def test_what_has_expired_is_not_shown_while_merges_are_stopped(readers: Readers) -> None:
    """Past its last day, with its rows still there, a recording is listed, described, played and counted nowhere."""
    for table in ("blocks", "sessions", "losses"):
        readers.store.rows(f"SYSTEM STOP TTL MERGES {table}")
    for session, distance in enumerate((-3, -1, 0, 1)):
        readers.session(session, day(distance))
    for table in ("blocks", "sessions", "losses"):
        assert len(readers.store.rows(f"SELECT * EXCEPT (stored_at) FROM {table}")) == 4
    for zone in ("UTC", *ZONES):
        _set_zone(readers, zone)
        for order in ("newest", "oldest"):
            assert readers.listed(f"order={order}") == {uid(1, 2): 2, uid(1, 3): 2}
        assert [readers.played(session) for session in (2, 3)] == [2, 2]
        assert readers.lost() == 2
        for session in (0, 1):
            with pytest.raises(RefusalError):
                readers.recordings.find(PROJECT, uid(1, session))
            with pytest.raises(RefusalError):
                readers.played(session)
    # What they lack would otherwise be found by the checks.
    readers.store.rows("ALTER TABLE sessions DELETE WHERE expires_on < today() SETTINGS mutations_sync = 2")
    readers.store.rows("ALTER TABLE blocks UPDATE stored_at = now() - 3600 WHERE 1 SETTINGS mutations_sync = 2")
    assert failed_checks(readers.store) == {}


def _set_zone(readers: Readers, zone: str) -> None:
    """Make every question ask as if the server stood there."""
    readers.store._connected().set_client_setting("session_timezone", zone)


def test_the_last_day_ends_in_utc_wherever_the_server_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deletion is due when the last day is over in UTC, also for what was stored before that was so."""
    zone = ZONES[0]
    monkeypatch.setenv("TZ", zone)
    server = ClickHouse(tmp_path / "clickhouse")
    server.start()
    try:
        cluster = ClusterSettings(clickhouse_url=server.url, clickhouse_database="expiry")
        with monkeypatch.context() as patched:
            earlier = _first_migrations(tmp_path / "sql", 4)
            patched.setattr(resources, "files", lambda _: earlier)
            migrate(cluster, MigrateSettings())
        readers = Readers(cluster)
        assert readers.store.rows("SELECT serverTimezone() AS zone") == [{"zone": zone}]
        with monkeypatch.context() as patched:
            patched.setattr(readers.store, "insert", _insert_of_then(readers))
            readers.session(1, day(1))
        migrate(cluster, MigrateSettings())
        readers.session(2, day(2))
        _wait_for_mutations(readers)
        due = readers.store.rows(
            "SELECT table, partition, toUnixTimestamp(delete_ttl_info_min) AS soonest, "
            "toUnixTimestamp(delete_ttl_info_max) AS latest FROM system.parts "
            "WHERE active AND rows > 0 AND database = currentDatabase() AND table IN ('blocks', 'sessions', 'losses')"
        )
        assert len(due) == 6
        for row in due:
            assert row["soonest"] == row["latest"] == _end_of(row["partition"])
        assert readers.listed() == {uid(1, 1): 2, uid(1, 2): 2}
        assert readers.played(1) == 2
    finally:
        server.stop()


def _insert_of_then(readers: Readers) -> Callable[..., None]:
    """Inserts without the columns that tables did not have yet."""
    insert = readers.store.insert

    def insert_known(
        table: str, names: Sequence[str], columns: Sequence[Sequence[Any]], *, settings: Mapping[str, Any]
    ) -> None:
        asked = f"SELECT name FROM system.columns WHERE database = currentDatabase() AND table = '{table}'"
        there = {row["name"] for row in readers.store.rows(asked)}
        known = [(name, column) for name, column in zip(names, columns, strict=True) if name in there]
        insert(table, [name for name, _ in known], [column for _, column in known], settings=settings)

    return insert_known


def _first_migrations(folder: Path, count: int) -> Path:
    shutil.copytree(str(resources.files("sql") / "migrations"), folder / "migrations")
    for path in sorted((folder / "migrations").glob("*.sql"))[count:]:
        path.unlink()
    return folder


def _wait_for_mutations(readers: Readers) -> None:
    for _ in range(600):
        if not readers.store.rows("SELECT 1 FROM system.mutations WHERE NOT is_done AND database = currentDatabase()"):
            return
        readers.store.rows("SELECT sleep(0.05)")
    raise AssertionError("mutations go on")


def _end_of(partition: str) -> int:
    """When a partition's day is over in UTC, s since 1970."""
    next_day = date.fromisoformat(partition) + timedelta(days=1)
    return int(datetime(next_day.year, next_day.month, next_day.day, tzinfo=UTC).timestamp())


def test_a_session_begun_twice_is_one_recording(readers: Readers) -> None:
    """A session stored under two starts is listed once, with the dates, the summary and the events of its first one."""
    first, again = STARTED, STARTED + 27 * HOUR
    readers.session(1, day(3), first, count=2)
    readers.session(1, day(4), again, count=3, offset=50)
    readers.session(2, day(4), again, count=1)
    for order in ("newest", "oldest"):
        assert readers.listed(f"order={order}") == {uid(1, 1): 4, uid(1, 2): 2}
    # A filter that only the other start would pass does not bring it back.
    assert readers.listed("from=2026-09-22T00:00:00Z") == {uid(1, 2): 2}
    found: dict[str, Any] = readers.recordings.find(PROJECT, uid(1, 1))
    assert (found["started_at"], found["expires_on"]) == ("2026-09-21T14:13:20.000Z", day(3))
    assert (readers.played(1), readers.played(2)) == (4, 2)
    readers.store.rows("ALTER TABLE blocks UPDATE stored_at = now() - 3600 WHERE 1 SETTINGS mutations_sync = 2")
    readers.store.rows("ALTER TABLE sessions UPDATE stored_at = now() - 3600 WHERE 1 SETTINGS mutations_sync = 2")
    assert failed_checks(readers.store) == {}


def test_a_session_begun_twice_under_one_start_is_one_recording(readers: Readers) -> None:
    """Where two last days were stored for one start, list, summary and events are those of the sooner one."""
    readers.session(1, day(3), count=2)
    readers.session(1, day(4), count=5, offset=50)
    for order in ("newest", "oldest"):
        assert readers.listed(f"order={order}") == {uid(1, 1): 4}
    assert readers.played(1) == 4


def test_when_the_first_start_has_expired_the_second_is_the_recording(readers: Readers) -> None:
    """Each start has its last day: what is left of a session is listed and played as one recording."""
    readers.session(1, day(-1), STARTED, count=2)
    readers.session(1, day(4), STARTED + 27 * HOUR, count=3, offset=50)
    assert readers.listed() == {uid(1, 1): 6}
    assert readers.played(1) == 6
