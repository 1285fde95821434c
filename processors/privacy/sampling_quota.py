"""The daily cap: how many sessions of a project each partition may still keep.

State belongs to sessions, so what counts over sessions lies in the partition's own state, and each partition has its
share of the cap. Shares add up to the cap: it is never passed, and where sessions fall unevenly, or the cap is small
beside the number of partitions, fewer are kept. Kept in state as `day:<project>`: {UTC day: sessions kept}, the last
few days only.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from processors.privacy.cells import pack_cell, unpack_cell
from processors.state import State

# A backlog of raw records reaches two days back.
_DAYS = 3


class Partition(Protocol):
    """The partition whose record or wake-up is at hand, one of `count`; `state` is shared by its sessions."""

    @property
    def number(self) -> int: ...
    @property
    def count(self) -> int: ...
    @property
    def state(self) -> State: ...


class Quota:
    """Counts sessions in the partition that `partition` names at the time of the call."""

    def __init__(self, partition: Callable[[], Partition]) -> None:
        self._partition = partition

    def take(self, project: str, started: int, cap: int) -> bool:
        """Count one more session begun at `started` (ms), if the day's share of `cap` allows it."""
        partition = self._partition()
        name, day = f"day:{project}", datetime.fromtimestamp(started / 1000, UTC).date().isoformat()
        fields = unpack_cell(partition.state.get(name), 1)
        days: dict[str, int] = fields[0] if fields else {}
        if days.get(day, 0) >= share(cap, partition.number, partition.count):
            return False
        days[day] = days.get(day, 0) + 1
        partition.state.set(name, pack_cell({each: days[each] for each in sorted(days)[-_DAYS:]}))
        return True


def share(cap: int, number: int, count: int) -> int:
    """The part of `cap` that partition `number` of `count` has; all parts add up to `cap`."""
    return cap // count + (number < cap % count)
