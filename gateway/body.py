"""A request's body, read only once it is admitted, within bounds of size, time and memory.

Falcon asks the server for the first piece of a body before it routes, and takes a connection that breaks for the end
of the body. Here neither may happen: a stalled body would never reach our deadline, and half a payload would be
accepted. So Falcon is given an empty first piece, and the body is read past it, from the server's own events.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from gateway.admission import too_large
from gateway.capacity import Capacity
from gateway.errors import Code, RejectedError
from service.progress import Pace, Progress

Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]

# A client still sending when it is refused sees a broken connection, not the answer, unless the rest is read. Four
# times the largest body covers honest mistakes; two seconds of silence mean that nothing more comes.
LINGER_BYTES = 80 * 1024 * 1024
LINGER_IDLE_SECONDS = 2.0


class Upload:
    """The body of one request, and the bytes of it that count as held."""

    def __init__(self, receive: Receive, capacity: Capacity, pace: Pace) -> None:
        self._receive = receive
        self._capacity = capacity
        self._pace = pace
        self._entered = False
        self._held = 0
        self._more = True

    async def placeholder(self) -> Event:
        """The first event Falcon is given."""
        return {"type": "http.request", "body": b"", "more_body": True}

    def enter(self) -> None:
        """Count the request as one being served, until `release`; RejectedError if there are too many."""
        self._capacity.enter()
        self._entered = True

    async def read(self, limit: int) -> bytes:
        """The whole body; RejectedError if it is empty, too large, too slow, too much to hold, or breaks off."""
        pieces: list[bytes] = []
        loop = asyncio.get_running_loop()
        progress = Progress(self._pace, loop.time())
        try:
            async with asyncio.timeout(None) as patience:
                while self._more:
                    patience.reschedule(progress.deadline())
                    piece = await self._next()
                    progress.add(len(piece), loop.time())
                    if self._held + len(piece) > limit:
                        raise too_large(limit)
                    self._capacity.hold(len(piece))
                    self._held += len(piece)
                    pieces.append(piece)
        except TimeoutError:
            raise RejectedError(Code.BODY_TIMEOUT) from None
        if not self._held:
            raise RejectedError(Code.EMPTY_BODY)
        return b"".join(pieces)

    async def discard(self) -> None:
        """After the answer: read what the client still sends, within bounds, and keep nothing."""
        if not self._more:
            return
        seen = 0
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._pace.whole
        try:
            async with asyncio.timeout(None) as patience:
                while self._more and seen < LINGER_BYTES:
                    patience.reschedule(min(deadline, loop.time() + LINGER_IDLE_SECONDS))
                    seen += len(await self._next())
        except (TimeoutError, RejectedError):
            return

    def release(self) -> None:
        """The answer is written: neither the request nor its body counts any longer."""
        self._capacity.release(self._held)
        self._held = 0
        if self._entered:
            self._capacity.leave()
            self._entered = False

    async def _next(self) -> bytes:
        event = await self._receive()
        if event["type"] == "http.disconnect":
            self._more = False
            raise RejectedError(Code.CLIENT_GONE)
        self._more = event.get("more_body", False)
        piece: bytes = event.get("body", b"")
        return piece
