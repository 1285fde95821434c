"""Logins that have ended before their time: in memory, and in ClickHouse for every process and the next start.

A cookie works without anybody's memory, so one that was copied would go on working after its owner has logged out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog

from replay.errors import RefusalError
from replay.lanes import Lane
from replay.sessions import Login
from sql.queries import question
from sql.store import RefusedDataError, Store, UnavailableError

_log = structlog.get_logger(__name__)

# Of one project; each costs about 200 bytes and a login with a right token. Beyond it all its logins so far end.
MOST_OF_PROJECT = 10_000
TABLE = "ended_logins"
COLUMNS = ("project", "login", "issued_to", "ends_at")
# What other processes wrote is asked for with an overlap: their rows may be visible later than younger ones.
_OVERLAP_MS = 30_000
# When the process stops, what is not written yet may take so long.
LAST_SECONDS = 2.0
# A project's name in the lane: what runs for all of them.
_NOBODY = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """One login that has ended, or with an empty `login` all that were issued up to a second since 1970."""

    project: str
    login: str
    issued_to: int
    ends_at: int


class EndedLogins:
    """What is remembered. Pure, bounded for each project."""

    def __init__(self) -> None:
        self._ends: dict[str, dict[str, int]] = {}
        self._issued_to: dict[str, int] = {}

    def add(self, ended: Ended, now: int) -> Ended:
        """Remember it; gives what was in fact remembered, which may be more."""
        ends = self._ends.setdefault(ended.project, {})
        if ended.login and len(ends) >= MOST_OF_PROJECT:
            self.forget(now)
        if ended.login and len(ends) < MOST_OF_PROJECT:
            ends[ended.login] = ended.ends_at
            return ended
        issued_to = now if ended.login else ended.issued_to
        self._issued_to[ended.project] = max(issued_to, self._issued_to.get(ended.project, 0))
        ends.clear()
        return Ended(ended.project, "", issued_to, ended.ends_at)

    def has(self, login: Login) -> bool:
        """True if the login has ended."""
        return login.issued <= self._issued_to.get(login.project, -1) or login.id in self._ends.get(login.project, {})

    def forget(self, now: int) -> None:
        """Logins that would be over by now need no memory."""
        for ends in self._ends.values():
            for login in [login for login, end in ends.items() if end < now]:
                del ends[login]


class Logouts:
    """Ends logins here at once, in the other processes within `seconds`, and after a restart as well."""

    def __init__(self, store: Store, lane: Lane, clock: Callable[[], float], seconds: float) -> None:
        self._store = store
        self._lane = lane
        self._clock = clock
        self._seconds = seconds
        self._ended = EndedLogins()
        self._unwritten: list[Ended] = []
        self._since_ms = 0
        self._began = int(clock())
        self._loaded = False
        self._told = asyncio.Event()

    def has(self, login: Login) -> bool:
        """True if the login has ended, as far as is known here."""
        return self._ended.has(login)

    async def check(self, login: Login) -> bool:
        """True if the login has ended. Raises UnavailableError while it is not known what ended before the start."""
        if not self._loaded and login.issued < self._began:
            await self._read()
        return self._ended.has(login)

    def end(self, login: Login) -> None:
        """From now on the login opens nothing here; `follow` writes it down at once, or when ClickHouse answers."""
        ended = self._ended.add(Ended(login.project, login.id, 0, login.end), int(self._clock()))
        if len(self._unwritten) < MOST_OF_PROJECT:
            self._unwritten.append(ended)
        self._told.set()

    async def follow(self) -> None:
        """Until cancelled: write what ended here, read what others wrote, forget what is over."""
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._seconds):
                        await self._told.wait()
                self._told.clear()
                await self._write()
                with suppress(UnavailableError, RefusalError):
                    await self._read()
                self._ended.forget(int(self._clock()))
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_SECONDS):
                    await self._write()

    async def _read(self) -> None:
        now = int(self._clock())
        asked = {"since_ms": self._since_ms, "now": now}
        rows = await self._lane.run(_NOBODY, lambda: self._store.rows(question("ended_logins"), asked))
        for row in rows:
            self._ended.add(Ended(row["project"], row["login"], row["issued_to"], row["ends_at"]), now)
        if rows:
            self._since_ms = max(self._since_ms, rows[-1]["stored_ms"] - _OVERLAP_MS)
        self._loaded = True

    async def _write(self) -> None:
        writing, self._unwritten = self._unwritten, []
        if not writing:
            return
        columns: list[list[Any]] = [
            [each.project for each in writing],
            [each.login for each in writing],
            [datetime.fromtimestamp(each.issued_to, UTC) for each in writing],
            [datetime.fromtimestamp(each.ends_at, UTC) for each in writing],
        ]
        try:
            await self._lane.run(_NOBODY, lambda: self._store.insert(TABLE, COLUMNS, columns, settings={}))
        except (UnavailableError, RefusedDataError, RefusalError) as error:
            _log.warning("logout_not_stored", code=getattr(error, "code", None), logins=len(writing))
            self._unwritten = [*writing, *self._unwritten][:MOST_OF_PROJECT]
