"""What the server calls: the application, what it must not see, and what runs beside it for as long as it is served."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from falcon.asgi import App, Request, Response

from replay.streams import OPEN_STREAM, BrokenStreamError

Event = dict[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Follower = Callable[[], Coroutine[Any, Any, None]]

# A client still sending when it is answered sees a broken connection, not the answer, unless some of it is read.
LINGER_BYTES = 1024 * 1024
LINGER_SECONDS = 2.0


class Replay:
    """ASGI: the public application on one port, the probes on the other.

    Falcon waits for the first piece of a body before it routes; here no request waits for a body nobody reads.
    """

    def __init__(
        self,
        public: App[Request, Response],
        probes: App[Request, Response],
        probe_port: int,
        followers: Sequence[Follower],
    ) -> None:
        self._public = public
        self._probes = probes
        self._probe_port = probe_port
        self._followers = followers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await receive()
            # Before it is accepted, this is the answer 403.
            await send({"type": "websocket.close", "code": 1000})
        else:
            _, port = scope["server"]
            if port == self._probe_port:
                await self._probes(scope, receive, send)
            else:
                await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _Body(receive)
        try:
            await self._public(scope, body.next, send)
        except BrokenStreamError:
            # The answer stays without its end, which the server turns into a closed connection.
            return
        finally:
            stream = scope.pop(OPEN_STREAM, None)
            if stream is not None:
                await stream.close()
        await body.discard()

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        tasks = [asyncio.create_task(follower()) for follower in self._followers]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        await send({"type": "lifespan.shutdown.complete"})


class _Body:
    """The body of one request: nothing at first, then what the client sends."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._begun = False
        self._more = True

    async def next(self) -> Event:
        """ASGI `receive`."""
        if not self._begun:
            self._begun = True
            return {"type": "http.request", "body": b"", "more_body": True}
        event = await self._receive()
        self._more = event["type"] == "http.request" and event.get("more_body", False)
        return event

    async def discard(self) -> None:
        """After the answer: read a little of what the client still sends, and keep nothing."""
        seen = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while self._more and seen < LINGER_BYTES:
                    seen += len((await self.next()).get("body", b""))
