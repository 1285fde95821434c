"""Times as the API speaks them: RFC 3339 outside, milliseconds since 1970 inside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The last moment of 2199: later than any clock, and within what the tables' times can hold.
LATEST_MS = 7_258_118_399_999


def rfc3339(ms: int) -> str:
    """ "2026-11-22T14:00:00.123Z"; what a broken client clock says beyond 1970 to 2199 is cut."""
    moment = _EPOCH + timedelta(milliseconds=max(0, min(LATEST_MS, ms)))
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_ms(text: str) -> int:
    """Milliseconds of an RFC 3339 time with an offset; ValueError otherwise. Cut as `rfc3339` does."""
    # In a query an unescaped "+" arrives as a space.
    moment = datetime.fromisoformat(text.replace(" ", "+"))
    if moment.tzinfo is None or "T" not in text.upper():
        raise ValueError("no offset")
    return max(0, min(LATEST_MS, (moment - _EPOCH) // timedelta(milliseconds=1)))
