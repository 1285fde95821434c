"""Every clickhouse-connect call that Reelstream makes, against the one-machine stack's ClickHouse."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError
from clickhouse_migrations.clickhouse_cluster import ClickhouseCluster
from urllib3.exceptions import ProtocolError

from tests.integration.local_clickhouse_server import Server, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("clickhouse")) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with server.client() as connected:
        yield connected


@pytest.fixture
def table(client: Client) -> str:
    name = f"rows_{uuid.uuid4().hex}"
    client.command(
        f"CREATE TABLE {name} (id UInt64, text String CODEC(ZSTD(3))) ENGINE = MergeTree ORDER BY id"
        " SETTINGS non_replicated_deduplication_window = 1000"
    )
    return name


def count(client: Client, table: str) -> int:
    """Rows in the table, or of it under a condition."""
    return int(client.query(f"SELECT count() FROM {table}").result_rows[0][0])


def raw_stream(client: Client, sql: str, fmt: str) -> IO[bytes]:
    """The bytes of a result as they come."""
    return cast(IO[bytes], client.raw_stream(sql, fmt=fmt))


def test_ping_and_server_facts(client: Client) -> None:
    """A new client learns version and time zone, and ping is true."""
    assert client.ping()
    assert str(client.server_version).startswith("26.")
    assert str(client.server_tz) == "UTC"


def test_commands(client: Client, table: str) -> None:
    """DDL gives a summary, a statement with one value gives that value."""
    client.command(f"ALTER TABLE {table} ADD COLUMN extra UInt8 DEFAULT 7")
    client.command(f"INSERT INTO {table} (id) VALUES (1), (2)")
    assert client.command(f"SELECT sum(extra) FROM {table}") == 14
    assert client.command(f"EXISTS TABLE {table}") == 1
    assert client.command(f"INSERT INTO {table} (id, text) VALUES", data="(3, 'a;b'), (4, '--')") is not None
    assert client.command(f"SELECT groupArray(text) FROM {table} WHERE id > 2") == "['a;b','--']"
    client.command(f"TRUNCATE TABLE {table}")
    assert count(client, table) == 0


def test_insert_rows_and_columns(client: Client, table: str) -> None:
    """Rows and columns arrive as sent, with the count of rows written in the summary."""
    by_rows = client.insert(table, [[1, "a"], [2, "b\n\t'\\é"]], column_names=["id", "text"])
    by_columns = client.insert(table, [[3, 4], ["c", ""]], column_names=["id", "text"], column_oriented=True)
    assert (by_rows.written_rows, by_columns.written_rows) == (2, 2)
    assert client.query(f"SELECT * FROM {table} ORDER BY id").result_rows == [
        (1, "a"),
        (2, "b\n\t'\\é"),
        (3, "c"),
        (4, ""),
    ]


def test_deduplication_token(client: Client, table: str) -> None:
    """A repeated token inserts nothing, also in another session; without a token or with a new one rows arrive."""
    settings = {"async_insert": 0, "insert_deduplication_token": "blocks:0:1-2"}
    for _ in range(2):
        client.insert(table, [[1, "a"]], column_names=["id", "text"], settings=settings)
    assert count(client, table) == 1
    client.insert(table, [[2, "b"]], column_names=["id", "text"])
    assert count(client, table) == 2, "the token must not outlive its request"
    client.insert(
        table, [[3, "c"]], column_names=["id", "text"], settings=settings | {"insert_deduplication_token": "x"}
    )
    assert count(client, table) == 3


@pytest.mark.parametrize("compression", [None, "lz4", "zstd", "gzip"])
def test_every_block_of_a_large_insert_arrives(server: Server, table: str, compression: str | None) -> None:
    """A body of many blocks, each a frame of its own when compressed, is stored whole."""
    rows, text = 200_000, "x" * 200
    with server.client(compress=compression or False) as client:
        ids = list(range(rows))
        summary = client.insert(table, [ids, [text] * rows], column_names=["id", "text"], column_oriented=True)
        assert summary.written_rows == rows
        assert client.query(f"SELECT count(), sum(id) FROM {table}").result_rows == [(rows, sum(ids))]


@pytest.mark.parametrize("compression", [None, "lz4", "zstd", "gzip"])
def test_large_result_in_every_encoding(server: Server, compression: str | None) -> None:
    """A result of many blocks is read whole in every encoding, at once and streamed."""
    sql = "SELECT number, toString(number) FROM numbers(300000)"
    with server.client(compress=compression or False) as client:
        result = client.query(sql)
        assert (len(result.result_rows), result.result_rows[-1]) == (300_000, (299_999, "299999"))
        with client.query_row_block_stream(sql) as blocks:
            assert sum(len(block) for block in blocks) == 300_000


def test_raw_insert(client: Client, table: str) -> None:
    """Bytes in a format of the caller's arrive, whole, as a generator, and compressed."""
    native = client.raw_query("SELECT toUInt64(number + 10) AS id, 'n' AS text FROM numbers(2)", fmt="Native")
    lines = b'{"id": 1, "text": "a"}\n{"id": 2, "text": "b"}\n'
    client.raw_insert(table, ["id", "text"], lines, fmt="JSONEachRow")
    client.raw_insert(table, ["id", "text"], native, fmt="Native", settings={"async_insert": 0})
    generator = (json.dumps({"id": 100 + n, "text": "g" * 1000}).encode() + b"\n" for n in range(5000))
    client.raw_insert(table, ["id", "text"], generator, fmt="JSONEachRow")
    assert count(client, table) == 2 + 2 + 5000


