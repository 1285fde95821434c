"""Wake-ups in the store are found a slice at a time, each once, from all partitions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from processors.runtime import wake_scans
from processors.runtime.wake_scans import WakeScans
from processors.runtime.wakeups import Wake


class Cells:
    """A store of some sessions' wake-ups and of other things around them; counts what is read."""

    def __init__(self, *sessions: str) -> None:
        self.read = 0
        cells = {f'~wake|"{name}"'.encode(): Wake(int(name[1:]), False).cell() for name in sessions}
        self._cells = sorted({**cells, b'demo:a|"s"': b"x", b'~partition|"day"': b"x", b"~wakf": b"x"}.items())

    def iter_items(self, lower_bound: bytes, upper_bound: bytes) -> Iterator[tuple[bytes, bytes]]:
        """See `wake_scans.Store`."""
        for cell, value in self._cells:
            if lower_bound <= cell < upper_bound:
                self.read += 1
                yield cell, value


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_all_are_found_in_slices(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, a turn reads a slice of them, and in the end each was read once."""
    monkeypatch.setattr(wake_scans, "SLICE", size)
    stores = {0: Cells("a1", "a2", "a3"), 1: Cells(), 2: Cells("b4", "b5")}
    scans = WakeScans()
    for partition in stores:
        scans.start(partition)
    found: list[tuple[int, str, int]] = []
    for _ in range(6):
        before = sum(store.read for store in stores.values())
        found += [(partition, key, wake.when) for partition, key, wake in scans.turn(stores)]
        assert sum(store.read for store in stores.values()) - before <= size
    assert found == [(0, "a1", 1), (0, "a2", 2), (0, "a3", 3), (2, "b4", 4), (2, "b5", 5)]
    assert list(scans.turn(stores)) == []


def test_a_partition_that_goes_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle of a scan a partition may go to another worker, and come back to be read from its beginning."""
    monkeypatch.setattr(wake_scans, "SLICE", 1)
    stores = {0: Cells("a1", "a2")}
    scans = WakeScans()
    scans.start(0)
    assert len(list(scans.turn(stores))) == 1
    scans.stop(0)
    assert list(scans.turn({})) == []
    scans.start(0)
    assert [key for _, key, _ in scans.turn(stores)] == ["a1"]
