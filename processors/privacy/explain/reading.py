"""A recording from a file, in any form that the gateway takes, as the enforcer gets it from the stage before it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from processors.payload import Event, read_entries, read_payload
from processors.privacy.explain.forms import TooLargeError, page_loads, unpacked
from processors.privacy.limits import MIB
from schemas.event_line import LOST, event_line
from schemas.reasons import Reason

# A tenth of it is a long session already, and all of it stands in memory several times.
MOST_BYTES = 256 * MIB
_FORMS = "expected a JSON array of rrweb events, one event on each line, or an object with `events` or `payloads`"
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
    no events stood; `unusable` is how many those were. `starts` are the lines at which another page load begins, where
    the form tells.
    """

    lines: list[bytes]
    unusable: int
    starts: frozenset[int] = frozenset()


def read_recording(path: Path, window: str | None) -> Recording:
    """The events of a file, of one window if several were recorded. ReadingError or OSError."""
    with path.open("rb") as file:
        text = file.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise ReadingError(f"the recording is larger than {MOST_BYTES // MIB} MiB")
    if not text.strip():
        raise ReadingError("the file is empty")
    try:
        text = unpacked(text, MOST_BYTES)
    except TooLargeError:
        raise ReadingError(_SENTENCES[Reason.INFLATE_LIMIT]) from None
    loads = _page_loads(text)
    if not any(event for events in loads for event in events):
        raise ReadingError("not one entry is an rrweb event: an object with `type`, `data` and `timestamp`")
    windows = _chosen([event for events in loads for event in events], window)
    written: list[bytes | None] = []
    starts = set()
    for events in loads:
        starts.add(len(written))
        written += [event_line(event) if event else None for event in events if _is_of(event, windows)]
    return Recording([line or LOST for line in written], written.count(None), frozenset(starts))


def _page_loads(text: bytes) -> list[list[Event | None]]:
    """The events of each page load that the form tells apart; ReadingError."""
    loads = page_loads(text)
    if loads is None:
        payload = read_payload(text, MOST_BYTES)
        return [_usable(payload if isinstance(payload, Reason) else payload.events)]
    return [_usable(read_entries(entries, MOST_BYTES - len(text))) for entries in loads]


def _usable(events: list[Event | None] | Reason) -> list[Event | None]:
    if isinstance(events, Reason):
        raise ReadingError(_SENTENCES[events])
    return events


def _chosen(events: list[Event | None], window: str | None) -> str | None:
    """Node ids of two windows collide, so they are never looked at together. None if there is one."""
    windows = sorted({str(event["windowId"]) for event in events if event and "windowId" in event})
    if window is None and len(windows) > 1:
        raise ReadingError(f"the recording holds several windows, choose one with --window: {', '.join(windows)}")
    if window is not None and window not in windows:
        raise ReadingError(f"no such window; the recording has: {', '.join(windows) or 'one without a name'}")
    return window


def _is_of(event: Event | None, window: str | None) -> bool:
    """What is no event may be of any window."""
    return window is None or not event or str(event.get("windowId")) == window
