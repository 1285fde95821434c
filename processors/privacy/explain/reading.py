"""A recording from a file, in any form that the gateway takes, as the enforcer gets it from the stage before it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from processors.payload import Event, read_payload
from processors.privacy.limits import MIB
from schemas.event_line import LOST, event_line
from schemas.reasons import Reason

# A tenth of it is a long session already, and all of it stands in memory several times.
MOST_BYTES = 256 * MIB
_FORMS = "expected a JSON array of rrweb events, one event on each line, or an object with `events`"
_SENTENCES = {
    Reason.BAD_JSON: f"the file is not JSON; {_FORMS}",
    Reason.BAD_SHAPE: f"the file is JSON, but no recording; {_FORMS}",
    Reason.INFLATE_LIMIT: f"the recording is larger than {MOST_BYTES // MIB} MiB once its events are unpacked",
}


class ReadingError(ValueError):
    """The file holds no recording; the message says why, in one sentence."""


@dataclass(frozen=True, slots=True)
class Recording:
    """`lines` are the events of one window in their order, each as one line of JSON, and LOST where entries that are
    no events stood; `unusable` is how many those were.
    """

    lines: list[bytes]
    unusable: int


def read_recording(path: Path, window: str | None) -> Recording:
    """The events of a file, of one window if several were recorded. ReadingError or OSError."""
    with path.open("rb") as file:
        text = file.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise ReadingError(f"the recording is larger than {MOST_BYTES // MIB} MiB")
    if not text.strip():
        raise ReadingError("the file is empty")
    payload = read_payload(text, MOST_BYTES)
    if isinstance(payload, Reason):
        raise ReadingError(_SENTENCES[payload])
    if not any(payload.events):
        raise ReadingError("not one entry is an rrweb event: an object with `type`, `data` and `timestamp`")
    written = [event_line(event) if event else None for event in _of_one_window(payload.events, window)]
    return Recording([line or LOST for line in written], written.count(None))


def _of_one_window(events: list[Event | None], window: str | None) -> list[Event | None]:
    """Node ids of two windows collide, so they are never looked at together. What is no event may be of any."""
    windows = sorted({str(event["windowId"]) for event in events if event and "windowId" in event})
    if window is None and len(windows) > 1:
        raise ReadingError(f"the recording holds several windows, choose one with --window: {', '.join(windows)}")
    if window is not None and window not in windows:
        raise ReadingError(f"no such window; the recording has: {', '.join(windows) or 'one without a name'}")
    return [event for event in events if window is None or not event or str(event.get("windowId")) == window]
