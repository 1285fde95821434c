"""What the probes say: the loop turns, ClickHouse answers. They are told, and ask nobody themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from replay.errors import RefusalError
from replay.lanes import Lane
from sql.store import Store, UnavailableError

SECONDS = 2.0
# A loop that has not turned for so long will hardly do so again.
DEAD_SECONDS = 30.0
_NOBODY = ""


class Watch:
    """Looks every two seconds. `clock` gives seconds and never goes back."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._lane = Lane("watch", 1, SECONDS)
        self._turned = clock()
        self._answers = False

    async def follow(self) -> None:
        """Until cancelled."""
        asking = asyncio.create_task(self._ask())
        try:
            while True:
                self._turned = self._clock()
                await asyncio.sleep(1.0)
        finally:
            asking.cancel()

    def live(self) -> str | None:
        """None while the loop turns."""
        return "The process does not turn." if self._clock() - self._turned > DEAD_SECONDS else None

    def ready(self) -> str | None:
        """None if ClickHouse answered when it was last asked."""
        return self.live() or (None if self._answers else "ClickHouse does not answer.")

    async def _ask(self) -> None:
        while True:
            try:
                self._answers = await self._lane.run(_NOBODY, self._store.ping)
            except (UnavailableError, RefusalError):
                self._answers = False
            await asyncio.sleep(SECONDS if self._answers else 0.5)
