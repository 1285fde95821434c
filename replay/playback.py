"""The events of a recording as a stream of JSON lines, in bounded memory.

Window after window by first event, page load after page load, payload after payload; inside a page load events are
sorted by time as far as `replay.lines.Reorder` reaches. What cannot be read becomes an rrweb custom event
`reelstream.missing` in its place, so that a player can say so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import orjson

from replay.lines import DamagedError, Reorder, read_lines, tag_window
from replay.page_loads import Blocks, PageLoad, batches
from replay.plan import Place, Value, plan, within
from schemas.rrweb import EventType

MISSING = "reelstream.missing"
# The largest value a stage may write before it is cut (topic replay.redacted.v1).
LARGEST_VALUE = 24 * 1024 * 1024


def events(blocks: Blocks, loads: Sequence[PageLoad], from_ms: int, to_ms: int) -> Iterator[bytes]:
    """One line an event, newline included, with `windowId`. Raises UnavailableError between lines."""
    for load in loads:
        order = Reorder()
        values = within(plan(blocks.of(load)), from_ms, to_ms)
        for batch in batches(values):
            stored = blocks.stored(load, [value for value in batch if _is_whole(value)])
            for value in batch:
                for line in _lines(value, stored):
                    for ready in order.push(line):
                        yield tag_window(ready, load.window)
        for ready in order.drain():
            yield tag_window(ready, load.window)


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


def _missing(value: Value) -> bytes:
    head = value.head
    payload = {"first_seq": head.first_seq, "last_seq": head.last_seq, "parts": head.parts, "found": len(value.blocks)}
    event = {
        "type": EventType.CUSTOM,
        "data": {"tag": MISSING, "payload": payload},
        "timestamp": max(0, head.first_ms),
    }
    return orjson.dumps(event)
