"""A request's body on its way from gunicorn's parser to the application, in pieces that are worth their objects."""

from __future__ import annotations

import asyncio
from typing import Any

from gunicorn.asgi.protocol import BodyReceiver

# An application that waits for more is woken for so much, or for the end: a thousand clients that send a byte a second
# each would otherwise keep the process busy with waking.
ENOUGH = 4096
# A piece shorter than this is joined to the one before: a byte in an object of its own takes forty.
SHORT = 1024


class BoundedReceiver(BodyReceiver):  # type: ignore[misc]  # gunicorn is not typed
    """Chunks of one byte, as an unkind client sends them, take no more memory than others."""

    _waiter: Any

    def __init__(self, request: Any, protocol: Any) -> None:
        super().__init__(request, protocol)
        self.total = 0
        # Set when the body was given up as too slow.
        self.slow = False

    def feed(self, chunk: bytes) -> None:
        """Called by the parser."""
        self.total += len(chunk)
        chunks = self._chunks
        if chunks and len(chunk) < SHORT and len(chunks[-1]) < SHORT:
            chunks[-1] += chunk
        elif chunk:
            chunks.append(chunk)
        self.expect_continue = False
        self._buffered += len(chunk)
        if self._buffered >= ENOUGH:
            self._wake_waiter()

    def give_up(self) -> None:
        """The body is too slow: nothing more of it is waited for."""
        self.slow = True
        self.signal_disconnect()

    async def receive(self) -> dict[str, Any]:
        """ASGI; a body given up as too slow says so in `slow`."""
        event: dict[str, Any] = await super().receive()
        return event | {"slow": True} if self.slow and event["type"] == "http.disconnect" else event

    async def _wait_for_data(self) -> None:
        """gunicorn's wait has a deadline of its own, and a timer for each piece; the table of connections has ours."""
        if self._chunks or self._complete or self._disconnected:
            return
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _pop_chunk(self) -> dict[str, Any]:
        event: dict[str, Any] = super()._pop_chunk()
        if self.protocol.large:
            self.protocol.note_held()
        return event
