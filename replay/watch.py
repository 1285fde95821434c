"""Whether ClickHouse answers: asked every two seconds, so that probes need not wait for it."""

from __future__ import annotations

import asyncio

from replay.errors import RefusalError
from replay.lanes import Lane
from sql.store import Store, UnavailableError

SECONDS = 2.0
# Until it has answered it is asked more often: a start should not take longer than it must.
IMPATIENT_SECONDS = 0.5
_NOBODY = ""


class Watch:
    """Has a thread of its own: one that hangs stands in nobody's way."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lane = Lane("watch", 1, SECONDS)
        self._answers = False

    def problem(self) -> str | None:
        """None if ClickHouse answered when it was last asked."""
        return None if self._answers else "ClickHouse does not answer."

    async def follow(self) -> None:
        """Until cancelled."""
        while True:
            try:
                self._answers = await self._lane.run(_NOBODY, self._store.ping)
            except (UnavailableError, RefusalError):
                self._answers = False
            await asyncio.sleep(SECONDS if self._answers else IMPATIENT_SECONDS)
