"""Bodies inflated under a bound: whatever a body claims, memory stays at the limit and what one slice can become.

Formats: gzip RFC 1952 (several members may follow one another), deflate as RFC 9110 means it (zlib, RFC 1950) or as
some clients send it (raw, RFC 1951), zstd RFC 8878 with the window bound of RFC 9659, brotli RFC 7932. After the end of
the first three there may be padding: zeros, blanks and line ends, as tapes, shells and HTTP libraries leave them.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import brotli
import zstandard

from schemas.reasons import Reason

PLAIN = frozenset({"", "identity", "none"})
# Deflate grows at most 1032 times; four bytes of zstd can be a block of 128 KiB. So one slice of either is 16 MiB
# at most, which their Python interfaces cannot bound by themselves.
DEFLATE_SLICE = 16 * 1024
ZSTD_SLICE = 512
BROTLI_SLICE = 64 * 1024
BROTLI_PIECE = 1024 * 1024
ZSTD_WINDOW = 8 * 1024 * 1024
# Browsers send one member. Opening a million empty ones would take a worker many seconds.
MEMBERS = 1000

# What may follow the last member.
PADDING = b"\0 \t\r\n"

Body = bytes | bytearray


class _Member(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def inflate(body: bytes, encoding: str, limit: int) -> Body | Reason:
    """The body's content, at most `limit` bytes; or INFLATE_LIMIT, or BAD_ENCODING (also when it is cut short).

    `encoding` is one that `schemas.encodings` gives; KeyError otherwise.
    """
    if encoding in PLAIN:
        return body if len(body) <= limit else Reason.INFLATE_LIMIT
    content = bytearray()
    try:
        for piece in _STREAMS[encoding](body):
            content += piece
            if len(content) > limit:
                return Reason.INFLATE_LIMIT
    except (zlib.error, zstandard.ZstdError, brotli.error, EOFError):
        return Reason.BAD_ENCODING
    return content


def _gzip(body: bytes) -> Iterator[bytes]:
    return _members(body, lambda: zlib.decompressobj(zlib.MAX_WBITS | 16), DEFLATE_SLICE, MEMBERS)


def _deflate(body: bytes) -> Iterator[bytes]:
    wrapped = len(body) > 1 and body[0] & 0x0F == zlib.DEFLATED and int.from_bytes(body[:2]) % 31 == 0
    window = zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS
    return _members(body, lambda: zlib.decompressobj(window), DEFLATE_SLICE, 1)


def _zstd(body: bytes) -> Iterator[bytes]:
    frames = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
    return _members(body, frames.decompressobj, ZSTD_SLICE, MEMBERS)


def _members(body: bytes, begin: Callable[[], _Member], slice_bytes: int, most: int) -> Iterator[bytes]:
    """Pieces of one or more compressed members in a row; EOFError if there are too many or the last is cut short.

    Padding ends the body: nothing else may follow it.
    """
    member: _Member | None = None
    count = 0
    for start in range(0, len(body), slice_bytes):
        rest = body[start : start + slice_bytes]
        while rest:
            if member is None:
                if count and rest[0] in PADDING:
                    if body[start + slice_bytes :].strip(PADDING) or rest.strip(PADDING):
                        raise EOFError
                    return
                count += 1
                if count > most:
                    raise EOFError
                member = begin()
            yield member.decompress(rest)
            rest = b""
            if member.eof:
                rest, member = member.unused_data, None
    if member is not None or count == 0:
        raise EOFError


def _brotli(body: bytes) -> Iterator[bytes]:
    stream = brotli.Decompressor()
    for start in range(0, len(body), BROTLI_SLICE):
        yield stream.process(body[start : start + BROTLI_SLICE], output_buffer_limit=BROTLI_PIECE)
        while not (stream.can_accept_more_data() or stream.is_finished()):
            yield stream.process(b"", output_buffer_limit=BROTLI_PIECE)
    if not stream.is_finished():
        raise EOFError


_STREAMS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gzip,
    "deflate": _deflate,
    "zstd": _zstd,
    "br": _brotli,
}
