"""Running one statement: which engine call, and what comes out."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.clickhouse.engine import Connection
from deploy.local.clickhouse.errors import from_engine
from deploy.local.clickhouse.statement import Kind, Statement

# chDB streams block by block, each block encoded as a result of its own: joined, they are one result only in
# formats without a header and a footer. Any other format is made whole in memory first.
_JOINABLE = frozenset(("native", "tabseparated", "tsv", "tabseparatedraw", "tsvraw", "csv", "rowbinary", "jsoneachrow"))


@dataclass(frozen=True)
class Inserted:
    """Rows and bytes written, as the engine counts them (with those of dependent views)."""

    rows: int
    bytes: int
    seconds: float


@dataclass(frozen=True)
class Rows:
    """A result in `format_name`. Any piece may raise ClickHouseError; close what is not read to its end."""

    format_name: str
    pieces: Generator[bytes]


Outcome = Inserted | Rows | None


def run(connection: Connection, statement: Statement, params: Mapping[str, str], default_format: str) -> Outcome:
    """Run anything but an INSERT with streamed data. None: it has no result. Raises ClickHouseError."""
    if statement.kind in (Kind.SELECT, Kind.OTHER_ROWS):
        format_name = statement.format or default_format
        joinable = statement.kind is Kind.SELECT and format_name.lower() in _JOINABLE
        make = _stream if joinable else _whole
        return Rows(format_name, make(connection, statement, params, format_name))
    result = connection.query(statement.sql, "TabSeparated", params)
    if statement.kind is Kind.NO_ROWS:
        return None
    return Inserted(result.rows_read(), result.bytes_read(), result.elapsed())


def insert(connection: Connection, statement: Statement, data: Iterator[bytes], spool: Path) -> Inserted:
    """Write `data` to a file in `spool` and insert it from there.

    Raises ClickHouseError; as in ClickHouse, blocks written before the error stay (a block: about 1 M rows or 256 MiB).
    chDB's own streamed insert (`send_insert`, 4.4) would do without the file, but answers success when writing rows
    fails: a violated constraint or too many partitions lost every row without a word.
    """
    with tempfile.NamedTemporaryFile(dir=spool, prefix="insert-") as file:
        for piece in data:
            file.write(piece)
        file.flush()
        sql = statement.sql + f" FROM INFILE '{file.name}' COMPRESSION 'none' FORMAT {statement.format}".encode()
        result = connection.query(sql, "TabSeparated")
    return Inserted(result.rows_read(), result.bytes_read(), result.elapsed())


def _whole(
    connection: Connection, statement: Statement, params: Mapping[str, str], format_name: str
) -> Generator[bytes]:
    yield connection.query(statement.sql, format_name, params).bytes()


def _stream(
    connection: Connection, statement: Statement, params: Mapping[str, str], format_name: str
) -> Generator[bytes]:
    empty = True
    try:
        with connection.raw.send_query(statement.sql, format_name, params=dict(params)) as chunks:
            for chunk in chunks:
                empty = False
                yield chunk.bytes()
    except RuntimeError as raised:
        raise from_engine(raised) from None
    if empty and format_name.lower() == "native":
        yield _empty_native_block(connection, statement, params)


def _empty_native_block(connection: Connection, statement: Statement, params: Mapping[str, str]) -> bytes:
    """Columns and no rows, which chDB leaves out and ClickHouse sends: clients take column names from it.

    Format: https://clickhouse.com/docs/interfaces/formats/Native
    """
    body = statement.sql[: statement.body_end]
    described = connection.query(b"DESCRIBE TABLE (" + body + b"\n)", "JSONEachRow", params)
    columns = [json.loads(line) for line in described.bytes().splitlines()]
    block = _varint(len(columns)) + _varint(0)
    for column in columns:
        block += _text(column["name"]) + _text(column["type"])
    return block


def _text(value: str) -> bytes:
    encoded = value.encode()
    return _varint(len(encoded)) + encoded


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
