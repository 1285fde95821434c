"""Long answers: one that cannot begin is refused in form, one that breaks later is cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import cast

import pytest

from replay.lanes import Lane
from replay.streams import BrokenStreamError, Stream
from sql.store import UnavailableError


class _AtOnce:
    """A lane that works where it is asked."""

    async def run(self, _project: str, work: Callable[[], bytes | None], rest: Callable[[], None]) -> bytes | None:
        try:
            return work()
        finally:
            rest()


def _stream(pieces: Iterator[bytes], given_back: list[bool]) -> Stream:
    return Stream(pieces, cast("Lane", _AtOnce()), "demo", lambda: given_back.append(True))


def _failing_after(pieces: list[bytes]) -> Iterator[bytes]:
    yield from pieces
    raise UnavailableError(None)


def test_stream_that_cannot_begin_says_why() -> None:
    """Nothing is sent by then, so that the answer can still be a refusal; the place is free again."""

    async def ask() -> None:
        given_back: list[bool] = []
        stream = _stream(_failing_after([]), given_back)
        with pytest.raises(UnavailableError):
            await stream.begin()
        await stream.close()
        assert given_back == [True]

    asyncio.run(ask())


def test_stream_gives_every_piece_once_and_breaks_where_it_fails() -> None:
    """The first piece, which was made early, too."""

    async def ask() -> None:
        stream = _stream(_failing_after([b"a", b"b"]), [])
        await stream.begin()
        assert [await anext(stream), await anext(stream)] == [b"a", b"b"]
        with pytest.raises(BrokenStreamError):
            await anext(stream)
        empty = _stream(iter(()), [])
        await empty.begin()
        assert [piece async for piece in empty] == []

    asyncio.run(ask())
