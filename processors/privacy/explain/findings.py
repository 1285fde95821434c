"""What was found, gathered: the same thing happening to nodes of the same path is one finding."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class Action(StrEnum):
    """What a policy can do; KEPT is told only of what a person entered."""

    BLOCKED = "blocked"
    MASKED = "masked"
    CUT = "cut"
    REMOVED = "removed"
    DROPPED = "dropped"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Why:
    """The rule, and the element above that it met, "" for the node itself."""

    rule: str
    above: str = ""

    def __str__(self) -> str:
        return f"{self.rule} on {self.above}" if self.above else self.rule


@dataclass(frozen=True, slots=True)
class What:
    """`subject` is the path of a node, or names what has no node, such as `plugin rrweb/console@1`; `part` is the
    thing about it, such as "attribute title".
    """

    action: Action
    subject: str
    part: str
    why: Why


@dataclass(slots=True)
class Findings:
    """By finding, in order of their first appearance: how often, client ms of the first time, ids of its nodes."""

    times: Counter[What] = field(default_factory=Counter)
    first: dict[What, int] = field(default_factory=dict)
    nodes: dict[What, set[int]] = field(default_factory=dict)

    def add(self, what: What, at: int, node: int, times: int = 1) -> None:
        """Count a finding at a time of the recording; `node` is an id, below 1 without one."""
        self.times[what] += times
        self.first.setdefault(what, at)
        nodes = self.nodes.setdefault(what, set())
        if node > 0:
            nodes.add(node)

    def kept(self) -> list[tuple[str, int]]:
        """What passes although a person entered it: what it is, how often; the most frequent first."""
        sums: Counter[str] = Counter()
        for what, times in self.times.items():
            if what.action is Action.KEPT:
                sums[what.part] += times
        return sums.most_common()

    def counts(self) -> list[tuple[str, str, int]]:
        """Action, rule, how often: the most frequent first."""
        sums: Counter[tuple[str, str]] = Counter()
        for what, times in self.times.items():
            sums[what.action.value, what.why.rule] += times
        return [(action, rule, times) for (action, rule), times in sums.most_common()]
