"""Rage clicks and dead clicks of one page load, told from its events alone, however they are cut into payloads.

docs/replay.md has the definitions for readers. Clicks that the policy hides are not seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from schemas.rrweb import EventType, IncrementalSource

# So many clicks, each within this time and distance of the one before it, are one rage click.
RAGE_CLICKS: Final = 3
RAGE_MS: Final = 1_000
RAGE_PIXELS: Final = 30
# A click after which nothing changes for so long, though the page goes on being recorded, is dead.
DEAD_MS: Final = 3_000
# Clicks waiting for an effect; more come from no person.
_WAITING: Final = 16
# What is no effect of a click: the pointer's own way, and what the browser does with any click.
_NO_EFFECT: Final = frozenset(
    {
        int(IncrementalSource.MOUSE_MOVE),
        int(IncrementalSource.MOUSE_INTERACTION),
        int(IncrementalSource.TOUCH_MOVE),
        int(IncrementalSource.DRAG),
        int(IncrementalSource.FONT),
        int(IncrementalSource.LOG),
    }
)
_FIELDS: Final = 5
_INCREMENTAL: Final = int(EventType.INCREMENTAL_SNAPSHOT)
_PLUGIN: Final = int(EventType.PLUGIN)


@dataclass(slots=True)
class Clicks:
    """`series` is how many clicks follow one another now, the last at (`at` ms, `x`, `y`); `waiting` are times of those
    without an effect yet.
    """

    series: int = 0
    at: float = 0
    x: float = 0
    y: float = 0
    waiting: list[float] = field(default_factory=list)

    def click(self, at: float, x: float, y: float) -> bool:
        """Note a click; True if it makes the clicks before it a rage click."""
        near = abs(x - self.x) <= RAGE_PIXELS and abs(y - self.y) <= RAGE_PIXELS
        self.series = self.series + 1 if self.series and near and abs(at - self.at) <= RAGE_MS else 1
        self.at, self.x, self.y = at, x, y
        if len(self.waiting) < _WAITING:
            self.waiting.append(at)
        return self.series == RAGE_CLICKS

    def pass_time(self, at: float) -> int:
        """How many clicks are dead now that the page load has come to this time."""
        dead = sum(at - each > DEAD_MS for each in self.waiting)
        if dead:
            self.waiting = [each for each in self.waiting if at - each <= DEAD_MS]
        return dead

    def has_effect(self, type_: int, source: int) -> None:
        """Note an event that may be an effect: those clicks that wait are not dead."""
        if type_ == _PLUGIN or (type_ == _INCREMENTAL and source in _NO_EFFECT):
            return
        self.waiting.clear()

    def pack(self) -> list[Any]:
        """As a list for JSON."""
        return [self.series, self.at, self.x, self.y, self.waiting]


def unpack_clicks(fields: Any) -> Clicks:
    """The clicks of a state value; none if there is none."""
    return Clicks(*fields[:_FIELDS]) if type(fields) is list and len(fields) >= _FIELDS else Clicks()
