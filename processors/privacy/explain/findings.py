"""What was found, gathered: the same thing happening to the same node again is one finding."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class Action(StrEnum):
    """What a policy can do."""

    BLOCKED = "blocked"
    MASKED = "masked"
    CUT = "cut"
    REMOVED = "removed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class What:
    """`node` is its id, -1 without one; `part` the thing about it, such as "attribute title"; `why` the rule."""

    action: Action
    node: int
    path: str
    part: str
    why: str


@dataclass(slots=True)
class Findings:
    """`times` and `first` (client ms) by finding, in order of their first appearance."""

    times: Counter[What] = field(default_factory=Counter)
    first: dict[What, int] = field(default_factory=dict)

    def add(self, what: What, at: int, times: int = 1) -> None:
        """Count a finding at a time of the recording."""
        self.times[what] += times
        self.first.setdefault(what, at)

    def counts(self) -> list[tuple[str, str, int]]:
        """Action, reason, how often: the most frequent first."""
        sums: Counter[tuple[str, str]] = Counter()
        for what, times in self.times.items():
            sums[what.action.value, what.why] += times
        return [(action, why, times) for (action, why), times in sums.most_common()]
