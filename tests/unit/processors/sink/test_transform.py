"""Records become rows, or dead letters with the right reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from processors.outcome import Dead
from processors.record import Record
from processors.sink.coordinates import Coordinates
from processors.sink.rows import COLUMNS, Row
from processors.sink.transform import to_row
from schemas import headers as h
from schemas.reasons import Reason
from schemas.topics import BLOCKS, LOSSES, SESSIONS
from tests.unit.processors.sink.sink_records import EPOCH, STARTED, block, loss, summary, uid


def _named(topic: str, record: Record) -> dict[str, object]:
    row = to_row(topic, record)
    assert isinstance(row, Row)
    return dict(zip(COLUMNS[row.table], row.values, strict=True))


def test_block_keeps_value_and_place() -> None:
    """A block's row holds its bytes unchanged, its range of payloads and where it lay."""
    record = block(7, seq="3-9", keyframe=True)
    row = to_row(BLOCKS.name, record)
    assert isinstance(row, Row)
    assert (row.table, row.expires_on) == ("blocks", date(2031, 1, 2))
    assert row.coordinates == Coordinates(EPOCH, BLOCKS.name, 0, 7)
    named = _named(BLOCKS.name, record)
    assert named["value"] is record.value
    assert (named["first_seq"], named["last_seq"], named["keyframe"]) == (3, 9, True)
    assert (named["part"], named["parts"], named["value_bytes"]) == (0, 1, len(record.value))
    assert (named["epoch"], named["topic"], named["partition"], named["offset"]) == (EPOCH, BLOCKS.name, 0, 7)


def test_block_of_cut_value_says_its_piece() -> None:
    """A piece of a cut value keeps its index, count, total size and hash."""
    named = _named(BLOCKS.name, block(7, changes={h.PART: f"2/5/3000000/{'ab' * 32}"}))
    assert (named["part"], named["parts"], named["value_bytes"]) == (2, 5, 3_000_000)
    assert named["value_sha256"] == "ab" * 32


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (h.SEQ, None),
        (h.SEQ, "9-3"),
        (h.SEQ, "-1"),
        (h.SEQ, "5000000-5000001"),
        (h.WINDOW, "not-a-uuid"),
        (h.EXPIRES, "someday"),
        (h.EXPIRES, "9999-12-31"),
        (h.EXPIRES, "2149-06-07"),
        (h.EXPIRES, "1970-01-01"),
        (h.EVENTS, "4294967296"),
        (h.GENERATION, "²"),
        (h.EVENTS, "²"),
        (h.PART, "5/5/10/" + "0" * 64),
        (h.PART, "0/1"),
        (h.STARTED, "99999999999999999"),
        (h.FIRST, "soon"),
    ],
)
def test_block_with_bad_header_is_dead(name: str, text: str | None) -> None:
    """Any header that is missing or out of range makes a dead letter, not an exception."""
    dead = to_row(BLOCKS.name, block(7, changes={name: text}))
    assert isinstance(dead, Dead)
    assert dead.reason is Reason.BAD_HEADERS


def test_dead_block_tells_its_events() -> None:
    """A dead letter still counts the events it held, so that sums stay true."""
    dead = to_row(BLOCKS.name, block(7, changes={h.WINDOW: None}))
    assert isinstance(dead, Dead)
    assert dead.events == 2


def test_absurd_client_clock_is_kept_within_bounds() -> None:
    """A client clock far outside does not cost the recording."""
    named = _named(BLOCKS.name, block(7, changes={h.LAST: str(10**300)}))
    assert named["last_ms"] == 2**53


@pytest.mark.parametrize("key", ["", "shop", "shop:nobody", "Shop:" + uid(1, 1)])
def test_bad_key_is_dead(key: str) -> None:
    """A key that names no session makes a dead letter."""
    dead = to_row(BLOCKS.name, replace(block(7), key=key))
    assert isinstance(dead, Dead)
    assert dead.reason is Reason.BAD_HEADERS


def test_summary_is_flattened() -> None:
    """A summary's totals, windows and pages land in their columns; a count nobody sent is 0."""
    named = _named(SESSIONS.name, summary(4, version=9, user="ada"))
    assert (named["version"], named["user"], named["skew_ms"], named["started_at"]) == (9, "ada", -3, STARTED)
    assert (named["clicks"], named["errors"], named["active_ms"]) == (1, 0, 1500)
    assert named["windows.id"] == [uid(2, 1)]
    assert named["pages.url"] == ["https://shop.example/cart"]
    assert (named["browser"], named["bot"]) == ("Firefox", False)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": -1},
        {"version": True},
        {"counts": None},
        {"counts": {"clicks": "many"}},
        {"context": {"country": None}},
        {"windows": [{"window": "x", "first": 1, "last": 2}]},
        {"pages": [["now", "https://shop.example"]]},
        {"user": None},
        {"started": 2**63},
    ],
)
def test_misshapen_summary_is_dead(changes: dict[str, Any]) -> None:
    """A summary that breaks its schema is a dead letter `bad_shape`."""
    dead = to_row(SESSIONS.name, summary(4, **changes))
    assert isinstance(dead, Dead)
    assert dead.reason is Reason.BAD_SHAPE


def test_summary_that_is_no_json_is_dead() -> None:
    """A value that is not JSON is a dead letter `bad_json`."""
    dead = to_row(SESSIONS.name, replace(summary(4), value=b"{"))
    assert isinstance(dead, Dead)
    assert dead.reason is Reason.BAD_JSON


def test_loss_without_session_is_kept() -> None:
    """A loss of something that named no session is still a fact that can be queried."""
    named = _named(LOSSES.name, loss(4, session=1, project="", window="", page=""))
    assert (named["project"], named["window_id"], named["reason"], named["kind"]) == ("", "", "bad_json", "dead")


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": "Why not?"},
        {"kind": ""},
        {"reason": "x" * 65},
        {"expires": ""},
        {"expires": "9999-12-31"},
        {"payloads": -1},
    ],
)
def test_misshapen_loss_is_dead(changes: dict[str, Any]) -> None:
    """A loss that breaks its schema is a dead letter `bad_shape`."""
    dead = to_row(LOSSES.name, loss(4, **changes))
    assert isinstance(dead, Dead)
    assert dead.reason is Reason.BAD_SHAPE
