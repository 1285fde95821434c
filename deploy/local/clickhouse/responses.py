"""From a result to a WSGI body: whole or streamed, compressed, with no error that reads like the end."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO

from deploy.local.clickhouse.encodings import PIECE_BYTES, Compressor
from deploy.local.clickhouse.errors import ClickHouseError

_SPOOL_IN_MEMORY_BYTES = 8 << 20


class StreamBrokenError(Exception):
    """Raised after a mid-stream error was written: the server then cuts the connection without a last chunk."""


class ResultBody:
    """An iterable response that gives its connection back when it is closed, read or not."""

    def __init__(self, pieces: Iterator[bytes], resources: ExitStack) -> None:
        self._pieces = pieces
        self._resources = resources

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        """Stop the query if it still runs and release its connection."""
        self._resources.close()


def new_tag() -> str:
    """What marks an error in a stream (header `X-ClickHouse-Exception-Tag`): 16 characters, as ClickHouse's."""
    return secrets.token_hex(8)


def whole(pieces: Iterator[bytes], compressor: Compressor | None, resources: ExitStack) -> tuple[IO[bytes], int]:
    """The whole result in a file, on disk above 8 MiB, and its length (`wait_end_of_query=1`).

    The file closes with `resources`. Raises ClickHouseError.
    """
    spool = resources.enter_context(tempfile.SpooledTemporaryFile(max_size=_SPOOL_IN_MEMORY_BYTES))  # noqa: SIM115
    for piece in pieces:
        spool.write(compressor.compress(piece) if compressor else piece)
    if compressor:
        spool.write(compressor.flush())
    length = spool.tell()
    spool.seek(0)
    return spool, length


def in_pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The file's bytes from here on, 1 MiB at a time."""
    return iter(lambda: file.read(PIECE_BYTES), b"")


def streamed(pieces: Iterator[bytes], compressor: Compressor | None, tag: str) -> Iterator[bytes]:
    """The result as it comes. The first piece is made at once: an early error raises ClickHouseError here.

    A later error is written as ClickHouse's exception frame and then breaks the stream: without the frame
    clickhouse-connect takes what it has for the whole result, and a plain reader sees only the break.
    """
    return _stream(next(pieces, b""), pieces, compressor, tag)


def _stream(first: bytes, rest: Iterator[bytes], compressor: Compressor | None, tag: str) -> Iterator[bytes]:
    broken = False
    try:
        yield compressor.compress(first) if compressor else first
        for piece in rest:
            yield compressor.compress(piece) if compressor else piece
    except ClickHouseError as error:
        broken = True
        frame = _exception_frame(error, tag)
        yield compressor.compress(frame) if compressor else frame
    if compressor:
        yield compressor.flush()
    if broken:
        raise StreamBrokenError


def _exception_frame(error: ClickHouseError, tag: str) -> bytes:
    message = error.text.encode(errors="replace") + b"\n"
    footer = f"{len(message)} {tag}\r\n__exception__\r\n"
    return f"\r\n__exception__\r\n{tag}\r\n".encode() + message + footer.encode()
