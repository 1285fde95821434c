"""Events written as the record that leaves enrich."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from processors.outcome import Keep
from processors.payload import Event
from schemas import headers as h
from schemas import lines
from schemas.event_line import event_line
from schemas.rrweb import EventType


@dataclass(frozen=True, slots=True)
class EventLines:
    """Events as JSON lines; `unwritable` counts those nested too deep to be written, which are left out.

    `first` and `last` are client ms, `keyframe` says whether a full snapshot is among them.
    """

    text: bytes
    events: int
    unwritable: int
    first: int
    last: int
    keyframe: bool


def write_events(events: list[Event]) -> EventLines:
    """One line an event, in the order given."""
    written: list[bytes] = []
    first, last, keyframe = math.inf, 0.0, False
    for event in events:
        line = event_line(event)
        if line is None:
            continue
        written.append(line)
        first, last = min(first, event["timestamp"]), max(last, event["timestamp"])
        keyframe = keyframe or event["type"] == EventType.FULL_SNAPSHOT
    start = math.floor(first) if written else 0
    return EventLines(b"".join(written), len(written), len(events) - len(written), start, math.ceil(last), keyframe)


def enriched_record(content: EventLines, headers: Mapping[str, str], received: int) -> Keep:
    """The record for replay.enriched.v1; `headers` are those that do not follow from the events."""
    described = {
        h.ENCODING: lines.ENCODING,
        h.EVENTS: str(content.events),
        h.FIRST: str(content.first),
        h.LAST: str(content.last),
        h.BYTES: str(len(content.text)),
        h.KEYFRAME: "1" if content.keyframe else "0",
    }
    return Keep(lines.pack(content.text), {**headers, **described}, received, content.events)
