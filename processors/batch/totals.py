"""Running totals of a session: what its blocks hold so far, as versions of a summary.

Totals cover exactly the blocks written before or with them, so that a summary and its blocks can be compared.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

import orjson

from processors.batch.facts import add_facts, first_facts
from processors.batch.parts import read_part
from processors.batch.payloads import VERSION, Payload
from processors.outcome import Keep
from processors.state import State
from schemas import headers as h
from schemas.summary import COUNT_NAMES, SessionSummary

SESSIONS = "sessions"
MAX_WINDOWS = 50
MAX_PAGES = 100
# With every character escaped, 100 of them still fit the topic.
MAX_URL = 1024
LOAD = "load"
_HEADERS = (h.PROJECT, h.STARTED, h.EXPIRES)


class Totals:
    """The totals of one session. State `t`: `[send time known, summary without pages]`; state `u`: the pages."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._skew_known = False
        self._pages_changed = False
        self._summary: SessionSummary | None = None
        if (fields := _load(state, "t")) is not None:
            self._skew_known, summary, *_ = fields
            # State of an earlier version lacks what was added since.
            self._summary = cast(SessionSummary, {**_zero(), **summary, "pages": _load(state, "u") or []})

    def next_version(self, blocks: Sequence[tuple[Keep, Sequence[Payload]]]) -> Keep:
        """The summary with these blocks (at least one) and their payloads counted; written back to state.

        The record is as of the last payload.
        """
        summary = self._summary or _empty(blocks[0][1][0])
        for block, payloads in blocks:
            summary["blocks"] += 1
            summary["bytes_stored"] += len(block.value)
            for payload in payloads:
                self._add_payload(summary, payload)
        summary["version"] += 1
        self._save(summary)
        last = blocks[-1][1][-1]
        headers = {name: last.headers[name] for name in _HEADERS}
        return Keep(orjson.dumps(summary), headers, last.received, to=SESSIONS)

    @property
    def started(self) -> int:
        """First receipt of the session, ms; 0 before its first block."""
        return self._summary["started"] if self._summary else 0

    @staticmethod
    def forget(state: State) -> None:
        """Delete the totals."""
        for name in ("t", "u"):
            state.delete(name)

    def _save(self, summary: SessionSummary) -> None:
        small = {name: field for name, field in summary.items() if name != "pages"}
        self._state.set("t", VERSION + orjson.dumps([self._skew_known, small]))
        if self._pages_changed:
            self._state.set("u", VERSION + orjson.dumps(summary["pages"]))

    def _add_payload(self, summary: SessionSummary, payload: Payload) -> None:
        headers = payload.headers
        part = read_part(headers.get(h.PART, ""))
        if part is None or part.index == 0:
            summary["payloads"] += 1
            summary["keyframes"] += payload.has_keyframe
        first, last = payload.number(h.FIRST), payload.number(h.LAST)
        summary["first"], summary["last"] = min(summary["first"], first), max(summary["last"], last)
        summary["last_received"] = max(summary["last_received"], payload.received)
        summary["gaps"] += payload.number(h.GAP)
        summary["bytes_raw"] += payload.number(h.BYTES)
        _add_counts(summary, json.loads(headers[h.COUNTS]) | {"events": payload.number(h.EVENTS)})
        summary["context"] = json.loads(headers[h.CONTEXT])
        summary["policy"] = headers[h.POLICY]
        if h.USER in headers:
            summary["user"] = json.loads(headers[h.USER])
        if h.SENT in headers and not self._skew_known:
            summary["skew_ms"], self._skew_known = payload.received - payload.number(h.SENT), True
        _extend_window(summary, headers[h.WINDOW], first, last, payload.has_keyframe)
        add_facts(summary, payload)
        for at, url, *kind in json.loads(headers.get(h.PAGES, "[]")):
            page = (at, url[:MAX_URL], headers[h.WINDOW], kind[0] if kind else LOAD)
            self._add_page(summary["pages"], page)

    def _add_page(self, pages: list[tuple[int, str, str, str]], page: tuple[int, str, str, str]) -> None:
        # A page of the version before has neither window nor kind.
        if len(pages) < MAX_PAGES and (not pages or tuple(pages[-1][1:]) != page[1:]):
            pages.append(page)
            self._pages_changed = True


def _add_counts(summary: SessionSummary, counts: dict[str, int]) -> None:
    sums = cast(dict[str, int], summary["counts"])
    for name in COUNT_NAMES:
        sums[name] = sums.get(name, 0) + counts.get(name, 0)


def _extend_window(summary: SessionSummary, name: str, first: int, last: int, playable: bool) -> None:
    for window in summary["windows"]:
        if window["window"] == name:
            window["first"], window["last"] = min(window["first"], first), max(window["last"], last)
            if playable:
                window["playable"] = True
            return
    if len(summary["windows"]) < MAX_WINDOWS:
        summary["windows"].append({"window": name, "first": first, "last": last, "playable": playable})


def _load(state: State, name: str) -> Any:
    value = state.get(name)
    return orjson.loads(value[1:]) if value is not None and value[:1] == VERSION else None


def _empty(payload: Payload) -> SessionSummary:
    """A session's totals before its first payload."""
    return {
        **_zero(),
        "started": payload.number(h.STARTED),
        "last_received": payload.received,
        "first": payload.number(h.FIRST),
        "last": payload.number(h.LAST),
        "context": json.loads(payload.headers[h.CONTEXT]),
        **first_facts(payload),
    }


def _zero() -> SessionSummary:
    """Every field with the value it has where nothing is known."""
    return {
        "version": 0,
        "started": 0,
        "last_received": 0,
        "first": 0,
        "last": 0,
        "payloads": 0,
        "blocks": 0,
        "keyframes": 0,
        "gaps": 0,
        "bytes_raw": 0,
        "bytes_stored": 0,
        "skew_ms": 0,
        "counts": {},
        "context": {"country": "", "region": "", "city": "", "browser": "", "os": "", "device": "", "bot": False},
        "user": "",
        "windows": [],
        "pages": [],
        "policy": "",
        "captures": None,
        "clock_corrected": None,
        "rage_clicks": None,
        "dead_clicks": None,
        "removed": None,
    }
