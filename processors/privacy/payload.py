"""One payload on its way through: its events one by one, and the account of all of them."""

from __future__ import annotations

from collections import Counter

import orjson

from processors.outcome import Dead, Drop, Keep, Outcome
from processors.privacy.clock import is_time, times_of
from processors.privacy.counts import Tally
from processors.privacy.enforce import Verdict, enforce
from processors.privacy.limits import Limits
from processors.privacy.page import Held, Origin, PageLoad
from processors.privacy.policy import Policy
from processors.privacy.refusal import Json
from processors.privacy.removed import removed_header, removing_rule
from processors.privacy.scene import Scene
from processors.record import Record
from schemas import headers as h
from schemas import lines
from schemas.event_line import LOST, event_line
from schemas.reasons import Reason
from schemas.topics import REDACTED

# Enough to find the payload of a Meta that is given up later.
_HELD_HEADERS = (h.PROJECT, h.WINDOW, h.PAGE, h.SEQ, h.SOURCE, h.STARTED, h.EXPIRES)


class Payload:
    """`page` is the page load it belongs to; `late` says that it came behind its place, so `page` ends with it."""

    def __init__(self, record: Record, page: PageLoad, policy: Policy, limits: Limits, *, late: bool) -> None:
        self._record = record
        self._page = page
        self._late = late
        self._scene = Scene(page.mirror, policy, limits)
        self._tally = Tally(-1 if late else page.active, page.clicks)
        self._removed: Counter[str] = Counter()
        self._drops: Counter[Reason] = Counter()
        self._given_up: list[Outcome] = []
        self._out: list[bytes] = []
        self._keyframe = False
        self._seen = False
        # Of all events, put right.
        self._times: list[float] = []
        page.gap += int(record.headers.get(h.GAP, "0"))
        page.origin = Origin({name: record.headers[name] for name in _HELD_HEADERS}, record.received)

    def enforce(self, text: bytes, skew: int | None) -> list[Outcome]:
        """Outcomes of the payload, whose JSON lines are `text`; `skew` is the session's, ms, None if not known."""
        held_before = self._page.held
        written = text.splitlines(keepends=True)
        clock, sent = self._page.clock, self._record.headers.get(h.SENT)
        clock.receive(
            None if sent is None else int(sent), self._record.received, skew, times_of(written) if clock.is_new else ()
        )
        for line in written:
            if line == LOST:
                # Counted where it was lost.
                self._page.degrade()
                continue
            self._seen = True
            try:
                event = orjson.loads(line)
            except orjson.JSONDecodeError:
                event = None
            if type(event) is dict and is_time(at := event.get("timestamp")):
                right = clock.place(at)
                self._times.append(right)
                if right != at:
                    event["timestamp"] = right
            self._tally.see(event)
            self._scene.size = len(line)
            self._settle(event, enforce(event, self._page, self._scene))
        held = self._page.held
        if self._late and held is not None:
            self._drops[Reason.ORPHAN_META] += 1
        elif held is not None and held is not held_before:
            held.alone = not self._out and not self._drops
        self._page.active = self._tally.active
        return [*self._given_up, *self._outcomes()]

    def _settle(self, event: object, verdict: Verdict) -> None:
        passed = verdict.event
        if passed is not None:
            line = event_line(passed)
            if line is None:
                self._page.degrade()
                verdict = Verdict(dropped=Reason.MALFORMED_EVENT, orphan=verdict.meta)
            else:
                self._keep(passed, verdict.meta, line)
        if verdict.dropped is not None:
            self._drops[verdict.dropped] += 1
            rule = removing_rule(event, verdict.dropped)
            if rule:
                self._removed[rule] += 1
        if verdict.orphan is not None:
            if verdict.orphan.origin is self._page.origin:
                self._drops[Reason.ORPHAN_META] += 1
            else:
                self._given_up += give_up(verdict.orphan)

    def _keep(self, event: Json, meta: Held | None, line: bytes) -> None:
        if meta is not None:
            self._out.append(orjson.dumps(meta.event, option=orjson.OPT_APPEND_NEWLINE))
            self._tally.keep(meta.event, seen_at=event["timestamp"])
            self._keyframe = True
        self._out.append(line)
        self._tally.keep(event)

    def _outcomes(self) -> list[Outcome]:
        record = self._record
        ranked = self._drops.most_common()
        if not self._seen:
            # Enrich writes none without an event.
            return [Drop(Reason.EMPTY, record.headers, record.received)]
        if not self._out:
            # The sampling rules count the time of what is left out too.
            times = self._times
            span = {h.FIRST: str(int(min(times))), h.LAST: str(int(max(times)))} if times else {}
            return [
                Drop(reason, {**record.headers, **span}, record.received, payloads=int(rank == 0), events=events)
                for rank, (reason, events) in enumerate(ranked)
            ]
        losses: list[Outcome] = [
            Drop(reason, record.headers, record.received, payloads=0, events=events) for reason, events in ranked
        ]
        text = b"".join(self._out)
        value = lines.pack(text)
        headers = self._headers(len(text))
        if len(value) > REDACTED.value_limit:
            # The mirror holds nodes that nobody downstream will ever see.
            self._page.degrade()
            return [Dead(Reason.TOO_LARGE, record.headers, record.received, len(self._out)), *losses]
        self._page.gap = 0
        # Told now.
        self._page.clock.corrected = False
        return [Keep(value, headers, record.received, len(self._out)), *losses]

    def _headers(self, size: int) -> dict[str, str]:
        tally, scene = self._tally, self._scene
        # A hash of what was not redacted would let whoever reads it test guesses, so it ends here.
        headers = {name: text for name, text in self._record.headers.items() if name not in (h.HASH, h.GAP)}
        headers |= {
            h.EVENTS: str(tally.events),
            h.BYTES: str(size),
            h.FIRST: str(tally.first),
            h.LAST: str(tally.last),
            h.KEYFRAME: "1" if self._keyframe else "0",
            h.POLICY: scene.policy.version,
            h.COUNTS: tally.counts_header(scene.masked, scene.blocked, self._drops.total()),
        }
        removed = removed_header(self._removed, scene)
        if removed:
            headers[h.REMOVED] = removed
        if self._page.clock.corrected:
            headers[h.CLOCK] = "1"
        # On every payload, so that each can be summed up by itself.
        headers.pop(h.CAPTURES, None)
        if self._page.captures is not None:
            headers[h.CAPTURES] = self._page.captures
        if self._page.gap:
            headers[h.GAP] = str(self._page.gap)
        pages = tally.pages_header()
        if pages:
            headers[h.PAGES] = pages
        return headers


def give_up(held: Held | None) -> list[Outcome]:
    """The loss of a Meta that came in an earlier payload."""
    if held is None:
        return []
    origin = held.origin
    return [Drop(Reason.ORPHAN_META, origin.headers, origin.received, payloads=int(held.alone), events=1)]
