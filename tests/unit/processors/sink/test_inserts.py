"""Rows are grouped, ordered and cut as the fence needs them."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from processors.record import Record
from processors.sink.inserts import cut, group, token
from processors.sink.rows import TABLES, Row
from processors.sink.transform import to_row
from schemas import headers as h
from schemas.topics import BLOCKS, LOSSES, SESSIONS
from tests.unit.processors.sink.sink_records import block, loss, summary


def _row(topic: str, record: Record) -> Row:
    row = to_row(topic, record)
    assert isinstance(row, Row)
    return row


def _blocks(partitions: dict[int, int], day: str = "2031-01-02") -> list[Row]:
    return [
        _row(BLOCKS.name, block(offset, partition=partition, changes={h.EXPIRES: day}))
        for partition, count in partitions.items()
        for offset in range(count)
    ]


def test_groups_hold_one_table_and_day_in_offset_order() -> None:
    """Rows of all partitions share an INSERT per table and last day, offsets rising, blocks before sessions."""
    rows = [
        *_blocks({0: 5, 3: 4}),
        *_blocks({1: 2}, "2031-02-03"),
        _row(SESSIONS.name, summary(0)),
        _row(LOSSES.name, loss(0)),
    ]
    random.Random(7).shuffle(rows)
    groups = group(rows)
    assert [(members[0].table, str(members[0].expires_on), len(members)) for members in groups] == [
        ("blocks", "2031-01-02", 9),
        ("blocks", "2031-02-03", 2),
        ("sessions", "2031-01-02", 1),
        ("losses", "2031-01-02", 1),
    ]
    for members in groups:
        assert [row.coordinates for row in members] == sorted(row.coordinates for row in members)
    assert TABLES == ("blocks", "sessions", "losses")


@given(st.integers(1, 7), st.integers(1, 8000), st.integers(0, 20))
def test_cut_loses_nothing_and_keeps_bounds(most_rows: int, most_bytes: int, count: int) -> None:
    """Runs put together are the rows; none is over a bound unless it is a single row."""
    rows = _blocks({0: count})
    runs = list(cut(rows, most_rows, most_bytes))
    assert [row for run in runs for row in run] == rows
    for run in runs:
        assert len(run) == 1 or (len(run) <= most_rows and sum(row.size for row in run) <= most_bytes)


def test_token_names_exactly_its_ranges() -> None:
    """The same records under the same salt give the same token; another range, hole, day or salt gives another."""
    rows = group(_blocks({0: 5, 1: 5}))[0]
    same = group(list(reversed(_blocks({0: 5, 1: 5}))))[0]
    assert token(rows, "a") == token(same, "a")
    others = [rows[:-1], rows[1:], rows[:3] + rows[4:], group(_blocks({0: 5, 1: 5}, "2031-02-03"))[0]]
    assert len({token(rows, "a"), token(rows, "b"), *(token(other, "a") for other in others)}) == 6
