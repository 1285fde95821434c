"""The shape of every stage between topics: record and state in, outcomes out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from processors.outcome import Outcome
from processors.record import Record
from processors.state import State


class Stage(Protocol):
    """A pure step. `now` is the wall clock in ms, given by the runtime: a stage has no clock of its own.

    The runtime calls one method at a time, for one session at a time, in the order of the partition. Whatever a
    call returns and whatever it changed in `state` is committed together or not at all.
    """

    def on_record(self, record: Record, state: State, now: int) -> Iterable[Outcome]:
        """Outcomes of one input record: together they account for all of it."""

    def on_wake(self, key: str, state: State, now: int) -> Iterable[Outcome]:
        """Outcomes of the time that `state.wake_at` asked for. Calls may come late, never early."""

    def on_crashed(self, record: Record, state: State) -> None:
        """`record` was set aside unread after it stopped workers: distrust what the state says of its window."""
