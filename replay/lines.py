"""From stored values to lines for players, without taking events apart.

Lines of a value end with a newline each, so values and frames follow one another as they are.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator

import orjson
import zstandard

# What enrich inflates at most, so no event is longer.
LONGEST_LINE = 64 * 1024 * 1024
_CHUNK = 256 * 1024
# A guess: events arrive a few places out of order at most, when frames of a page report late.
REORDER_EVENTS = 256
REORDER_BYTES = 1024 * 1024
# As a number before the brace that closes the event, it can only be the event's own member.
_TIMESTAMP_AT_END = re.compile(rb'[,{]"timestamp":(-?[0-9]{1,16})(?:\.[0-9]+)?\}$')


class DamagedError(ValueError):
    """A value that is not JSON lines in whole zstd frames, or holds a line beyond the bound."""


def read_lines(value: bytes) -> Iterator[bytes]:
    """Lines of a value, without newlines, inflated bit by bit. Raises DamagedError, maybe after some lines."""
    reader = zstandard.ZstdDecompressor().stream_reader(value, read_across_frames=True)
    pieces: list[bytes] = []
    length = 0
    while chunk := _read(reader):
        *ended, rest = chunk.split(b"\n")
        for end in ended:
            line = b"".join([*pieces, end])
            pieces, length = [], 0
            if line:
                yield _checked(line)
        pieces.append(rest)
        length += len(rest)
        if length > LONGEST_LINE:
            raise DamagedError
    if line := b"".join(pieces):
        yield _checked(line)


def _read(reader: zstandard.ZstdDecompressionReader) -> bytes:
    try:
        return reader.read(_CHUNK)
    except zstandard.ZstdError:
        raise DamagedError from None


def _checked(line: bytes) -> bytes:
    # A frame cut short ends without an error and in the middle of an event.
    if not (line.startswith(b"{") and line.endswith(b"}")):
        raise DamagedError
    return line


def timestamp(line: bytes) -> float:
    """An event's time; rrweb writes it last, and only where it is not the event is parsed. Raises DamagedError."""
    found = _TIMESTAMP_AT_END.search(line, max(0, len(line) - 64))
    if found:
        return int(found[1])
    try:
        return float(orjson.loads(line)["timestamp"])
    except (ValueError, KeyError, TypeError):
        raise DamagedError from None


def tag_window(line: bytes, window: str) -> bytes:
    """The event with `"windowId"` as its last member: parsers let the last one win, whatever the page wrote."""
    return b'%b,"windowId":"%b"}\n' % (line[:-1], window.encode())


class Reorder:
    """A stable sort by time of a stream that is almost sorted, in bounded memory.

    An event is put right if it is late by less than 256 events and 1 MiB; players sort the rest themselves.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, bytes]] = []
        self._bytes = 0
        self._count = 0

    def push(self, line: bytes) -> Iterator[bytes]:
        """Take one event and give those whose turn has come."""
        heapq.heappush(self._heap, (timestamp(line), self._count, line))
        self._count += 1
        self._bytes += len(line)
        while len(self._heap) > REORDER_EVENTS or self._bytes > REORDER_BYTES:
            yield self._pop()

    def drain(self) -> Iterator[bytes]:
        """Give what is left."""
        while self._heap:
            yield self._pop()

    def _pop(self) -> bytes:
        line = heapq.heappop(self._heap)[2]
        self._bytes -= len(line)
        return line
