"""What the stage remembers of a session: whether it is in the sample, and which page loads have state."""

from __future__ import annotations

from dataclasses import dataclass, field

from processors.privacy.cells import pack_cell, unpack_cell
from processors.state import State

_NAME = "privacy:session"
# Enrich refuses payloads later than 25 h; one hour more covers what is still on the way.
FORGET_AFTER_MS = 26 * 60 * 60 * 1000


@dataclass(slots=True)
class Session:
    """`pages` are (window, page), the last used last."""

    sampled: bool
    pages: list[tuple[str, str]] = field(default_factory=list)

    @staticmethod
    def load(state: State) -> Session | None:
        """The session in state; None if it is new, or was written by a version this code does not know."""
        fields = unpack_cell(state.get(_NAME))
        if fields is None:
            return None
        sampled, pages = fields
        return Session(sampled, [(window, page) for window, page in pages])

    def save(self, state: State) -> None:
        """Write the session."""
        state.set(_NAME, pack_cell(self.sampled, self.pages))

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
