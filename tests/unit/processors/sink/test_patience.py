"""Trying again is bounded in time."""

from __future__ import annotations

import pytest

from processors.sink.patience import Patience
from sql.store import UnavailableError


class _Time:
    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_gives_up_within_its_time() -> None:
    """An action that keeps failing is called again for a while, then its error comes out."""
    time = _Time()
    calls = 0

    def fail() -> None:
        nonlocal calls
        calls += 1
        raise UnavailableError(None)

    with pytest.raises(UnavailableError):
        Patience(5.0, time.clock, time.sleep).call(fail)
    assert 5 <= calls <= 10
    assert time.now <= 5.0


def test_returns_once_it_works() -> None:
    """A success after failures is the answer, and each repetition is counted."""
    time = _Time()
    answers = iter([False, False, True])
    retries: list[float] = []

    def sometimes() -> str:
        if not next(answers):
            raise UnavailableError(241)
        return "stored"

    assert Patience(5.0, time.clock, time.sleep).call(sometimes, lambda: retries.append(time.now)) == "stored"
    assert len(retries) == 2
