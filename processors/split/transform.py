"""Passes values on untouched, and cuts those that are too large into parts, byte for byte.

A value of 2 MB becomes three records with the same identity, in order:

    rs-part: 0/3/2000000/<sha256 hex of the whole value>     its bytes 0 to 921599
    rs-part: 1/3/2000000/…                                   its bytes 921600 to 1843199
    rs-part: 2/3/2000000/…                                   the rest

What later stages add up is told once, on part 0.
"""

from __future__ import annotations

import hashlib

from processors.outcome import Dead, Keep, Outcome
from processors.record import Record
from processors.state import State
from schemas import headers as h
from schemas.header_forms import are_all, events_of
from schemas.reasons import Reason
from schemas.topics import PARTS, REDACTED

_TOLD_ONCE = {h.EVENTS: "0", h.BYTES: "0", h.COUNTS: "{}"}
_ONLY_FIRST = (h.PAGES, h.GAP, h.REMOVED)


class Split:
    """The stage. `part_bytes` is the largest value it writes."""

    def __init__(self, part_bytes: int = PARTS.value_limit) -> None:
        self._part_bytes = part_bytes

    def on_record(self, record: Record, state: State, now: int) -> list[Outcome]:
        """See `processors.stage.Stage`."""
        if not are_all(REDACTED.name, record.headers):
            return [Dead(Reason.BAD_HEADERS, record.headers, record.received, events_of(record.headers))]
        events = int(record.headers[h.EVENTS])
        if len(record.value) <= self._part_bytes:
            return [Keep(record.value, record.headers, record.received, events)]
        return [*self._cut(record, events)]

    def on_wake(self, key: str, state: State, now: int) -> list[Outcome]:
        """Nothing is remembered, so nothing asks for this."""
        return []

    def on_crashed(self, record: Record, state: State) -> None:
        """Nothing is remembered, so there is nothing to distrust."""

    def _cut(self, record: Record, events: int) -> list[Keep]:
        value = record.value
        starts = range(0, len(value), self._part_bytes)
        whole = f"{len(starts)}/{len(value)}/{hashlib.sha256(value).hexdigest()}"
        first = dict(record.headers)
        later = {name: text for name, text in first.items() if name not in _ONLY_FIRST} | _TOLD_ONCE
        return [
            Keep(
                value[start : start + self._part_bytes],
                {**(later if index else first), h.PART: f"{index}/{whole}"},
                record.received,
                0 if index else events,
            )
            for index, start in enumerate(starts)
        ]
