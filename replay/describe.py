"""A recording as the API shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from replay.times import rfc3339

_COUNTS = ("events", "clicks", "keys", "scrolls", "inputs", "errors", "masked", "blocked", "dropped")
_AS_THEY_ARE = (
    "bytes_raw",
    "bytes_stored",
    "user",
    "country",
    "region",
    "city",
    "browser",
    "os",
    "device",
    "bot",
    "gaps",
    "expires_on",
)


def describe(row: Mapping[str, Any], losses: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The JSON object of a row of `recordings` and the rows of `losses_of_sessions` for it.

    `started_at` and `ended_at` are receipts by the server's clock; `duration`, `windows` and `pages` are by the
    client's, which `clock_skew` (s) is behind.
    """
    windows = zip(row["window_ids"], row["window_first_ms"], row["window_last_ms"], strict=True)
    pages = list(zip(row["page_urls"], row["page_at_ms"], strict=True))
    return {
        "session_id": row["session"],
        "started_at": rfc3339(row["started_ms"]),
        "ended_at": rfc3339(row["last_received_ms"]),
        "duration": row["duration_ms"] / 1000,
        "active": row["active_ms"] / 1000,
        "clock_skew": row["skew_ms"] / 1000,
        "windows": [
            {"window_id": window, "started_at": rfc3339(first), "ended_at": rfc3339(last)}
            for window, first, last in windows
        ],
        "pages": [{"url": url, "at": rfc3339(at)} for url, at in pages],
        "first_url": pages[0][0] if pages else "",
        "counts": {name: row[name] for name in _COUNTS},
        **{name: row[name] for name in _AS_THEY_ARE},
        "losses": [
            {
                "stage": loss["stage"],
                "reason": loss["reason"],
                "kind": loss["kind"],
                "payloads": loss["payloads_lost"],
                "events": loss["events_lost"],
            }
            for loss in losses
        ],
        "playable": row["events"] >= 2 and row["keyframes"] >= 1,
    }
