"""Wake-ups: due ones come once, in order; moved and cancelled ones do not come."""

from __future__ import annotations

from processors.runtime.wakeups import HORIZON_MS, Wake, Wakeups


def take(wakeups: Wakeups, now: int) -> list[tuple[int, str]]:
    """Everything that is due."""
    found = []
    while (due := wakeups.next_due(now)) is not None:
        found.append(due)
    return found


def test_due_entries_come_once_in_order() -> None:
    """Earliest first, each exactly once, never before its time."""
    wakeups = Wakeups()
    wakeups.put(0, "b", 20, 0)
    wakeups.put(0, "a", 10, 0)
    assert take(wakeups, 9) == []
    assert take(wakeups, 20) == [(0, "a"), (0, "b")]
    assert take(wakeups, 1000) == []


def test_moving_and_cancelling() -> None:
    """The time asked for last is the only one that counts."""
    wakeups = Wakeups()
    wakeups.put(0, "a", 10, 0)
    wakeups.put(0, "a", 30, 0)
    wakeups.put(0, "b", 10, 0)
    wakeups.put(0, "b", None, 0)
    assert take(wakeups, 20) == []
    assert take(wakeups, 30) == [(0, "a")]


def test_far_entries_stay_in_the_store_and_are_found_later() -> None:
    """Memory holds the near future only; what is found in the store never replaces what is known."""
    wakeups = Wakeups()
    wakeups.put(0, "far", HORIZON_MS + 1, 0)
    assert len(wakeups) == 0
    wakeups.find(0, "far", HORIZON_MS + 1, 5)
    wakeups.put(0, "moved", 50, 0)
    wakeups.find(0, "moved", 10, 0)
    assert take(wakeups, 20) == []
    assert take(wakeups, 50) == [(0, "moved")]
    assert take(wakeups, HORIZON_MS + 1) == [(0, "far")]


def test_a_partition_that_goes_takes_its_entries() -> None:
    """Sessions of a partition that is another worker's are never woken here."""
    wakeups = Wakeups()
    wakeups.put(0, "a", 10, 0)
    wakeups.put(1, "b", 10, 0)
    wakeups.forget(0)
    assert take(wakeups, 10) == [(1, "b")]


def test_what_only_forgets_is_told_from_what_flushes() -> None:
    """Wake-ups within minutes flush something held; those a day ahead or already past sweep, and may be put off."""
    now = 10_000_000_000
    assert not Wake.asked(now + 500, now).sweeps
    assert Wake.asked(now + 26 * 3_600_000, now).sweeps
    assert Wake.asked(now - 1, now).sweeps
    for wake in (Wake(now, True), Wake(now, False)):
        assert Wake.read(wake.cell()) == wake
