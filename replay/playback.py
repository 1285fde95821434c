"""The events of a recording as a stream of JSON lines, in bounded memory.

Window after window by first event, payload after payload in the order of time, also where an earlier page load goes on
after a later one began: see `replay.interleave`. Inside a run of one page load events are sorted by time as far as
`replay.lines.Reorder` reaches. What cannot be read or drawn becomes an rrweb custom event `reelstream.missing` in its
place, so that a player can say so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import orjson

from replay.interleave import interleave
from replay.lines import DamagedError, Reorder, read_lines, tag_window
from replay.page_loads import Blocks, PageLoad, batches
from replay.plan import Place, Value, plan, within
from schemas.rrweb import EventType

MISSING = "reelstream.missing"
# Why what is there is missing in the picture: its page load had been left, and no snapshot came with it.
LEFT = "page_left"
# The largest value a stage may write before it is cut (topic replay.redacted.v1).
LARGEST_VALUE = 24 * 1024 * 1024


def events(blocks: Blocks, loads: Sequence[PageLoad], from_ms: int, to_ms: int) -> Iterator[bytes]:
    """One line an event, newline included, with `windowId`. Raises UnavailableError between lines."""
    for window, members in groupby(loads, key=lambda load: load.window):
        of_window = list(members)
        for run in interleave([within(plan(blocks.of(load)), from_ms, to_ms) for load in of_window]):
            order = Reorder()
            for line in _undrawn(run.values) if run.is_left else _run(blocks, of_window[run.load], run.values):
                for ready in order.push(line):
                    yield tag_window(ready, window)
            for ready in order.drain():
                yield tag_window(ready, window)


def _run(blocks: Blocks, load: PageLoad, values: Sequence[Value]) -> Iterator[bytes]:
    for batch in batches(values):
        stored = blocks.stored(load, [value for value in batch if _is_whole(value)])
        for value in batch:
            yield from _lines(value, stored)


def _undrawn(values: Sequence[Value]) -> Iterator[bytes]:
    """What a page load did after another one had begun, without a snapshot to draw it on: said, not drawn."""
    yield _missing(values[0], last=values[-1], reason=LEFT)


def _lines(value: Value, stored: Mapping[Place, bytes]) -> Iterator[bytes]:
    whole = _joined(value, stored) if _is_whole(value) else None
    try:
        if whole is None:
            raise DamagedError
        yield from read_lines(whole)
    except DamagedError:
        yield _missing(value)


def _is_whole(value: Value) -> bool:
    return value.complete and value.head.value_bytes == value.size <= LARGEST_VALUE


def _joined(value: Value, stored: Mapping[Place, bytes]) -> bytes | None:
    """The value's bytes, or None if a piece left the store meanwhile or they are not what was cut."""
    pieces = [stored.get(block.at) for block in value.blocks]
    whole = b"".join(piece for piece in pieces if piece is not None)
    if None in pieces or len(whole) != value.head.value_bytes:
        return None
    digest = value.head.value_sha256
    return whole if not digest or hashlib.sha256(whole).hexdigest() == digest else None


def _missing(value: Value, last: Value | None = None, reason: str = "") -> bytes:
    head, end = value.head, (last or value).head
    payload: dict[str, Any] = {"first_seq": head.first_seq, "last_seq": end.last_seq}
    payload |= {"reason": reason} if reason else {"parts": head.parts, "found": len(value.blocks)}
    event = {
        "type": EventType.CUSTOM,
        "data": {"tag": MISSING, "payload": payload},
        "timestamp": max(0, head.first_ms),
    }
    return orjson.dumps(event)
