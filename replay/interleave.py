"""The page loads of one window in the order of time. Pure.

rrweb numbers nodes anew in each page load, and a player holds one page: events can be drawn only on the snapshot of
their own page load. So one that goes on after another began (it came back from a browser's cache without saying so, or
a payload of it lay somewhere) is drawn again from its next snapshot on, and what comes before that is only named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from replay.plan import Value


@dataclass(frozen=True, slots=True)
class Run:
    """Values of page load number `load` that follow one another; `is_left`: they cannot be drawn where they stand."""

    load: int
    values: list[Value]
    is_left: bool = False


def interleave(loads: Sequence[Sequence[Value]]) -> list[Run]:
    """Runs in playable order of the values of a window's page loads, each in the order of its payloads."""
    timed: list[tuple[int, int, int, Value]] = []
    for load, values in enumerate(loads):
        at = None
        for place, value in enumerate(values):
            # A page load is never torn out of its own order.
            at = value.head.first_ms if at is None else max(at, value.head.first_ms)
            timed.append((at, load, place, value))
    timed.sort(key=lambda each: each[:3])
    runs: list[Run] = []
    drawn, begun = -1, set[int]()
    for _, load, _, value in timed:
        is_left = load != drawn and load in begun and not any(block.keyframe for block in value.blocks)
        if not is_left:
            drawn = load
        begun.add(load)
        if runs and (runs[-1].load, runs[-1].is_left) == (load, is_left):
            runs[-1].values.append(value)
        else:
            runs.append(Run(load, [value], is_left))
    return runs
