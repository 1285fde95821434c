"""Whether bytes move fast enough: one deadline that follows what has arrived, for bodies and for answers."""

from __future__ import annotations

from dataclasses import dataclass

# A window is looked at in this many steps; it bounds what is remembered of one body.
STEPS = 20


@dataclass(frozen=True, slots=True)
class Pace:
    """`floor` bytes a second over any `window` seconds, no silence over `idle`, nothing longer than `whole` seconds."""

    floor: float
    window: float
    idle: float
    whole: float


class Progress:
    """The bytes of one body. `clock` readings are given by the caller, in seconds of any steady clock."""

    __slots__ = ("_begun", "_last", "_marks", "_pace", "_total")

    def __init__(self, pace: Pace, now: float) -> None:
        self._pace = pace
        self._begun = now
        self._last = now
        self._total = 0
        # Times and totals from which the next `window` seconds have not yet brought what the floor asks for.
        self._marks: list[tuple[float, int]] = [(now, 0)]

    @property
    def total(self) -> int:
        """Bytes so far."""
        return self._total

    @property
    def begun(self) -> float:
        """When it began."""
        return self._begun

    def rate(self, now: float) -> float:
        """Bytes a second since it began."""
        return self._total / max(now - self._begun, 1.0)

    def add(self, size: int, now: float) -> None:
        """`size` more bytes have moved."""
        if not size:
            return
        pace, marks = self._pace, self._marks
        self._last = now
        self._total += size
        enough = self._total - pace.floor * pace.window
        while marks and marks[0][1] <= enough:
            del marks[0]
        if not marks or now - marks[-1][0] >= pace.window / STEPS:
            marks.append((now, self._total))

    def deadline(self) -> float:
        """When it is too slow, if nothing more moves until then."""
        pace = self._pace
        return min(self._begun + pace.whole, self._last + pace.idle, self._marks[0][0] + pace.window)
