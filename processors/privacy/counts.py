"""What a payload holds, counted while it passes: later stages see only sums."""

from __future__ import annotations

import json

import orjson

from processors.privacy.clicks import Clicks
from processors.privacy.clock import is_time
from processors.privacy.policy import CONSOLE_PLUGIN
from processors.privacy.refusal import Json
from schemas.rrweb import ACTIVITY, ROUTE, EventType, IncrementalSource, MouseInteraction
from schemas.summary import Counts

# Activity events further apart than this are a pause, not a person at work.
PAUSE_MS = 5000
# A header must stay small; a payload with more page views than this is a loop, not a visit.
_PAGES = 20
_PAGES_BYTES = 16 * 1024


class Tally:
    """Sums over the events of one payload. `active` is the time of the last activity event, client ms; -1: none."""

    def __init__(self, active: int, clicks: Clicks | None = None) -> None:
        self.counts: Counts = {}
        self.pages: list[tuple[int, str] | tuple[int, str, str]] = []
        self.clicks = clicks if clicks is not None else Clicks()
        self.first = 0
        self.last = 0
        self.active = active
        self.events = 0

    def see(self, event: object) -> None:
        """Count what is counted even if it is then dropped: errors on the console, effects of clicks."""
        if type(event) is not dict or type(event.get("data")) is not dict:
            return
        data = event["data"]
        if self.clicks.waiting:
            self._await(event, data)
        if event.get("type") == EventType.PLUGIN and data.get("plugin") == CONSOLE_PLUGIN:
            data = data.get("payload")
        elif event.get("type") != EventType.INCREMENTAL_SNAPSHOT or data.get("source") != IncrementalSource.LOG:
            return
        if type(data) is dict and data.get("level") == "error":
            self._add_error()

    def keep(self, event: Json, seen_at: float | None = None) -> None:
        """Count an event that passed. `seen_at` is when its page can be seen, client ms, if it begins one."""
        at = int(event["timestamp"])
        self.first = min(self.first, at) if self.events else at
        self.last = max(self.last, at) if self.events else at
        self.events += 1
        data = event["data"]
        if event["type"] == EventType.META:
            self.pages.append((at if seen_at is None else int(seen_at), data["href"]))
        elif event["type"] == EventType.CUSTOM and data["tag"] == ROUTE:
            self.pages.append((at, data["payload"]["href"], "route"))
        elif event["type"] == EventType.INCREMENTAL_SNAPSHOT and data["source"] in ACTIVITY:
            self._act(at, data)

    def counts_header(self, masked: int, blocked: int, dropped: int) -> str:
        """rs-counts; numbers that are 0 are left out."""
        counts: Counts = {**self.counts, "events": self.events, "masked": masked, "blocked": blocked}
        counts["dropped"] = dropped
        return orjson.dumps({name: number for name, number in counts.items() if number}).decode()

    def pages_header(self) -> str:
        """rs-pages, or "" if there is none; what would make it too long is left out."""
        written: list[str] = []
        left = _PAGES_BYTES - len("[]")
        for page in self.pages[:_PAGES]:
            # No page is shorter written than it is.
            text = json.dumps(page, separators=(",", ":")) if len(page[1]) <= left else ""
            left -= len(text) + bool(written)
            if not text or left < 0:
                break
            written.append(text)
        return f"[{','.join(written)}]" if written else ""

    def _act(self, at: int, data: Json) -> None:
        counts = self.counts
        since = at - self.active
        if self.active >= 0 and 0 < since <= PAUSE_MS:
            counts["active_ms"] = counts.get("active_ms", 0) + since
        self.active = max(self.active, at)
        match data["source"]:
            case IncrementalSource.MOUSE_INTERACTION if data.get("type") == MouseInteraction.CLICK:
                counts["clicks"] = counts.get("clicks", 0) + 1
                if self.clicks.click(at, data.get("x") or 0, data.get("y") or 0):
                    counts["rage_clicks"] = counts.get("rage_clicks", 0) + 1
            case IncrementalSource.SCROLL:
                counts["scrolls"] = counts.get("scrolls", 0) + 1
            case IncrementalSource.INPUT:
                counts["inputs"] = counts.get("inputs", 0) + 1
                # A script that sets a field is an input, but no key.
                if data.get("userTriggered") is not False:
                    counts["keys"] = counts.get("keys", 0) + 1

    def _await(self, event: Json, data: Json) -> None:
        """Look whether an event settles clicks that wait for an effect."""
        at, type_, source = event.get("timestamp"), event.get("type"), data.get("source")
        if not is_time(at) or type(type_) is not int:
            return
        dead = self.clicks.pass_time(at)
        if dead:
            self.counts["dead_clicks"] = self.counts.get("dead_clicks", 0) + dead
        if source == IncrementalSource.SELECTION and not data.get("ranges"):
            # A click into a page takes a selection away.
            return
        self.clicks.has_effect(type_, source if type(source) is int else -1)

    def _add_error(self) -> None:
        self.counts["errors"] = self.counts.get("errors", 0) + 1
