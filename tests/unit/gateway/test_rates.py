from __future__ import annotations

import pytest

from gateway.rates import SessionRates
from schemas.project import Limits

LIMITS = Limits(session_bytes_per_second=1024, session_burst_bytes=4096)


class Clock:
    """Time as the test sets it, in seconds."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_burst_then_rate() -> None:
    """A session may send its burst at once, and afterwards what flows in."""
    clock = Clock()
    rates = SessionRates(10, clock)
    assert rates.take("a", 4096, LIMITS) == 0.0
    assert rates.take("a", 512, LIMITS) == pytest.approx(0.5)
    clock.now += 0.5
    assert rates.take("a", 512, LIMITS) == 0.0
    assert rates.take("a", 1, LIMITS) > 0


def test_refusal_takes_nothing() -> None:
    """A refused body leaves the bucket as it was."""
    rates = SessionRates(10, Clock())
    rates.take("a", 3000, LIMITS)
    assert rates.take("a", 2000, LIMITS) > 0
    assert rates.take("a", 1096, LIMITS) == 0.0


def test_bucket_never_holds_more_than_the_burst() -> None:
    """A long silence saves up no more than one burst."""
    clock = Clock()
    rates = SessionRates(10, clock)
    rates.take("a", 1, LIMITS)
    clock.now += 86_400
    assert rates.take("a", 4096, LIMITS) == 0.0
    assert rates.take("a", 1, LIMITS) > 0


def test_body_larger_than_the_burst_passes_once_and_is_paid_for() -> None:
    """A full bucket lets a larger body through, and the session then waits for its whole size."""
    clock = Clock()
    rates = SessionRates(10, clock)
    assert rates.take("a", 6144, LIMITS) == 0.0
    assert rates.take("a", 1, LIMITS) == pytest.approx(2.0, abs=0.01)


def test_charge_counts_what_was_received() -> None:
    """Bytes charged after the fact delay the next body."""
    rates = SessionRates(10, Clock())
    rates.charge("a", 5120, LIMITS)
    assert rates.take("a", 1024, LIMITS) == pytest.approx(2.0)


def test_sessions_are_apart_and_the_oldest_is_forgotten() -> None:
    """One session's debt is its own; over the bound the least recently seen session starts anew."""
    rates = SessionRates(2, Clock())
    rates.take("a", 4096, LIMITS)
    rates.take("b", 4096, LIMITS)
    assert rates.take("a", 4096, LIMITS) > 0
    rates.take("c", 1, LIMITS)
    assert rates.take("a", 4096, LIMITS) > 0
    assert rates.take("b", 4096, LIMITS) == 0.0
