"""What the stage remembers of a session: what was decided about it, and which page loads have state."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from processors.privacy.cells import pack_cell, unpack_cell
from processors.state import State
from schemas.reasons import Reason

_NAME = "privacy:session"
# Enrich refuses payloads later than 25 h; one hour more covers what is still on the way.
FORGET_AFTER_MS = 26 * 60 * 60 * 1000


@dataclass(slots=True)
class Session:
    """`started` is the first receipt, ms. `pages` are (window, page), the last used last.

    `refused` says why nothing passes any more, `kept` that sampling chose the session; while neither is set, it is
    undecided. `user` is the one the page named last, as header rs-user has it, "" before. `skew` is how far
    the client was behind at the first payload that says when it was sent, ms.
    """

    started: int
    refused: Reason | None = None
    kept: bool = False
    user: str = ""
    pages: list[tuple[str, str]] = field(default_factory=list)
    skew: int | None = None

    @property
    def forget_at(self) -> int:
        """When all of it is forgotten, wall clock, ms."""
        return self.started + FORGET_AFTER_MS

    @property
    def user_name(self) -> str:
        """The user as the page wrote it."""
        return str(json.loads(self.user)) if self.user else ""

    @staticmethod
    def load(state: State) -> Session | None:
        """The session in state; None if it is new.

        One that another version wrote, which this code does not know, may have been refused: nothing of it passes.
        """
        value = state.get(_NAME)
        if value is None:
            return None
        fields = unpack_cell(value, 6)
        if fields is None:
            return Session(0, Reason.DEGRADED)
        started, refused, kept, user, pages, skew = (*fields, None)[:6]
        places = [(each[0], each[1]) for each in pages]
        return Session(
            started, Reason(refused) if refused else None, kept, user, places, skew if type(skew) is int else None
        )

    def save(self, state: State) -> None:
        """Write the session."""
        state.set(_NAME, pack_cell(self.started, self.refused, self.kept, self.user, self.pages, self.skew))

    @classmethod
    def begin(cls, started: int, state: State) -> Session:
        """A session whose first payload is at hand."""
        session = cls(started)
        session.save(state)
        state.wake_at(session.forget_at)
        return session

    def restart(self, started: int, state: State) -> None:
        """Enrich began another session under the same id: what was decided holds on, and is forgotten later."""
        self.started = started
        self.save(state)
        if self.kept or self.refused is not None:
            state.wake_at(self.forget_at)

    def identify(self, user: str | None, state: State) -> None:
        """Note the user that a payload names, if it names one."""
        if user is not None and user != self.user:
            self.user = user
            self.save(state)

    def see_sent(self, sent: int | None, received: int, state: State) -> None:
        """Note when a payload was sent, by the client's clock, and received; the first one that says it counts."""
        if sent is not None and self.skew is None:
            self.skew = received - sent
            self.save(state)

    def keep(self, state: State) -> None:
        """Sampling chose the session."""
        self.kept = True
        self.save(state)
        state.wake_at(self.forget_at)

    def refuse(self, reason: Reason, state: State) -> None:
        """Nothing of it passes any more; its page loads are forgotten."""
        self.refused, self.pages = reason, []
        self.save(state)
        state.wake_at(self.forget_at)

    @staticmethod
    def delete(state: State) -> None:
        """Forget the session itself; its page loads are the caller's."""
        state.delete(_NAME)

    def use(self, window: str, page: str, most: int, state: State) -> list[tuple[str, str]]:
        """Note that a page load is used; those that must be forgotten because there are more than `most`."""
        place = (window, page)
        if self.pages and self.pages[-1] == place:
            return []
        if place in self.pages:
            self.pages.remove(place)
        self.pages.append(place)
        forgotten, self.pages = self.pages[:-most], self.pages[-most:]
        self.save(state)
        return forgotten
