"""Values pass untouched or are cut so that the parts put together are the value."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.outcome import Keep
from processors.record import Record
from processors.split.settings import SplitSettings
from processors.split.transform import Split
from processors.state import MemoryState
from schemas import headers as h
from schemas.topics import PARTS, REDACTED

HEADERS = {
    h.PROJECT: "shop",
    h.WINDOW: "w",
    h.PAGE: "p",
    h.SEQ: "4",
    h.SOURCE: "id/replay.raw.v1/3/7",
    h.STARTED: "1",
    h.EXPIRES: "2026-12-22",
    h.EVENTS: "3",
    h.FIRST: "10",
    h.LAST: "20",
    h.BYTES: "123456",
    h.KEYFRAME: "1",
    h.CONTEXT: "{}",
    h.POLICY: "v1",
    h.COUNTS: '{"clicks":2}',
    h.PAGES: '[[10,"https://shop.example/"]]',
    h.GAP: "2",
    h.USER: '"u"',
    h.SENT: "5",
}


def split(value: bytes, part_bytes: int) -> list[Keep]:
    """What the stage writes for a value."""
    record = Record("shop:s", HEADERS, value, 77, "id/replay.redacted.v1/0/1")
    outcomes = Split(part_bytes).on_record(record, MemoryState(), 99)
    kept = [outcome for outcome in outcomes if isinstance(outcome, Keep)]
    assert kept == outcomes
    return kept


@given(value=st.binary(max_size=300), part_bytes=st.integers(1, 100))
def test_parts_put_together_are_the_value(value: bytes, part_bytes: int) -> None:
    """Whatever the bytes, parts in order are the value, each within the limit and numbered, with its size and hash."""
    parts = split(value, part_bytes)
    assert b"".join(part.value for part in parts) == value
    assert all(len(part.value) <= part_bytes for part in parts)
    if len(value) > part_bytes:
        named = f"{len(parts)}/{len(value)}/{hashlib.sha256(value).hexdigest()}"
        assert [part.headers[h.PART] for part in parts] == [f"{index}/{named}" for index in range(len(parts))]


@pytest.mark.parametrize("size", [0, 1, PARTS.value_limit])
def test_what_fits_passes_untouched(size: int) -> None:
    """A value up to the topic's limit keeps its bytes, headers, time and count, and is never opened."""
    value = b"\xff" * size
    assert split(value, PARTS.value_limit) == [Keep(value, HEADERS, 77, 3)]


@given(value=st.binary(min_size=11, max_size=60))
def test_sums_over_parts_are_those_of_the_value(value: bytes) -> None:
    """What later stages add up is on part 0 only; everything else is on each."""
    first, *later = split(value, 10)
    assert later
    assert first.headers.items() >= HEADERS.items()
    assert first.events == 3
    for part in later:
        assert part.events == 0
        assert (part.headers[h.EVENTS], part.headers[h.BYTES], json.loads(part.headers[h.COUNTS])) == ("0", "0", {})
        assert not {h.PAGES, h.GAP} & part.headers.keys()
    for part in (first, *later):
        assert h.REQUIRED[PARTS.name] <= part.headers.keys()
        assert (part.headers[h.SOURCE], part.headers[h.USER], part.received) == (HEADERS[h.SOURCE], '"u"', 77)


def test_the_largest_redacted_value_becomes_parts_that_fit() -> None:
    """The limits of the two topics go together: a full value is cut into a few dozen parts."""
    parts = split(bytes(REDACTED.value_limit), PARTS.value_limit)
    assert len(parts) == 28
    assert max(len(part.value) for part in parts) == PARTS.value_limit


def test_split_has_the_settings_every_stage_has() -> None:
    """Its own environment prefix is the only thing that is its own."""
    assert SplitSettings.model_config["env_prefix"] == "REELSTREAM_SPLIT_"
