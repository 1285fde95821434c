"""Stored lines reach players unchanged but for their window, and in order of time."""

from __future__ import annotations

import orjson
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from replay.lines import REORDER_EVENTS, DamagedError, Reorder, read_lines, tag_window, timestamp
from schemas.lines import pack

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def _event(time: int, **data: object) -> bytes:
    return orjson.dumps({"type": 3, "data": data, "timestamp": time})


def test_frames_follow_one_another() -> None:
    """Payloads put one after the other unopened read as one run of lines."""
    first, second = [_event(1), _event(2)], [_event(3)]
    value = b"".join(pack(b"".join(line + b"\n" for line in lines)) for lines in (first, second))
    assert list(read_lines(value)) == [*first, *second]


def test_line_longer_than_a_piece_stays_whole() -> None:
    """A snapshot of megabytes is one line."""
    line = _event(1, text="x" * 3_000_000)
    assert list(read_lines(pack(line + b"\n" + _event(2) + b"\n"))) == [line, _event(2)]


@pytest.mark.parametrize("value", [b"no zstd", pack(b"[1]\n"), pack(_event(1) + b"\n")[:-6], pack(b'{"a":1\n')])
def test_damage_is_said(value: bytes) -> None:
    """What is not whole frames of JSON objects is an error and not half an event."""
    with pytest.raises(DamagedError):
        list(read_lines(value))


def test_frame_cut_in_the_middle_is_damage() -> None:
    """A frame that ends early may give its first events but never a torn one."""
    lines = b"".join(_event(time, text=str(time) * 50) + b"\n" for time in range(3000))
    value = zstandard.ZstdCompressor(write_content_size=False).compress(lines)
    got: list[bytes] = []
    with pytest.raises(DamagedError):
        got.extend(read_lines(value[: len(value) // 2]))
    assert all(orjson.loads(line) for line in got)


def test_endless_line_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line beyond the bound is damage, found before it is held."""
    monkeypatch.setattr("replay.lines.LONGEST_LINE", 1_000_000)
    with pytest.raises(DamagedError):
        list(read_lines(pack(b"{" + b" " * 10_000_000 + b"}\n")))


@given(st.dictionaries(st.text(max_size=12), _JSON, max_size=4), st.integers(0, 2**53))
def test_timestamp_is_the_events_own(data: dict[str, object], time: int) -> None:
    """The time is found wherever the member stands and whatever text imitates it."""
    last = orjson.dumps({"data": data, "timestamp": time})
    first = orjson.dumps({"timestamp": time, "data": data})
    assert timestamp(last) == time
    assert timestamp(first) == time


@pytest.mark.parametrize(
    "line",
    [
        b'{"timestamp":7,"data":{"timestamp":9}}',
        b'{"timestamp":7,"data":",\\"timestamp\\":9}"}',
        b'{"timestamp":7,"x,\\"timestamp":9}',
        b'{"data":1,"timestamp":7.25}',
    ],
)
def test_timestamp_is_not_taken_from_elsewhere(line: bytes) -> None:
    """A nested member or a text that looks like one is not the event's time."""
    assert int(timestamp(line)) == 7


def test_window_tag_wins_over_the_pages_own() -> None:
    """The tag is what a parser sees, even if the recorded page wrote such a member itself."""
    tagged = tag_window(b'{"type":3,"windowId":"mine"}', "w")
    assert tagged.endswith(b"}\n")
    assert orjson.loads(tagged) == {"type": 3, "windowId": "w"}


@given(st.lists(st.integers(0, 50), max_size=200))
def test_reorder_sorts_what_is_near(times: list[int]) -> None:
    """Events that are late by less than the window come out sorted, equal times in the order they came."""
    events = [_event(time, place=place) for place, time in enumerate(times)]
    order = Reorder()
    out = [line for event in events for line in order.push(event)] + list(order.drain())
    assert out == sorted(events, key=timestamp)


def test_reorder_holds_little() -> None:
    """However many events come, only a bounded number waits."""
    order = Reorder()
    given_back = sum(1 for time in range(10_000) for _ in order.push(_event(time)))
    assert given_back == 10_000 - REORDER_EVENTS
