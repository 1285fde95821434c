"""Wake-ups read from the stores of partitions a slice at a time.

A session that is over is remembered for days, so there are many: a million cost three seconds, and no turn of the poll
loop may take that long.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Protocol

from processors.runtime.state import WAKE_PREFIX
from processors.runtime.wakeups import Wake

# About 30 ms.
SLICE = 10_000
_FIRST, _END = WAKE_PREFIX + b"|", WAKE_PREFIX + b"}"


class Store(Protocol):
    """A partition's store as it was at the last commit."""

    def iter_items(self, lower_bound: bytes, upper_bound: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Cells in order of their keys."""


class WakeScans:
    """Which partitions are being read, and how far."""

    def __init__(self) -> None:
        self._places: dict[int, bytes] = {}

    def start(self, partition: int) -> None:
        """Read a partition from its beginning, unless it is being read."""
        self._places.setdefault(partition, _FIRST)

    def stop(self, partition: int) -> None:
        """It is no longer ours."""
        self._places.pop(partition, None)

    def turn(self, stores: Mapping[int, Store]) -> Iterator[tuple[int, str, Wake]]:
        """The next slice: (partition, session key, wake-up)."""
        left = SLICE
        for partition, place in list(self._places.items()):
            for cell, value in islice(stores[partition].iter_items(place, _END), left):
                left -= 1
                place = cell + b"\0"
                yield partition, cell[len(_FIRST) + 1 : -1].decode("ascii", "replace"), Wake.read(value)
            if left == 0:
                self._places[partition] = place
                return
            del self._places[partition]
