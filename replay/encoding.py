"""Compressing a stream for clients that ask for it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import zstandard

from service import accept_encoding

# Fast levels: what is saved beyond them does not pay for the time of a person waiting.
_ZSTD_LEVEL = 3
_GZIP_LEVEL = 4
_GZIP_WINDOW = 31
# Bytes gathered before they are compressed and sent.
PIECE = 64 * 1024


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


class _Plain:
    def compress(self, data: bytes, /) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


_COMPRESSORS: dict[str, Callable[[], _Compressor]] = {
    "zstd": lambda: zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compressobj(),
    "gzip": lambda: zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW),
    "": _Plain,
}


def accepted(header: str | None) -> str:
    """ "zstd" or "gzip", whichever Accept-Encoding prefers (zstd if equal), or "" for neither."""
    return accept_encoding.accepted(header, ("zstd", "gzip"))


def compressed(lines: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The same bytes in pieces of a useful size, compressed as `accepted` said."""
    compressor = _COMPRESSORS[encoding]()
    gathered: list[bytes] = []
    size = 0
    for line in lines:
        gathered.append(line)
        size += len(line)
        if size >= PIECE:
            if piece := compressor.compress(b"".join(gathered)):
                yield piece
            gathered, size = [], 0
    if piece := compressor.compress(b"".join(gathered)) + compressor.flush():
        yield piece
