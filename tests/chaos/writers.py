"""Recorders that never stop: many short sessions and a long one, each payload with marks of its own.

They keep the recorder's promises, no more: one request at a time per page load, and after an error or an answer
that never came the same bytes again under the same number. Only what a 202 arrived for is owed.
"""

from __future__ import annotations

import random
import secrets
import threading
import time
from dataclasses import dataclass, field

import httpx

from tests.e2e.payloads import Event, PageLoad, click, packed, page_start
from tests.e2e.stack import Stack

KEY, TOKEN = "chaos-key", "chaos-token"
PROJECT = "chaos"
CLICKS = 2
SHORT_PAYLOADS = 12
# Three threads at this pace and the long session make about fifty payloads a second: on every partition a
# transaction is open nearly all the time, and two cores still have some to spare.
SHORT_PAUSE_SECONDS = 0.07
LONG_PAUSE_SECONDS = 0.1
RETRY_PAUSE_SECONDS = 0.25
# Now and then a page too large for one record behind split, so that kills also meet values cut into parts.
LARGE_EVERY = 12
LARGE_BYTES = 1_500_000


@dataclass
class Written:
    """One session. `owed` has, by number, the id of every payload a 202 arrived for."""

    load: PageLoad
    owed: dict[int, str] = field(default_factory=dict)


class Writers:
    """Started and stopped as one."""

    def __init__(self, stack: Stack, chance: random.Random) -> None:
        self._stack = stack
        self._stop = threading.Event()
        self.long = Written(PageLoad(stack.gateway, key=KEY))
        self.sessions = [self.long]
        # Answers after which a recorder would have stopped: there must be none.
        self.refusals: list[int] = []
        self._threads = [threading.Thread(target=self._write_long)]
        self._threads += [
            threading.Thread(target=self._write_short, args=(random.Random(chance.random()),)) for _ in range(3)
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """No new payloads; those under way get a last chance to be answered."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def standing(self) -> str:
        """Where the long session is: the key that places it on a partition, and how far it got."""
        alive = sum(thread.is_alive() for thread in self._threads)
        return (
            f"{alive} writers of {len(self._threads)} alive; long session {PROJECT}:{self.long.load.session}: "
            f"{self.long.load.seq} payloads begun, {len(self.long.owed)} accepted"
        )

    def _write_long(self) -> None:
        with httpx.Client(timeout=10) as client:
            self._send(client, self.long, page_start())
            while not self._stop.is_set():
                self._send(client, self.long, self._clicks(self.long))
                self._stop.wait(LONG_PAUSE_SECONDS)

    def _write_short(self, chance: random.Random) -> None:
        with httpx.Client(timeout=10) as client:
            while not self._stop.is_set():
                session = Written(PageLoad(self._stack.gateway, key=KEY))
                self.sessions.append(session)
                large = chance.randrange(LARGE_EVERY) == 0
                images = [f"data:image/png;base64,{secrets.token_urlsafe(LARGE_BYTES)}"] if large else []
                self._send(client, session, page_start(images=images))
                for _ in range(SHORT_PAYLOADS):
                    if self._stop.wait(SHORT_PAUSE_SECONDS):
                        return
                    self._send(client, session, self._clicks(session))

    def _clicks(self, session: Written) -> list[Event]:
        return [click(session.load.seq, part) for part in range(CLICKS)]

    def _send(self, client: httpx.Client, session: Written, events: list[Event]) -> None:
        """Until it is accepted; after `stop`, for one gateway restart longer."""
        body, number = packed(events), session.load.seq
        session.load.seq += 1
        give_up_at = None
        while True:
            try:
                answer = session.load.post(body, seq=number, client=client)
            except httpx.TransportError:
                status = 0
            else:
                status = answer.status_code
            if status == 202:
                session.owed[number] = answer.json()["id"]
                return
            if 400 <= status < 500 and status not in (408, 429):
                self.refusals.append(status)
                return
            if self._stop.is_set():
                give_up_at = give_up_at or time.monotonic() + 30
                if time.monotonic() > give_up_at:
                    return
            time.sleep(RETRY_PAUSE_SECONDS)