def test_raw_stream(client: Client) -> None:
    """A large result streams as bytes in the format asked for."""
    stream = raw_stream(client, "SELECT number FROM numbers(2000000)", "RowBinary")
    total = 0
    while piece := stream.read(1 << 20):
        total += len(piece)
    assert total == 2_000_000 * 8


@pytest.mark.parametrize(
    ("fmt", "once"),
    [("JSON", b'"meta"'), ("JSONCompact", b'"meta"'), ("CSVWithNames", b'"number"'), ("JSONEachRow", b'"number":99}')],
)
def test_formats_with_a_header_are_one_result(client: Client, fmt: str, once: bytes) -> None:
    """A result of many blocks has one header and one footer in a format that has them."""
    sql = "SELECT number FROM numbers(100) SETTINGS max_block_size = 10"
    assert client.raw_query(sql, fmt=fmt).count(once) == 1
    assert raw_stream(client, sql, fmt).read().count(once) == 1


def test_parameters(client: Client) -> None:
    """Values of many types, bound on the server, come back as sent, also when too long for a URL."""
    some_id, at = uuid.uuid4(), datetime(2026, 11, 22, 1, 2, 3, 456000, tzinfo=UTC)
    result = client.query(
        "SELECT {u:UUID}, {s:String}, {n:Int64}, {a:Array(String)}, {d:DateTime64(3)}, {t:LowCardinality(String)}",
        parameters={"u": some_id, "s": "a'b\\c\n\té;--", "n": -5, "a": ["x'y", "ü", ""], "d": at, "t": "lc"},
    )
    assert result.result_rows == [(some_id, "a'b\\c\n\té;--", -5, ["x'y", "ü", ""], at.replace(tzinfo=None), "lc")]
    many = [str(uuid.uuid4()) for _ in range(2000)]
    assert client.query("SELECT length({m:Array(String)})", parameters={"m": many}).result_rows == [(2000,)]


def test_parameters_of_an_insert(client: Client, table: str) -> None:
    """An INSERT may take its values from parameters."""
    client.command(f"INSERT INTO {table} VALUES ({{id:UInt64}}, {{text:String}})", parameters={"id": 1, "text": "q'\n"})
    assert client.query(f"SELECT * FROM {table}").result_rows == [(1, "q'\n")]


def test_types_come_back(client: Client) -> None:
    """Maps, nullables, dates and nested types are read as their Python values."""
    row = client.query(
        "SELECT map('a', 1), [NULL, toNullable(2)], toDate('2026-11-22'), tuple(1, 'x'), toLowCardinality('v')"
    ).result_rows[0]
    assert row == ({"a": 1}, [None, 2], datetime(2026, 11, 22, tzinfo=UTC).date(), (1, "x"), "v")


def test_an_empty_result_has_its_columns(client: Client, table: str) -> None:
    """Column names and types of a result without rows are known, whether asked by LIMIT 0 or by a condition."""
    for sql in (f"SELECT id, text FROM {table} LIMIT 0", f"SELECT id, text FROM {table} WHERE id = {{x:UInt64}}"):
        result = client.query(sql, parameters={"x": 1} if "{x" in sql else None)
        assert result.column_names == ("id", "text")
        assert [kind.name for kind in result.column_types] == ["UInt64", "String"]
        assert result.result_rows == []


@pytest.mark.parametrize("compress", [False, "lz4", "zstd"])
def test_an_error_in_mid_stream_raises(server: Server, compress: bool | str) -> None:
    """A streamed result that fails half-way raises at the client: it never looks like a short result."""
    sql = "SELECT throwIf(number = 2000000, 'half way') FROM numbers(3000000)"
    with server.client(compress=compress) as client:
        with pytest.raises(StreamFailureError, match="half way"), client.query_row_block_stream(sql) as blocks:
            for _ in blocks:
                pass
        with pytest.raises(DatabaseError, match="half way") as raised:
            client.query(sql)
        assert raised.value.code == 395
        stream = raw_stream(client, sql, "RowBinary")
        with pytest.raises(ProtocolError):
            stream.read()
        assert client.query("SELECT 7").result_rows == [(7,)], "what failed must leave nothing in the next result"


