"""What enrich remembers of a session as a whole: when it began, when it expires, its page loads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from processors.enrich.cells import VERSION, pack_cell, unpack_cell
from processors.enrich.limits import NO_HOLD, HoldLimits, Limits
from processors.enrich.sequence import PageLoad
from processors.outcome import Keep
from processors.state import State

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
TOO_LATE_MS = 25 * HOUR_MS
FORGET_MS = 26 * HOUR_MS
_NAME = 8


class Session:
    """One session. Times are ms; `expires` is the last day it is kept, YYYY-MM-DD."""

    def __init__(self, state: State, started: int, expires: str, holding: dict[str, int]) -> None:
        self._state = state
        self.started = started
        self.expires = expires
        self._holding = holding

    @classmethod
    def load(cls, state: State) -> Session | None:
        """The session if it is known."""
        fields = unpack_cell(state.get("s"), 3)
        return cls(state, *fields) if fields is not None else None

    @classmethod
    def begin(cls, state: State, received: int, retention_days: int) -> Session:
        """A session whose first payload was received now: that fixes its expiry."""
        first_day = datetime.fromtimestamp(received / 1000, UTC).date()
        session = cls(state, received, (first_day + timedelta(days=retention_days)).isoformat(), {})
        session._save()
        return session

    def is_too_late(self, received: int) -> bool:
        """True for a payload received when the session is no longer added to."""
        return received > self.started + TOO_LATE_MS

    def is_over(self, now: int) -> bool:
        """True when the session's page loads are to be forgotten."""
        return now >= self.started + FORGET_MS

    def open_page(self, name: str, limits: Limits) -> tuple[PageLoad, list[Keep]]:
        """A page load, and what the oldest one held if it must be forgotten to make room."""
        page = PageLoad(self._state, name)
        if not page.is_new:
            return page, []
        names, released = self._page_names(), []
        if name not in names:
            if len(names) >= limits.pages:
                released = self._forget_page(names.pop(0))
            self._state.set("pages", VERSION + b"".join(map(bytes.fromhex, [*names, name])))
        return page, released

    def hold_limits(self, name: str, limits: Limits) -> HoldLimits:
        """What this page load may hold."""
        return limits.hold if name in self._holding or len(self._holding) < limits.holding_pages else NO_HOLD

    def close_page(self, name: str, page: PageLoad) -> None:
        """Write a page load, and wake the session when what it holds must go."""
        page.save()
        if page.until != self._holding.get(name):
            if page.until is None:
                self._holding.pop(name, None)
            else:
                self._holding[name] = page.until
            self._save()

    def release(self, now: int, limits: Limits) -> list[Keep]:
        """What has waited long enough, in order within each page load."""
        released: list[Keep] = []
        for name in [name for name, until in self._holding.items() if until <= now]:
            page = PageLoad(self._state, name)
            released += page.release(now, limits.hold)
            self.close_page(name, page)
        self._wake()
        return released

    def end(self, now: int, remembered: int) -> list[Keep]:
        """Forget the page loads, and give what was still held; `remembered` ms after it started, forget the session.

        Until then it is written anew each day: the changelog, from which lost state is made again, keeps two days.
        """
        released = [output for name in self._page_names() for output in self._forget_page(name)]
        self._state.delete("pages")
        forgotten_at = self.started + remembered
        if now >= forgotten_at:
            self._state.delete("s")
            self._state.wake_at(None)
        else:
            self._save()
            self._state.wake_at(min(now + DAY_MS, forgotten_at))
        return released

    def _forget_page(self, name: str) -> list[Keep]:
        page = PageLoad(self._state, name)
        released = page.release(0, NO_HOLD)
        page.forget()
        if self._holding.pop(name, None) is not None:
            self._save()
        return released

    def _page_names(self) -> list[str]:
        index = self._state.get("pages") or VERSION
        if index[:1] != VERSION:
            return []
        return [index[at : at + _NAME].hex() for at in range(1, len(index), _NAME)]

    def _save(self) -> None:
        self._state.set("s", pack_cell(self.started, self.expires, self._holding))
        self._wake()

    def _wake(self) -> None:
        self._state.wake_at(min(self._holding.values(), default=self.started + FORGET_MS))
