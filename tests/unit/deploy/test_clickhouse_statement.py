"""How a statement is read before it goes to the engine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.clickhouse.errors import ClickHouseError
from deploy.local.clickhouse.statement import Kind, read_statement


@pytest.mark.parametrize(
    ("sql", "kind", "format_name"),
    [
        (b"select 1", Kind.SELECT, None),
        (b"  -- note\n/* FORMAT x */ WITH 1 AS a SELECT a FORMAT Native", Kind.SELECT, "Native"),
        (b"SELECT 1\n FORMAT JSON;", Kind.SELECT, "JSON"),
        (b"SELECT 1 FORMAT JSON SETTINGS max_threads = 1", Kind.SELECT, "JSON"),
        (b"SELECT 1 AS format FROM t", Kind.SELECT, None),
        (b"SELECT ' FORMAT CSV'", Kind.SELECT, None),
        (b"(SELECT 1) UNION ALL (SELECT 2)", Kind.SELECT, None),
        (b"SHOW TABLES FORMAT CSV", Kind.OTHER_ROWS, "CSV"),
        (b"CREATE TABLE t (a UInt8) ENGINE = Memory", Kind.NO_ROWS, None),
        (b"INSERT INTO t SELECT 1", Kind.NO_ROWS, None),
    ],
)
def test_kind_and_format(sql: bytes, kind: Kind, format_name: str | None) -> None:
    """The kind and the statement's own format are found outside quotes, comments and parentheses."""
    statement = read_statement(sql)
    assert (statement.kind, statement.format) == (kind, format_name)


def test_a_select_without_its_format() -> None:
    """`body_end` cuts a FORMAT clause off and leaves the rest."""
    sql = b"SELECT 1 SETTINGS max_threads = 1 FORMAT Native"
    assert sql[: read_statement(sql).body_end] == b"SELECT 1 SETTINGS max_threads = 1 "


@pytest.mark.parametrize(
    ("sql", "head", "format_name", "data"),
    [
        (b"INSERT INTO t FORMAT Native\n\n\x01", b"INSERT INTO t ", "Native", b"\n\x01"),
        (b"insert into `a b`.t (x, `format`) format  TSV \r\n1", b"insert into `a b`.t (x, `format`) ", "TSV", b"1"),
        (b"INSERT INTO db.values VALUES ('FORMAT')", b"INSERT INTO db.values ", "Values", b" ('FORMAT')"),
        (
            b"INSERT INTO TABLE FUNCTION null('x String') VALUES ('a')",
            b"INSERT INTO TABLE FUNCTION null('x String') ",
            "Values",
            b" ('a')",
        ),
        (
            b"INSERT INTO t SETTINGS async_insert = 0 FORMAT CSV\n';",
            b"INSERT INTO t SETTINGS async_insert = 0 ",
            "CSV",
            b"';",
        ),
    ],
)
def test_the_data_of_an_insert(sql: bytes, head: bytes, format_name: str, data: bytes) -> None:
    """An INSERT is split into head, format and data, and the data is not looked into."""
    statement = read_statement(sql)
    assert statement.kind is Kind.INSERT_DATA
    assert (sql[: statement.body_end], statement.sql, statement.format) == (head, head, format_name)
    assert sql[statement.data_at :] == data


@pytest.mark.parametrize("sql", [b"", b" ; ", b"-- nothing", b"SELECT 1; SELECT 2", b"SELECT 1 INTO OUTFILE 'x'"])
def test_refused(sql: bytes) -> None:
    """No statement, two of them, or one that would touch a file is refused."""
    with pytest.raises(ClickHouseError):
        read_statement(sql)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(noise: bytes) -> None:
    """Whatever the bytes, reading ends in a statement or in a ClickHouseError."""
    for sql in (noise, b"INSERT INTO t " + noise, b"SELECT " + noise):
        try:
            statement = read_statement(sql)
        except ClickHouseError:
            continue
        assert 0 <= statement.body_end <= len(sql)
        assert 0 <= statement.data_at <= len(sql)
