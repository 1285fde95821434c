"""Query parameters are understood or refused by name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from replay.cursor import Cursor, decode_cursor
from replay.errors import RefusalError
from replay.parameters import Parameters
from replay.times import LATEST_MS, rfc3339, to_ms

KNOWN = ("from", "to", "user", "limit", "min_duration", "order", "session")


@pytest.mark.parametrize(
    ("query", "read", "value"),
    [
        ("", lambda p: p.text("user"), ""),
        ("user=ada%20l", lambda p: p.text("user"), "ada l"),
        ("from=2026-01-01T00:00:00Z", lambda p: p.span(), (1767225600000, LATEST_MS)),
        ("from=2026-01-01T02:00:00+02:00", lambda p: p.span()[0], 1767225600000),
        ("limit=7", lambda p: p.number("limit", 50, 1, 200), 7),
        ("min_duration=1.5", lambda p: p.seconds("min_duration"), 1500),
        ("session=01900000-0001-7000-8000-00000000000A", lambda p: p.uuid("session")[-1], "a"),
    ],
)
def test_legal(query: str, read: Callable[[Parameters], object], value: object) -> None:
    """Legal values are read."""
    assert read(Parameters(query, KNOWN)) == value


@pytest.mark.parametrize(
    ("query", "read", "named"),
    [
        ("colour=red", lambda p: p, "colour"),
        ("user=a&user=b", lambda p: p, "user"),
        ("user=", lambda p: p.text("user"), "user"),
        ("user=" + "x" * 1025, lambda p: p.text("user"), "user"),
        ("user=a%00b", lambda p: p.text("user"), "user"),
        ("user=%ff", lambda p: p, "query"),
        ("&".join(f"user{n}=1" for n in range(60)), lambda p: p, "query"),
        ("from=yesterday", lambda p: p.span(), "from"),
        ("from=2026-01-01T00:00:00", lambda p: p.span(), "from"),
        ("from=2026-01-01", lambda p: p.span(), "from"),
        ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", lambda p: p.span(), "from"),
        ("limit=0", lambda p: p.number("limit", 50, 1, 200), "limit"),
        ("limit=²", lambda p: p.number("limit", 50, 1, 200), "limit"),
        ("limit=1e2", lambda p: p.number("limit", 50, 1, 200), "limit"),
        ("min_duration=nan", lambda p: p.seconds("min_duration"), "min_duration"),
        ("min_duration=-1", lambda p: p.seconds("min_duration"), "min_duration"),
        ("order=random", lambda p: p.choice("order", ("newest",)), "order"),
        ("session=1", lambda p: p.uuid("session"), "session"),
        ("session=", lambda p: p.uuid("session"), "session"),
    ],
)
def test_illegal(query: str, read: Callable[[Parameters], object], named: str) -> None:
    """Anything else is a 422 whose sentence names the parameter."""
    with pytest.raises(RefusalError) as refused:
        read(Parameters(query, KNOWN))
    assert (refused.value.status, refused.value.code) == (422, "bad_filter")
    assert named in refused.value.detail


def test_cursor_comes_back() -> None:
    """A cursor survives the way to the client and back."""
    cursor = Cursor("newest", 1_790_000_000_123, "01900000-0001-7000-8000-00000000000a")
    assert decode_cursor(cursor.encode(), "newest") == cursor


@pytest.mark.parametrize("text", ["", "x", "é", "AAAA", "!!!!", Cursor("oldest", 1, "no").encode()])
def test_foreign_cursor_is_refused(text: str) -> None:
    """What is not a cursor of ours is refused."""
    with pytest.raises(ValueError, match=r".*"):
        decode_cursor(text, "newest")


def test_cursor_of_another_order_is_refused() -> None:
    """A cursor belongs to the order it was made in."""
    cursor = Cursor("oldest", 1, "01900000-0001-7000-8000-00000000000a")
    with pytest.raises(ValueError, match="not a cursor"):
        decode_cursor(cursor.encode(), "newest")


def test_times_round_trip_and_are_cut() -> None:
    """Milliseconds are exact both ways; what no calendar holds is cut."""
    assert to_ms(rfc3339(1_790_000_000_123)) == 1_790_000_000_123
    assert rfc3339(-5) == "1970-01-01T00:00:00.000Z"
    assert rfc3339(2**53) == rfc3339(LATEST_MS) == "2199-12-31T23:59:59.999Z"
