"""Tables are made by migrations that can be run again, and that refuse an edited history."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

from processors.sink.rows import COLUMNS
from processors.sink.writer import Bounds, Writer
from schemas.topics import BLOCKS, SESSIONS
from service.environment import ClusterSettings
from service.metrics import Metrics
from sql.migrate import MigrateSettings, MigrationError, migrate
from sql.queries import checks, question
from tests.integration.migrated import ClickHouseServer, failed_checks, fresh_cluster, migrated_cluster, open_store
from tests.unit.processors.sink.sink_records import block, cut_value, summary, uid


def test_migrations_apply_once(clickhouse: ClickHouseServer) -> None:
    """The first run makes every table and says so; the second finds nothing to do."""
    cluster = fresh_cluster(clickhouse)
    first = migrate(cluster, MigrateSettings())
    assert first == sorted(path.name for path in (resources.files("sql") / "migrations").iterdir())
    assert migrate(cluster, MigrateSettings()) == []


def test_edited_history_is_refused(
    clickhouse: ClickHouseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A migration that was applied and then edited stops the run with one clear sentence."""
    cluster = migrated_cluster(clickhouse)
    copy = tmp_path / "sql"
    shutil.copytree(str(resources.files("sql")), copy)
    edited = copy / "migrations" / "0001_create_blocks.sql"
    edited.write_text(edited.read_text().replace("128", "256"))
    monkeypatch.setattr(resources, "files", lambda _: copy)
    with pytest.raises(MigrationError, match=r"edited since .*version is 1.*restore its file"):
        migrate(cluster, MigrateSettings())


def test_absent_clickhouse_is_said_in_time() -> None:
    """Without ClickHouse the wait is bounded and ends in one sentence."""
    cluster = ClusterSettings(clickhouse_url="http://127.0.0.1:9")
    with pytest.raises(MigrationError, match=r"did not answer within 0\.2 s"):
        migrate(cluster, MigrateSettings(wait_seconds=0.2))


def test_command_says_how_it_went(clickhouse: ClickHouseServer) -> None:
    """`reelstream migrate` ends with 0 when done, 1 when ClickHouse is away, 2 for settings it cannot use."""
    database = fresh_cluster(clickhouse).clickhouse_database
    good = {"REELSTREAM_CLICKHOUSE_URL": clickhouse.url, "REELSTREAM_CLICKHOUSE_DATABASE": database}
    away = {"REELSTREAM_CLICKHOUSE_URL": "http://127.0.0.1:9", "REELSTREAM_MIGRATE_WAIT_SECONDS": "0"}
    for settings, code in ((good, 0), (good, 0), (away, 1), ({"REELSTREAM_MIGRATE_WAIT": "1"}, 2)):
        environment = {name: text for name, text in os.environ.items() if not name.startswith("REELSTREAM_")}
        ended = subprocess.run(
            [sys.executable, "reelstream.py", "migrate"],
            cwd=Path(__file__).parents[2],
            env=environment | settings,
            capture_output=True,
            timeout=60,
        )
        assert ended.returncode == code, ended


def test_columns_match_tables(clickhouse: ClickHouseServer) -> None:
    """The sink fills the columns without a default and those whose default says "not known"; all are explained."""
    cluster = migrated_cluster(clickhouse)
    found = open_store(cluster).rows(
        "SELECT table, name, default_expression, comment FROM system.columns WHERE database = currentDatabase()"
    )
    for table, names in COLUMNS.items():
        columns = [column for column in found if column["table"] == table]
        assert {column["name"] for column in columns if column["default_expression"] in ("", "-1")} == set(names)
        assert all(column["comment"] for column in columns)


def test_checks_run_on_empty_tables(clickhouse: ClickHouseServer) -> None:
    """Every check is valid SQL and finds nothing wrong with nothing."""
    store = open_store(migrated_cluster(clickhouse))
    assert checks()
    for name, text in checks().items():
        assert store.rows(text) == [], name


def test_checks_find_what_is_wrong(clickhouse: ClickHouseServer) -> None:
    """Each check is silent over a sound session and names the one that breaks its rule, once rows have settled."""
    cluster = migrated_cluster(clickhouse)
    store = open_store(cluster)

    def fail(*_: object) -> None:
        raise AssertionError

    writer = Writer(store, Metrics(process=False), Bounds(1000, 64 << 20, 1.0), fail)
    torn = cut_value(4, b"x" * 90, 3, session=4, seq="0-0")[:2]
    for record in (block(0, session=1), block(1, session=1), block(2, session=2), block(3, session=3), *torn):
        writer.add(BLOCKS.name, record)
    writer.add(SESSIONS.name, summary(0, session=1, blocks=2, counts={"events": 4}))
    writer.add(SESSIONS.name, summary(1, session=3, blocks=1, counts={"events": 5}))
    writer.add(SESSIONS.name, summary(2, session=4, blocks=2, counts={"events": 2}))
    writer.flush()
    assert failed_checks(store) == {}
    for table in ("blocks", "sessions"):
        store.rows(
            f"ALTER TABLE {table} UPDATE stored_at = stored_at - INTERVAL 1 HOUR WHERE 1 SETTINGS mutations_sync = 2"
        )
    found = failed_checks(store)
    assert {name: [str(row["session_id"]) for row in rows] for name, rows in found.items()} == {
        "orphan_blocks": [uid(1, 2)],
        "totals_differ": [uid(1, 3)],
        "incomplete_values": [uid(1, 4)],
    }
    store.rows("INSERT INTO blocks SELECT * REPLACE (first_seq + 9 AS first_seq) FROM blocks WHERE offset = 1")
    (twice,) = failed_checks(store)["duplicate_coordinates"]
    assert (twice["offset"], twice["copies"]) == (1, 2)


def test_fence_question_reads_only_the_projection(clickhouse: ClickHouseServer) -> None:
    """The highest stored offset is answered from the aggregate projection of every table."""
    store = open_store(migrated_cluster(clickhouse))
    store.rows(
        "INSERT INTO losses (project, expires_on, epoch, topic, partition, offset) "
        "SELECT 'p', toDate('2031-01-02'), 'e', 't', 1, number FROM numbers(100000)"
    )
    plan = store.rows("EXPLAIN " + question("stored_offsets"), {"table": "losses", "topic": "t", "partition": 1})
    assert any("stored_to" in row["explain"] for row in plan)
