"""From rows in any order to INSERTs: one table and one last day each, in offset order, within bounds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby

from processors.sink.rows import TABLES, Row


def group(rows: Iterable[Row]) -> list[list[Row]]:
    """Rows by (table, last day), each group in offset order; blocks first, so that no list shows what cannot play."""

    def place(row: Row) -> tuple[int, date]:
        return TABLES.index(row.table), row.expires_on

    ordered = sorted(rows, key=lambda row: (*place(row), row.coordinates))
    return [list(members) for _, members in groupby(ordered, key=place)]


def cut(rows: list[Row], most_rows: int, most_bytes: int) -> Iterator[list[Row]]:
    """Runs of at most so many rows and bytes; a larger row is a run of its own."""
    run: list[Row] = []
    size = 0
    for row in rows:
        if run and (len(run) >= most_rows or size + row.size > most_bytes):
            yield run
            run, size = [], 0
        run.append(row)
        size += row.size
    if run:
        yield run


def token(rows: list[Row], salt: str) -> str:
    """Deduplication token of one INSERT: a hash of `salt`, its table, last day and every range of offsets in it.

    While one salt is used, ClickHouse takes a repeated INSERT once, also while the first is still being written.
    """
    digest = hashlib.sha256(f"{salt}/{rows[0].table}/{rows[0].expires_on}".encode())
    for (epoch, topic, partition), members in groupby(rows, key=lambda row: row.coordinates.source):
        run = [row.coordinates.offset for row in members]
        digest.update(f"|{epoch}/{topic}/{partition}/{run[0]}-{run[-1]}*{len(run)}".encode())
    return digest.hexdigest()
