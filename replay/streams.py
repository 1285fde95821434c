"""Answers that are long: how many there are at a time, and their bodies made bit by bit beside the loop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import structlog

from replay.door import Reader
from replay.errors import RefusalError
from replay.lanes import Lane, overloaded
from sql.store import UnavailableError

# Where an ASGI scope has the stream of its answer.
OPEN_STREAM = "reelstream.stream"

_log = structlog.get_logger(__name__)


class BrokenStreamError(Exception):
    """The status is long sent and the rest cannot be had: the connection must end without the end of the body."""


class Places:
    """How many answers stream at a time: in all, for one project, for one reader."""

    def __init__(self, total: int, of_project: int, of_reader: int) -> None:
        self._bounds = (total, of_project, of_reader)
        self._taken: Counter[tuple[str, ...]] = Counter()

    def take(self, reader: Reader) -> Callable[[], None]:
        """A place, and what gives it back; more calls do nothing. Raises RefusalError: 503, or 429 if it is the reader.

        What counts is the place, not the connection: it is given back when the last work for it has ended.
        """
        keys: tuple[tuple[str, ...], ...] = ((), (reader.project,), (reader.project, reader.id))
        full = [self._taken[key] >= bound for key, bound in zip(keys, self._bounds, strict=True)]
        if full[0] or full[1]:
            raise overloaded()
        if full[2]:
            detail = "This reader is reading as many recordings at a time as one may."
            raise RefusalError(429, "rate_limited", detail, {"Retry-After": "2"})
        self._taken.update(keys)
        given_back = False

        def give_back() -> None:
            nonlocal given_back
            if not given_back:
                given_back = True
                self._taken.subtract(keys)
                for key in keys:
                    if not self._taken[key]:
                        del self._taken[key]

        return give_back


class Stream:
    """What the server iterates over. The next piece is made when the last one was taken, in a thread."""

    def __init__(self, pieces: Iterator[bytes], lane: Lane, project: str, give_back: Callable[[], None]) -> None:
        self._pieces = pieces
        self._lane = lane
        self._project = project
        self._give_back = give_back
        self._working = False
        self._closed = False
        self._begun: list[bytes] = []

    def __aiter__(self) -> Stream:
        return self

    async def begin(self) -> None:
        """Make the first piece, so that what cannot begin is refused in form. Raises UnavailableError, RefusalError."""
        piece = await self._make()
        self._begun = [] if piece is None else [piece]

    async def __anext__(self) -> bytes:
        if self._begun:
            return self._begun.pop()
        try:
            piece = await self._make()
        except (UnavailableError, RefusalError) as error:
            _log.warning("stream_broken", code=getattr(error, "code", None))
            raise BrokenStreamError from None
        if piece is None:
            raise StopAsyncIteration
        return piece

    async def _make(self) -> bytes | None:
        self._working = True
        return await self._lane.run(self._project, self._next, self._rest)

    async def close(self) -> None:
        """No more is wanted; a piece that is being made is made, and then the place is free."""
        self._closed = True
        if not self._working:
            self._give_back()

    def _next(self) -> bytes | None:
        return next(self._pieces, None)

    def _rest(self) -> None:
        self._working = False
        if self._closed:
            self._give_back()
