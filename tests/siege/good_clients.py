"""Fifty people who are recorded while the siege goes on, and one who watches."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Awaitable, Callable
from functools import partial

import httpx

from tests.chaos.writers import Written
from tests.e2e.payloads import PageLoad, click, packed, page_start
from tests.e2e.stack import Stack
from tests.siege.ground import GOOD_FORWARDED, GOOD_NETWORK, proxy_of

CLICKS = 2
PAUSE_SECONDS = 2.0
PAYLOADS = 30
# Now and then a page of the size real ones have.
LARGE_EVERY = 8
LARGE_BYTES = 300_000
WATCH_SECONDS = 2.0
SECONDS = 30.0


class GoodClients:
    """`seconds` has the time to each answer, `accepted` the moment of each 202 by (session, seq); monotonic.

    `refusals` says what was not answered as it should be: all empty is good.
    """

    def __init__(self, stack: Stack, key: str, token: str, people: int, *, behind_proxy: bool) -> None:
        self._stack = stack
        self._key = key
        self._token = token
        self._people = people
        self._behind_proxy = behind_proxy
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()))
        self.sessions: list[Written] = []
        self.seconds: list[float] = []
        self.watched: list[float] = []
        self.accepted: dict[tuple[str, int], float] = {}
        self.refusals: list[str] = []

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Begin no further payload, and wait for the answers of those under way."""
        self._stop.set()
        self._thread.join()

    async def _all(self) -> None:
        await asyncio.gather(*(self._person(number) for number in range(self._people)), self._watch())

    def _client(self, number: int, **rest: object) -> httpx.AsyncClient:
        forwarded = f"{GOOD_FORWARDED}.{number + 1}"
        local = proxy_of(forwarded) if self._behind_proxy else f"{GOOD_NETWORK}.{number + 1}"
        headers = {"X-Forwarded-For": forwarded} if self._behind_proxy else {}
        # A connection that is kept may be closed by the server just as it is used again.
        limits = httpx.Limits(keepalive_expiry=1.0)
        transport = httpx.AsyncHTTPTransport(local_address=local, limits=limits)
        return httpx.AsyncClient(transport=transport, headers=headers, timeout=SECONDS)

    async def _person(self, number: int) -> None:
        await asyncio.sleep(PAUSE_SECONDS * number / self._people)
        begun = number
        async with self._client(number) as client:
            while not self._stop.is_set():
                session = Written(PageLoad(self._stack.gateway, key=self._key))
                self.sessions.append(session)
                begun += 1
                image = f"data:image/png;base64,{secrets.token_urlsafe(LARGE_BYTES)}"
                events = page_start(images=[image] if begun % LARGE_EVERY == 0 else [])
                for _ in range(PAYLOADS):
                    if not await self._send(client, session, packed(events)):
                        break
                    await asyncio.sleep(PAUSE_SECONDS)
                    if self._stop.is_set():
                        return
                    events = [click(session.load.seq, part) for part in range(CLICKS)]

    async def _send(self, client: httpx.AsyncClient, session: Written, body: bytes) -> bool:
        load, number = session.load, session.load.seq
        load.seq += 1
        query = {"page": load.page, "seq": str(number), "enc": "gzip"} | ({"kf": "1"} if number == 0 else {})
        answer = await self._timed(
            "payload", self.seconds, 202, lambda: client.post(load.gateway + load.path, params=query, content=body)
        )
        if answer is None:
            return False
        session.owed[number] = answer.json()["id"]
        self.accepted[load.session, number] = time.monotonic()
        return True

    async def _watch(self) -> None:
        """The list and a recording, as a person looks at them; and the probes, as an orchestrator does."""
        async with self._client(len(self.sessions) + self._people) as client:
            headers = {"Authorization": f"Bearer {self._token}"}
            while not self._stop.is_set():
                await asyncio.sleep(WATCH_SECONDS)
                for path in ("/api/recordings", "/login"):
                    answering = partial(client.get, self._stack.replay + path, headers=headers)
                    await self._timed(path, self.watched, 200, answering)
                for role, metrics in self._stack.metrics.items():
                    answering = partial(client.get, metrics.replace("/metrics", "/livez"))
                    await self._timed(f"{role} /livez", self.watched, 200, answering)

    async def _timed(
        self, what: str, seconds: list[float], wanted: int, ask: Callable[[], Awaitable[httpx.Response]]
    ) -> httpx.Response | None:
        started = time.monotonic()
        try:
            answer = await ask()
        except httpx.HTTPError as error:
            self.refusals.append(f"{what}: {type(error).__name__} after {time.monotonic() - started:.1f} s")
            return None
        seconds.append(time.monotonic() - started)
        if answer.status_code != wanted:
            self.refusals.append(f"{what}: {answer.status_code} {answer.text[:80]}")
            return None
        return answer
