"""Page loads of one tab are read in the order of time, and only what can be drawn is drawn."""

from __future__ import annotations

from dataclasses import replace

from replay.interleave import Run, interleave
from replay.plan import Value
from tests.unit.replay.test_plan import _block


def value(number: int, at: int, *, keyframe: bool = False) -> Value:
    """A value that begins at `at` seconds."""
    return Value((replace(_block(number), first_ms=at * 1000, last_ms=at * 1000 + 500, keyframe=keyframe),))


def shown(runs: list[Run]) -> list[tuple[int, list[int], bool]]:
    """Runs in short."""
    return [(run.load, [each.head.first_seq for each in run.values], run.is_left) for run in runs]


def test_page_loads_follow_one_another_by_time() -> None:
    """Whatever order they are given in."""
    early, late = [value(0, 1, keyframe=True), value(1, 2)], [value(0, 5, keyframe=True), value(1, 6)]
    assert shown(interleave([late, early])) == [(1, [0, 1], False), (0, [0, 1], False)]


def test_one_that_goes_on_with_a_snapshot_is_drawn_again() -> None:
    """And the other, when it goes on, too."""
    first = [value(0, 1, keyframe=True), value(1, 9, keyframe=True), value(2, 10)]
    second = [value(0, 5, keyframe=True), value(1, 12, keyframe=True)]
    assert shown(interleave([first, second])) == [
        (0, [0], False),
        (1, [0], False),
        (0, [1, 2], False),
        (1, [1], False),
    ]


def test_one_that_goes_on_without_a_snapshot_is_named_and_not_drawn() -> None:
    """The page load in the picture goes on untouched."""
    first = [value(0, 1, keyframe=True), value(1, 9), value(2, 10), value(3, 20, keyframe=True)]
    second = [value(0, 5, keyframe=True), value(1, 12)]
    assert shown(interleave([first, second])) == [
        (0, [0], False),
        (1, [0], False),
        (0, [1, 2], True),
        (1, [1], False),
        (0, [3], False),
    ]


def test_a_page_load_keeps_the_order_of_its_payloads() -> None:
    """Times of old rows may run backwards."""
    first = [value(0, 5, keyframe=True), value(1, 2), value(2, 6)]
    assert shown(interleave([first, [value(0, 9, keyframe=True)]])) == [(0, [0, 1, 2], False), (1, [0], False)]
