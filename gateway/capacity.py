"""How much this process holds at once: payloads being received or waiting for the broker, and their bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from gateway.errors import Code, RejectedError
from gateway.shares import Holder, Shares
from service.metrics import Metrics

_log = structlog.get_logger(__name__)


class Capacity:
    """The bounds that keep a flood from becoming an out-of-memory kill; what is over them is refused.

    A body on its way takes none of the `max_waiting` places, only the bytes it has brought: a thousand that drip are
    in nobody's way.
    """

    def __init__(self, max_waiting: int, max_bytes: int, metrics: Metrics, clock: Callable[[], float]) -> None:
        self._max_waiting = max_waiting
        self._clock = clock
        self._shares = Shares(max_bytes, clock)
        self._requests = 0
        self._waiting: set[Holder] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._requests_gauge = metrics.gauge("reelstream_gateway_inflight_requests")
        self._bytes_gauge = metrics.gauge("reelstream_gateway_inflight_bytes")

    def enter(self, key: str, address: str, keyframe: bool, stop: Callable[[Code], None]) -> Holder:
        """Count a payload until `leave`. `stop` is called if it must give way before it is whole."""
        holder = Holder(key, address, keyframe, self._clock(), stop)
        self._shares.enter(holder)
        self._requests += 1
        self._requests_gauge.set(self._requests)
        self._idle.clear()
        return holder

    def leave(self, holder: Holder) -> None:
        """The answer is written."""
        self._shares.leave(holder)
        self._waiting.discard(holder)
        self._requests -= 1
        self._requests_gauge.set(self._requests)
        self._bytes_gauge.set(self._shares.held)
        if not self._requests:
            self._idle.set()

    def hold(self, holder: Holder, size: int) -> None:
        """Count `size` body bytes, or refuse them."""
        if not self._shares.hold(holder, size):
            raise RejectedError(Code.OVERLOADED)
        self._bytes_gauge.set(self._shares.held)

    def wait(self, holder: Holder) -> None:
        """The payload is whole and waits for the broker from now on, or is refused."""
        if len(self._waiting) >= self._max_waiting:
            raise RejectedError(Code.OVERLOADED)
        self._shares.complete(holder)
        self._waiting.add(holder)

    def end_receiving(self) -> None:
        """Refuse what is not yet whole: the process is stopping."""
        left = self._shares.receiving()
        if left:
            _log.warning("bodies_cut_off", payloads=len(left), answered=Code.DRAINING.value)
        for holder in left:
            holder.stop(Code.DRAINING)

    async def idle(self) -> None:
        """Return when no payload is being received or waiting."""
        await self._idle.wait()
