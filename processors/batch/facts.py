"""Facts of a session that are not known of every payload: summed only while they are known of all before."""

from __future__ import annotations

import json
from typing import TypedDict

from processors.batch.payloads import Payload
from schemas import headers as h
from schemas.header_forms import MAX_RULES
from schemas.summary import SessionSummary


class Facts(TypedDict):
    """A part of `schemas.summary.SessionSummary`, in which None says that it is not known."""

    captures: list[str]
    clock_corrected: bool
    rage_clicks: int
    dead_clicks: int
    removed: dict[str, int]


def first_facts(payload: Payload) -> Facts:
    """Those of a session before its first payload, which is given: what it captures every later one must, too."""
    return {
        "captures": _captures(payload),
        "clock_corrected": False,
        "rage_clicks": 0,
        "dead_clicks": 0,
        "removed": {},
    }


def add_facts(summary: SessionSummary, payload: Payload) -> None:
    """Add a payload's; what is not known of the session stays unknown."""
    counts = json.loads(payload.headers[h.COUNTS])
    captures = frozenset(_captures(payload))
    if summary["captures"] is not None:
        summary["captures"] = [word for word in summary["captures"] if word in captures]
    if summary["clock_corrected"] is not None:
        summary["clock_corrected"] = summary["clock_corrected"] or payload.headers.get(h.CLOCK) == "1"
    if summary["rage_clicks"] is not None:
        summary["rage_clicks"] += counts.get("rage_clicks", 0)
    if summary["dead_clicks"] is not None:
        summary["dead_clicks"] += counts.get("dead_clicks", 0)
    removed = summary["removed"]
    if removed is not None:
        for rule, count in json.loads(payload.headers.get(h.REMOVED, "{}")).items():
            if rule in removed or len(removed) < MAX_RULES:
                removed[rule] = removed.get(rule, 0) + count


def _captures(payload: Payload) -> list[str]:
    words = payload.headers.get(h.CAPTURES, "")
    return words.split(",") if words else []
