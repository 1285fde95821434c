"""A request's body on its way from gunicorn's parser to the application, in pieces that are worth their objects."""

from __future__ import annotations

import asyncio
from typing import Any

from gunicorn.asgi.protocol import BodyReceiver

# A piece shorter than this is joined to the one before: a byte in an object of its own takes forty.
SHORT = 1024


class BoundedReceiver(BodyReceiver):  # type: ignore[misc]  # gunicorn is not typed
    """Chunks of one byte, as an unkind client sends them, take no more memory than others."""

    _waiter: Any

    def __init__(self, request: Any, protocol: Any) -> None:
        super().__init__(request, protocol)
        self.total = 0

    def feed(self, chunk: bytes) -> None:
        """Called by the parser."""
        self.total += len(chunk)
        chunks = self._chunks
        if chunks and len(chunk) < SHORT and len(chunks[-1]) < SHORT:
            chunks[-1] += chunk
            self._buffered += len(chunk)
        else:
            super().feed(chunk)

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
