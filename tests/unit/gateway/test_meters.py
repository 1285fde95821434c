from __future__ import annotations

import pytest

from gateway.meters import DAY_SECONDS, Allowance, Meters, Moment

ALLOWANCE = Allowance(1024, 4096)


class Bench:
    """Meters on a clock that the test sets; it is both the monotonic one and the wall's."""

    def __init__(self, most: int = 10, now: float = 100.0) -> None:
        self.now = now
        self.meters = Meters(most)

    def wait(self, name: str, size: float, allowance: Allowance, **kept: float) -> float:
        return self.meters.wait(name, size, allowance, Moment(self.now, self.now), **kept)

    def is_light(self, name: str, allowance: Allowance) -> bool:
        return self.meters.is_light(name, allowance, Moment(self.now, self.now))

    def take(self, name: str, size: float, allowance: Allowance) -> None:
        self.meters.take(name, size, allowance, Moment(self.now, self.now))


def test_burst_then_rate() -> None:
    """A burst may come at once, and afterwards what flows in; to ask takes nothing and remembers nothing."""
    bucket = Bench()
    assert bucket.wait("a", 4096, ALLOWANCE) == 0.0
    assert len(bucket.meters) == 0
    bucket.take("a", 4096, ALLOWANCE)
    assert bucket.wait("a", 512, ALLOWANCE) == pytest.approx(0.5)
    bucket.now += 0.5
    assert bucket.wait("a", 512, ALLOWANCE) == 0.0
    bucket.take("a", 512, ALLOWANCE)
    assert bucket.wait("a", 1, ALLOWANCE) > 0


def test_bucket_never_holds_more_than_the_burst() -> None:
    """A long silence saves up no more than one burst."""
    bucket = Bench()
    bucket.take("a", 1, ALLOWANCE)
    bucket.now += DAY_SECONDS
    assert bucket.wait("a", 4096, ALLOWANCE) == 0.0
    bucket.take("a", 4096, ALLOWANCE)
    assert bucket.wait("a", 1, ALLOWANCE) > 0


def test_what_is_larger_than_the_burst_passes_once_and_is_paid_for() -> None:
    """A full bucket lets more than it holds through, and the whole size has to flow in again."""
    bucket = Bench()
    bucket.take("a", 0, ALLOWANCE)
    assert bucket.wait("a", 6144, ALLOWANCE) == 0.0
    bucket.take("a", 6144, ALLOWANCE)
    assert bucket.wait("a", 1, ALLOWANCE) == pytest.approx(2.0, abs=0.01)
    assert bucket.wait("a", 6144, ALLOWANCE) == pytest.approx(6.0)


def test_a_day_ends_at_midnight_utc() -> None:
    """Over the day's sum the wait is until the next UTC day, when the whole sum is there again."""
    bucket = Bench(now=10 * DAY_SECONDS + 3600.0)
    daily = Allowance(1e9, 1e9, per_day=10_000)
    bucket.take("a", 9_000, daily)
    assert bucket.wait("a", 1_000, daily) == 0.0
    assert bucket.wait("a", 1_001, daily) == 23 * 3600
    assert bucket.wait("a", 1_000, daily, day_kept=1) == 23 * 3600
    bucket.now += 23 * 3600
    assert bucket.wait("a", 10_000, daily) == 0.0
    # One that is larger than a day passes as the first of the day.
    assert bucket.wait("a", 20_000, daily) == 0.0


def test_light_is_who_has_half_left() -> None:
    """Half of the burst and half of the day left is light; who is not known is light."""
    bucket = Bench()
    daily = Allowance(1024, 4096, per_day=6144)
    assert bucket.is_light("a", daily)
    bucket.take("a", 2048, daily)
    assert bucket.is_light("a", daily)
    bucket.take("a", 1, daily)
    assert not bucket.is_light("a", daily)
    bucket.now += 10
    assert bucket.is_light("a", daily)
    bucket.take("a", 2000, daily)
    assert not bucket.is_light("a", daily)


def test_names_are_apart_and_the_least_used_is_forgotten() -> None:
    """A debt is its owner's; over the bound who was not used for longest starts anew, and no more are held."""
    bucket = Bench(2)
    bucket.take("a", 4096, ALLOWANCE)
    bucket.take("b", 4096, ALLOWANCE)
    bucket.take("a", 1, ALLOWANCE)
    bucket.take("c", 1, ALLOWANCE)
    assert bucket.wait("a", 4096, ALLOWANCE) > 0
    assert bucket.wait("b", 4096, ALLOWANCE) == 0.0
    assert "b" not in bucket.meters
    assert len(bucket.meters) == 2
