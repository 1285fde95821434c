"""A deadline that follows progress."""

from __future__ import annotations

import pytest

from service.progress import STEPS, Pace, Progress

PACE = Pace(floor=1000, window=10, idle=10, whole=300)


def ends(total: int, rate: float, step: float = 0.1) -> float | None:
    """When a body of `total` bytes at `rate` bytes a second is too slow, or None if it comes in."""
    progress, now, sent = Progress(PACE, 0.0), 0.0, 0.0
    while sent < total:
        now += step
        if now >= progress.deadline():
            return now
        before, sent = int(sent), sent + rate * step
        progress.add(int(sent) - before, now)
    return None


@pytest.mark.parametrize(
    ("total", "rate", "passes"),
    [
        (900_000, 50_000, True),  # a slow mobile network: 400 kbit/s
        (20_000_000, 70_000, True),  # the largest body within the five minutes
        (20_000_000, 60_000, False),  # and one that would need longer
        (100_000, 1_100, True),
        (100_000, 900, False),
        (100_000, 18, False),
        (100_000, 0.2, False),
    ],
)
def test_what_passes_and_what_does_not(total: int, rate: float, passes: bool) -> None:
    """A body passes above the floor and within the whole time, and not otherwise."""
    assert (ends(total, rate) is None) is passes


def test_too_slow_a_body_ends_after_one_window() -> None:
    """18 bytes a second are not waited for longer than the window."""
    assert ends(100_000, 18) == pytest.approx(10, abs=0.2)


def test_a_fast_start_earns_no_slow_rest() -> None:
    """Any window counts, not the average: a megabyte at once and then a byte a second ends 10 s later."""
    progress = Progress(PACE, 0.0)
    progress.add(1_000_000, 1.0)
    for second in range(2, 12):
        progress.add(1, float(second))
    assert progress.deadline() == pytest.approx(11.0, abs=PACE.window / STEPS)


def test_silence_ends_it() -> None:
    """Without a byte it ends after the idle time, also when much came before."""
    progress = Progress(Pace(floor=0, window=10, idle=3, whole=300), 100.0)
    assert progress.deadline() == 103.0
    progress.add(5, 102.0)
    assert progress.deadline() == 105.0


def test_memory_does_not_grow_with_pieces() -> None:
    """A million pieces are remembered as a few marks."""
    progress = Progress(PACE, 0.0)
    for number in range(100_000):
        progress.add(1, number / 1000)
        assert len(progress._marks) <= STEPS + 1
