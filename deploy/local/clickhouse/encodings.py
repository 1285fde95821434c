"""Bodies in and out: decompression of what clickhouse-connect sends, compression of what it asks for."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Iterator
from typing import IO, Protocol, cast

import lz4.frame  # type: ignore[import-untyped]

from deploy.local.clickhouse.errors import CANNOT_DECOMPRESS, NOT_IMPLEMENTED, TOO_MANY_BYTES, refusal

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PIECE_BYTES = 1 << 20


class Readable(Protocol):
    """The one method of a file that a body needs."""

    def read(self, size: int, /) -> bytes: ...


def open_body(stream: IO[bytes], encoding: str | None) -> Readable:
    """The request body without its `Content-Encoding`: gzip, lz4, zstd or none.

    clickhouse-connect sends one LZ4 or zstd frame per block, so every reader here goes on across frames:
    one that stops after the first loses rows without an error.
    """
    match encoding:
        case None | "" | "identity":
            return stream
        case "gzip":
            return gzip.GzipFile(fileobj=stream)
        case "lz4":
            return cast(Readable, lz4.frame.LZ4FrameFile(stream))
        case "zstd":
            return zstd.ZstdFile(stream)
        case _:
            raise refusal(NOT_IMPLEMENTED, "Unknown compression method of the request body.")


def pieces(body: Readable, limit: int) -> Iterator[bytes]:
    """The body in pieces of at most 1 MiB; ClickHouseError when broken or longer than `limit` bytes."""
    total = 0
    while piece := read_piece(body, PIECE_BYTES):
        total += len(piece)
        if total > limit:
            raise refusal(TOO_MANY_BYTES, f"The request body holds more than {limit} bytes.")
        yield piece


def read_piece(body: Readable, size: int) -> bytes:
    """At most `size` bytes, empty at the end; ClickHouseError when the compressed body is broken."""
    try:
        return body.read(size)
    except (EOFError, RuntimeError, gzip.BadGzipFile, zlib.error, zstd.ZstdError):
        raise refusal(CANNOT_DECOMPRESS, "Cannot decompress the request body.") from None


class Compressor(Protocol):
    """One response's compression."""

    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


class _Lz4Frame:
    """One LZ4 frame for the whole response: clickhouse-connect reads a response as a single frame."""

    def __init__(self) -> None:
        self._frame = lz4.frame.LZ4FrameCompressor()
        self._header: bytes | None = self._frame.begin()

    def compress(self, data: bytes, /) -> bytes:
        return self._take_header() + bytes(self._frame.compress(data))

    def flush(self) -> bytes:
        return self._take_header() + bytes(self._frame.flush())

    def _take_header(self) -> bytes:
        header, self._header = self._header or b"", None
        return header


def choose_compressor(accept_encoding: str) -> tuple[str, Compressor | None]:
    """The encoding for an `Accept-Encoding`: lz4, zstd or gzip, in this order; none of them: ('', None)."""
    offered = {part.partition(";")[0].strip() for part in accept_encoding.lower().split(",")}
    if "lz4" in offered:
        return "lz4", _Lz4Frame()
    if "zstd" in offered:
        return "zstd", zstd.ZstdCompressor()
    if "gzip" in offered:
        return "gzip", zlib.compressobj(wbits=31)
    return "", None
