"""A recording as the API shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from replay.times import rfc3339

_COUNTS = ("events", "clicks", "keys", "scrolls", "inputs", "errors", "masked", "blocked", "dropped")
_NO_WINDOW = "00000000-0000-0000-0000-000000000000"
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
    client's, which `clock_skew` (s) is behind. What was not measured is None.
    """
    playable = row["events"] >= 2 and row["keyframes"] >= 1
    return {
        "session_id": row["session"],
        "started_at": rfc3339(row["started_ms"]),
        "ended_at": rfc3339(row["last_received_ms"]),
        "duration": row["duration_ms"] / 1000,
        "active": row["active_ms"] / 1000,
        "clock_skew": row["skew_ms"] / 1000,
        "clock_corrected": _known(row["clock_corrected"], bool),
        "windows": _windows(row, playable),
        "pages": _pages(row),
        "first_url": row["page_urls"][0] if row["page_urls"] else "",
        "counts": {name: row[name] for name in _COUNTS} | ({} if row["errors_known"] else {"errors": None}),
        "rage_clicks": _known(row["rage_clicks"], int),
        "dead_clicks": _known(row["dead_clicks"], int),
        "captures": row["captures"],
        "removed": _removed(row),
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
        "playable": playable,
    }


def _windows(row: Mapping[str, Any], playable: bool) -> list[dict[str, Any]]:
    """Tabs. Where an earlier version did not tell whether one is playable, that is known of an only one."""
    only = playable if len(row["window_ids"]) == 1 or not playable else None
    columns = (row[f"window_{name}"] for name in ("ids", "first_ms", "last_ms", "playable"))
    return [
        {
            "window_id": window,
            "started_at": rfc3339(first),
            "ended_at": rfc3339(last),
            "playable": {1: True, 2: False}.get(told, only),
        }
        for window, first, last, told in zip(*columns, strict=True)
    ]


def _pages(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Pages. An earlier version did not tell the tab, which is known where there is only one."""
    only = row["window_ids"][0] if len(row["window_ids"]) == 1 else None
    columns = (row[f"page_{name}"] for name in ("urls", "at_ms", "window_ids", "kinds"))
    return [
        {
            "url": url,
            "at": rfc3339(at),
            "window_id": only if window == _NO_WINDOW else window,
            "kind": kind or "load",
        }
        for url, at, window, kind in zip(*columns, strict=True)
    ]


def _removed(row: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """What each rule removed, most first; None of a recording of an earlier version, which did not count it."""
    if row["rage_clicks"] < 0:
        return None
    removed = zip(row["removed_rules"], row["removed_counts"], strict=True)
    return [{"rule": rule, "count": count} for rule, count in sorted(removed, key=lambda each: (-each[1], each[0]))]


def _known(value: int, form: type[int]) -> int | None:
    return None if value < 0 else form(value)
