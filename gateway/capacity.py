"""How much this process holds at once: payloads being read or waiting for the broker, and their bytes."""

from __future__ import annotations

import asyncio

from gateway.errors import Code, RejectedError
from service.metrics import Metrics


class Capacity:
    """The two bounds that keep a flood from becoming an out-of-memory kill; what is over them is refused."""

    def __init__(self, max_requests: int, max_bytes: int, metrics: Metrics) -> None:
        self._max_requests = max_requests
        self._max_bytes = max_bytes
        self._requests = 0
        self._bytes = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._requests_gauge = metrics.gauge("reelstream_gateway_inflight_requests")
        self._bytes_gauge = metrics.gauge("reelstream_gateway_inflight_bytes")

    def enter(self) -> None:
        """Count a request until `leave`, or refuse it."""
        if self._requests >= self._max_requests:
            raise RejectedError(Code.OVERLOADED)
        self._requests += 1
        self._requests_gauge.set(self._requests)
        self._idle.clear()

    def leave(self) -> None:
        """The answer is written."""
        self._requests -= 1
        self._requests_gauge.set(self._requests)
        if not self._requests:
            self._idle.set()

    def hold(self, size: int) -> None:
        """Count `size` body bytes, or refuse them."""
        if self._bytes + size > self._max_bytes:
            raise RejectedError(Code.OVERLOADED)
        self._bytes += size
        self._bytes_gauge.set(self._bytes)

    def release(self, size: int) -> None:
        """Give back what `hold` counted."""
        self._bytes -= size
        self._bytes_gauge.set(self._bytes)

    async def idle(self) -> None:
        """Return when no payload is being read or waiting."""
        await self._idle.wait()
