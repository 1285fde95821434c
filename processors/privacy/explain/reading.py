"""A recording from a file: a JSON array of rrweb events, or one event on each line."""

from __future__ import annotations

from pathlib import Path

import orjson

from processors.privacy.limits import MIB
from processors.privacy.refusal import Json

# A tenth of it is a long session already, and all of it stands in memory several times.
MOST_BYTES = 256 * MIB


class ReadingError(ValueError):
    """The file holds no recording; the message says why, in one sentence."""


def read_recording(path: Path, window: str | None) -> list[Json]:
    """The events of a file in their order, of one window if several were recorded. ReadingError or OSError."""
    with path.open("rb") as file:
        text = file.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise ReadingError(f"the recording is larger than {MOST_BYTES // MIB} MiB")
    events = _events(text)
    if not all(type(event) is dict for event in events):
        raise ReadingError("an rrweb event is a JSON object, and some of these are not")
    return _of_one_window(events, window)


def _events(text: bytes) -> list[Json]:
    try:
        if text.lstrip()[:1] == b"[":
            events: list[Json] = orjson.loads(text)
            return events
        return [orjson.loads(line) for line in text.splitlines() if line.strip()]
    except orjson.JSONDecodeError as error:
        raise ReadingError(f"the file is neither a JSON array nor JSON lines: {error.msg}") from None


def _of_one_window(events: list[Json], window: str | None) -> list[Json]:
    """Node ids of two windows collide, so they are never looked at together."""
    windows = sorted({str(event["windowId"]) for event in events if "windowId" in event})
    if window is None and len(windows) > 1:
        raise ReadingError(f"the recording holds several windows, choose one with --window: {', '.join(windows)}")
    if window is not None and window not in windows:
        raise ReadingError(f"no such window; the recording has: {', '.join(windows) or 'one without a name'}")
    return [event for event in events if window is None or str(event.get("windowId")) == window]