@pytest.mark.parametrize(
    ("sql", "code", "name"),
    [
        ("SELECT * FROM no_such_table", 60, "UNKNOWN_TABLE"),
        ("SELEC 1", 62, "SYNTAX_ERROR"),
        ("SELECT 1; SELECT 2", 62, "SYNTAX_ERROR"),
        ("SELECT toUInt8('x')", 6, "CANNOT_PARSE_TEXT"),
        ("SELECT {p:String}", 456, "UNKNOWN_QUERY_PARAMETER"),
        ("SELECT sleep(3) SETTINGS max_execution_time = 1", 159, "TIMEOUT_EXCEEDED"),
        ("SELECT 1 FORMAT NoSuchFormat", 73, "UNKNOWN_FORMAT"),
    ],
)
def test_errors_have_their_code(client: Client, sql: str, code: int, name: str) -> None:
    """An error carries ClickHouse's code and name."""
    with pytest.raises(DatabaseError) as raised:
        client.command(sql)
    assert (raised.value.code, raised.value.name) == (code, name)


def test_errors_of_inserts(client: Client, table: str) -> None:
    """An INSERT into nowhere or of broken data says so, and stores nothing."""
    with pytest.raises(DatabaseError) as raised:
        client.raw_insert("no_such_table", ["id"], b'{"id": 1}', fmt="JSONEachRow")
    assert raised.value.code == 60
    with pytest.raises(DatabaseError):
        client.raw_insert(table, ["id"], b'{"id": 1}\n{"id": "what"}\n', fmt="JSONEachRow")
    with pytest.raises(DatabaseError):
        client.raw_insert(table, ["id"], b"\x04\x22\x4d\x18 not lz4", fmt="JSONEachRow", compression="lz4")
    assert count(client, table) == 0


def test_settings(server: Server) -> None:
    """Settings of a client and of one query are in force, for as long as they should be."""
    with server.client(settings={"max_block_size": 77}) as client:
        ask = "SELECT getSetting('max_block_size'), getSetting('max_threads')"
        assert client.query(ask, settings={"max_threads": 1}).result_rows == [(77, 1)]
        assert client.query("SELECT changed FROM system.settings WHERE name = 'max_threads'").result_rows == [(0,)]
        with pytest.raises(DatabaseError) as raised:
            client.query("SELECT 1", settings={"max_threads": "many"})
        assert raised.value.code is not None


def test_sessions_and_databases(server: Server, client: Client) -> None:
    """A session keeps its temporary table and `SET`; a database is the one asked for; others see neither."""
    client.command("CREATE DATABASE IF NOT EXISTS elsewhere")
    client.command("CREATE TEMPORARY TABLE mine (a UInt8)")
    client.command("INSERT INTO mine VALUES (5)")
    client.command("SET max_block_size = 99")
    assert client.query("SELECT a, getSetting('max_block_size') FROM mine").result_rows == [(5, 99)]
    with server.client(database="elsewhere") as other:
        assert other.query("SELECT currentDatabase()").result_rows == [("elsewhere",)]
        with pytest.raises(DatabaseError) as raised:
            other.query("SELECT a FROM mine")
        assert raised.value.code == 60
    with pytest.raises(DatabaseError) as raised:
        server.client(database="no_such_database").query("SELECT 1")
    assert raised.value.code == 81


def test_eight_clients_at_once(server: Server, table: str) -> None:
    """Clients in eight threads insert and read at the same time, each its own rows, none another's."""
    together = threading.Barrier(8)

    def work(number: int) -> int:
        with server.client() as own:
            together.wait()
            for batch in range(10):
                ids = list(range(number * 1_000_000 + batch * 100, number * 1_000_000 + batch * 100 + 100))
                own.insert(table, [ids, ["t"] * 100], column_names=["id", "text"], column_oriented=True)
                assert own.query(f"SELECT {number}, count() FROM numbers(1000)").result_rows == [(number, 1000)]
            return count(own, f"{table} WHERE intDiv(id, 1000000) = {number}")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == [1000] * 8


def test_migrations_run_twice(server: Server, tmp_path: Path) -> None:
    """clickhouse-migrations applies its files once; a second run finds nothing to do."""
    (tmp_path / "001_first.sql").write_text(
        "-- a comment; with a semicolon\n"
        "CREATE TABLE one (a UInt8) ENGINE = MergeTree ORDER BY a;\n"
        "INSERT INTO one VALUES (1);\n"
    )
    (tmp_path / "002_second.sql").write_text("ALTER TABLE one ADD COLUMN b String DEFAULT 'x';\n")
    applied = []
    for _ in range(2):
        cluster = ClickhouseCluster(
            db_host="127.0.0.1",
            db_port=str(server.port),
            db_user="default",
            db_password="",
            driver="clickhouse-connect",
        )
        applied.append(len(cluster.migrate("migrated", tmp_path, create_db_if_no_exists=True, multi_statement=True)))
    assert applied == [2, 0]
    with server.client(database="migrated") as client:
        assert client.query("SELECT a, b FROM one").result_rows == [(1, "x")]
