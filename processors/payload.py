"""What a body holds: rrweb events as a JSON array, as `{"user": …, "events": […]}`, or as JSON lines.

Each event is an object, or a string: one packed by @rrweb/packer (zlib bytes as Latin-1 characters), or plain JSON.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from processors.json_text import loads
from schemas.reasons import Reason
from schemas.rrweb import EventType

MAX_USER = 256
# UTF-8's, which some programs write before JSON (RFC 8259, section 8.1: it may be ignored).
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# The last millisecond an ECMAScript Date can name.
MAX_TIMESTAMP = 8.64e15
_LINE = re.compile(rb"[^\r\n]+")
_SLICE = 16 * 1024
_PIECE = 16 * 1024
_WITHOUT_DATA = frozenset({EventType.DOM_CONTENT_LOADED, EventType.LOAD})

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Payload:
    """Events in the order sent, None for each that has not rrweb's outer form; the user the page named, or ""."""

    events: list[Event | None]
    user: str


class _OverLimitError(Exception):
    pass


def read_payload(body: bytes | bytearray, limit: int) -> Payload | Reason:
    """The payload of an inflated body; or BAD_JSON, BAD_SHAPE, or INFLATE_LIMIT.

    `limit` bounds the body and all its packed events together, in bytes.
    """
    try:
        document = _document(body[len(BYTE_ORDER_MARK) :] if body.startswith(BYTE_ORDER_MARK) else body)
    except ValueError:
        return Reason.BAD_JSON
    user = ""
    if isinstance(document, dict) and "events" in document:
        named = _user(document.get("user"))
        if named is None:
            return Reason.BAD_SHAPE
        user, document = named, document["events"]
    elif isinstance(document, str) or (isinstance(document, dict) and "type" in document):
        document = [document]
    if not isinstance(document, list):
        return Reason.BAD_SHAPE
    try:
        events = [event if _is_event(event) else None for event in _open(document, limit - len(body))]
    except _OverLimitError:
        return Reason.INFLATE_LIMIT
    return Payload(events, user)


def read_entries(entries: Iterable[Any], limit: int) -> list[Event | None] | Reason:
    """The events among parsed entries, packed or not, None for each that is none; or INFLATE_LIMIT.

    `limit` bounds the packed ones together once they are unpacked, in bytes.
    """
    try:
        return [event if _is_event(event) else None for event in _open(entries, limit)]
    except _OverLimitError:
        return Reason.INFLATE_LIMIT


def _document(body: bytes | bytearray) -> Any:
    try:
        return loads(body)
    except ValueError:
        # Matched one by one: splitting a body of newlines would make millions of objects.
        lines = [loads(match.group()) for match in _LINE.finditer(body) if match.group().strip()]
        if len(lines) < 2:
            raise
        return lines


def _user(value: Any) -> str | None:
    if value is None:
        return ""
    if isinstance(value, dict):
        value = value.get("id")
    return value if isinstance(value, str) and len(value) <= MAX_USER else None


def _open(items: Iterable[Any], budget: int) -> Iterable[Any]:
    for item in items:
        if not isinstance(item, str):
            yield item
            continue
        if item.lstrip()[:1] == "{":
            text = item.encode()
            budget -= len(text)
        else:
            text, cost = _unpack(item, budget)
            budget -= cost
        if budget < 0:
            raise _OverLimitError
        try:
            yield loads(text)
        except ValueError:
            yield None


def _unpack(packed: str, budget: int) -> tuple[bytes, int]:
    """The JSON text in a packed event, empty if it is not one; and what was inflated for it, also if it was in vain.

    Stops a piece beyond the budget, in bytes. Small slices, since zlib copies what it leaves of one with each piece.
    """
    stream = zlib.decompressobj()
    text = bytearray()
    cost = 0
    try:
        content = packed.encode("latin-1")
    except UnicodeEncodeError:
        return b"", 0
    try:
        for start in range(0, len(content), _SLICE):
            rest = content[start : start + _SLICE]
            more = True
            while more and not stream.eof:
                piece = stream.decompress(rest, _PIECE)
                rest = stream.unconsumed_tail
                # A full piece may not be all of what was read already.
                more = bool(rest) or len(piece) == _PIECE
                text += piece
                cost += len(piece)
                if cost > budget:
                    return b"", cost
            if stream.eof:
                return bytes(text), cost
    except zlib.error:
        # What is no stream at all costs nothing; else up to a piece was inflated that nobody has seen.
        is_stream = int.from_bytes(content[:2]) % 31 == 0
        return b"", cost + (_PIECE if is_stream else 0)
    return b"", cost


def _is_event(event: Any) -> bool:
    if not isinstance(event, dict):
        return False
    kind, timestamp, data = event.get("type"), event.get("timestamp"), event.get("data")
    if isinstance(kind, bool) or not isinstance(kind, int) or not 0 <= kind <= 255:
        return False
    if isinstance(timestamp, bool) or not isinstance(timestamp, int | float) or not 0 <= timestamp <= MAX_TIMESTAMP:
        return False
    return isinstance(data, dict) or (data is None and kind in _WITHOUT_DATA)
