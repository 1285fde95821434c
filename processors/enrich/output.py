"""Events written as the record that leaves enrich."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from processors.outcome import Keep
from processors.payload import Event, Payload
from schemas import headers as h
from schemas import lines
from schemas.event_line import LOST, event_line
from schemas.rrweb import NOT_RECORDED, EventType


@dataclass(frozen=True, slots=True)
class EventLines:
    """Events as JSON lines; `lost` counts those that have not rrweb's form or nest too deep to be written. Where there
    were such, one or more in a row, is a line LOST.

    `first` and `last` are client ms, `keyframe` says whether a full snapshot is among them.
    """

    text: bytes
    events: int
    lost: int
    first: int
    last: int
    keyframe: bool


def say_not_recorded(payload: Payload, sent: int) -> None:
    """Put what the recorder could not record among the events, last, so that a player can say it in its place.

    `sent` is the client's clock at sending, ms: the time of it where no event tells one.
    """
    if payload.not_recorded is None:
        return
    reason, count = payload.not_recorded
    told = [event["timestamp"] for event in payload.events if event is not None]
    payload.events.append(
        {
            "type": EventType.CUSTOM,
            "data": {"tag": NOT_RECORDED, "payload": {"reason": reason.value, "count": count}},
            "timestamp": told[-1] if told else sent,
        }
    )


def write_events(events: list[Event | None]) -> EventLines:
    """One line an event, in the order given; None is one that is lost already."""
    written: list[bytes] = []
    count = 0
    first, last, keyframe = math.inf, 0.0, False
    for event in events:
        line = event_line(event) if event is not None else None
        if event is None or line is None:
            if written[-1:] != [LOST]:
                written.append(LOST)
            continue
        written.append(line)
        count += 1
        first, last = min(first, event["timestamp"]), max(last, event["timestamp"])
        keyframe = keyframe or event["type"] == EventType.FULL_SNAPSHOT
    start = math.floor(first) if count else 0
    return EventLines(b"".join(written), count, len(events) - count, start, math.ceil(last), keyframe)


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
