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
from gateway.shares import Holder
from service.progress import Pace, Progress

Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]

# A client still sending when it is refused sees a broken connection, not the answer, unless the rest is read. Four
# times the largest body covers honest mistakes; two seconds of silence mean that nothing more comes.
LINGER_BYTES = 80 * 1024 * 1024
LINGER_IDLE_SECONDS = 2.0


class Upload:
    """The body of one request, and the bytes of it that count as held."""

    def __init__(self, receive: Receive, capacity: Capacity, pace: Pace, *, paced: bool) -> None:
        """`paced`: the server itself keeps to `pace`, and sees bytes that have not come here yet."""
        self._receive = receive
        self._paced = paced
        self._capacity = capacity
        self._pace = pace
        self._holder: Holder | None = None
        self._patience: asyncio.Timeout | None = None
        self._stopped: Code | None = None
        self._received = 0
        self._more = True

    @property
    def received(self) -> int:
        """Bytes of the body that came so far, kept or not."""
        return self._received

    async def placeholder(self) -> Event:
        """The first event Falcon is given."""
        return {"type": "http.request", "body": b"", "more_body": True}

    def enter(self, key: str, address: str, *, keyframe: bool) -> None:
        """Count the request as one being served, until `release`. `key` and `address` are whose share it is of."""
        self._holder = self._capacity.enter(key, address, keyframe, self.stop)

    def stop(self, code: Code) -> None:
        """End the reading from outside: `read` raises RejectedError with `code`."""
        self._stopped = code
        if self._patience is not None and not self._patience.expired():
            self._patience.reschedule(0)

    async def read(self, limit: int) -> bytes:
        """The whole body; RejectedError if it is empty, too large, too slow, too much to hold, or breaks off."""
        holder = self._holder
        assert holder is not None
        if self._stopped is not None:
            raise RejectedError(self._stopped)
        body = bytearray()
        loop = asyncio.get_running_loop()
        progress = Progress(self._pace, loop.time())
        try:
            async with asyncio.timeout(None) as self._patience:
                while self._more:
                    if not self._paced:
                        self._patience.reschedule(progress.deadline())
                    piece = await self._next()
                    if self._stopped is not None:
                        raise RejectedError(self._stopped)
                    if len(body) + len(piece) > limit:
                        raise too_large(limit)
                    self._capacity.hold(holder, len(piece))
                    if not body and not self._more:
                        # Most bodies come in one piece, which need not be copied.
                        self._capacity.wait(holder)
                        return self._whole(piece)
                    body += piece
                    progress.add(len(piece), loop.time())
                self._capacity.wait(holder)
        except TimeoutError:
            raise RejectedError(self._stopped or Code.BODY_TIMEOUT) from None
        finally:
            self._patience = None
        return self._whole(bytes(body))

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
        if self._holder is not None:
            self._capacity.leave(self._holder)
            self._holder = None

    async def _next(self) -> bytes:
        event = await self._receive()
        if event["type"] == "http.disconnect":
            self._more = False
            raise RejectedError(Code.BODY_TIMEOUT if event.get("slow") else Code.CLIENT_GONE)
        self._more = event.get("more_body", False)
        piece: bytes = event.get("body", b"")
        self._received += len(piece)
        return piece

    @staticmethod
    def _whole(body: bytes) -> bytes:
        if not body:
            raise RejectedError(Code.EMPTY_BODY)
        return body
