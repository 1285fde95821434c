"""Trying again while ClickHouse is away, for a bounded time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sql.store import UnavailableError

T = TypeVar("T")

FIRST_WAIT = 0.1
LONGEST_WAIT = 1.0


class Patience:
    """Calls again after UnavailableError, waiting 0.1 s, 0.2 s, … up to 1 s, for `seconds` in all."""

    def __init__(self, seconds: float, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep

    def call(self, action: Callable[[], T], on_retry: Callable[[], None] = lambda: None) -> T:
        """The action's result; the last UnavailableError when time is up."""
        deadline = self._clock() + self._seconds
        wait = FIRST_WAIT
        while True:
            try:
                return action()
            except UnavailableError:
                if self._clock() + wait > deadline:
                    raise
            self._sleep(wait)
            on_retry()
            wait = min(wait * 2, LONGEST_WAIT)
