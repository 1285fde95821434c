"""A session that is over is remembered for some days, so that what still comes for it is late and not a new session."""

from __future__ import annotations

import pytest

from processors.enrich.limits import Limits
from processors.enrich.transform import Enrich
from processors.outcome import Outcome
from processors.record import Record
from processors.state import MemoryState
from schemas import headers as h
from tests.unit.processors.enrich.raw_records import HOUR, KEY, NOON, OTHER_PAGE, event, raw, stage, summary

DAY = 24 * HOUR
WEEK = 7 * DAY


class Clock:
    """The stage, its state, and wake-ups on time."""

    def __init__(self, subject: Enrich | None = None) -> None:
        self.stage = subject or stage()
        self.state = MemoryState()
        self.now = NOON
        self.wakes: list[int] = []

    def until(self, when: int) -> None:
        """Let time pass."""
        while self.state.wake is not None and self.state.wake <= when:
            self.now, self.state.wake = self.state.wake, None
            self.wakes.append(self.now)
            self.stage.on_wake(KEY, self.state, self.now)
        self.now = when

    def send(self, record: Record) -> list[Outcome]:
        """A record that is read when it is received."""
        self.until(record.received)
        return self.stage.on_record(record, self.state, self.now)


@pytest.mark.parametrize("after", [25 * HOUR + 1, 26 * HOUR, 27 * HOUR, 3 * DAY, WEEK - 1])
@pytest.mark.parametrize("page", [OTHER_PAGE, raw([]).headers[h.PAGE]])
def test_what_comes_after_the_end_is_too_late(after: int, page: str) -> None:
    """A payload received after the session was swept is dropped with a reason, under the session's own dates."""
    clock = Clock()
    clock.send(raw([event()]))
    (drop,) = clock.send(raw([event()], 1, page=page, received=NOON + after))
    assert summary([drop]) == [("drop", "too_late")]
    assert (drop.headers[h.STARTED], drop.headers[h.EXPIRES]) == (str(NOON), "2026-12-22")


@pytest.mark.parametrize("made", [0, NOON, NOON + 27 * HOUR, NOON + 1000 * DAY])
def test_the_time_in_an_id_is_not_believed(made: int) -> None:
    """Whatever time a session's UUIDv7 claims, receive times decide what is late."""
    text = made.to_bytes(6).hex()
    key = f"shop:{text[:8]}-{text[8:]}-774b-8cce-b302099a8057"
    clock = Clock()
    assert summary(clock.send(raw([event()], key=key))) == [("keep", "0")]
    late = raw([event()], 1, key=key, received=NOON + 27 * HOUR)
    assert summary(clock.send(late)) == [("drop", "too_late")]


def test_what_was_received_in_time_passes_after_the_sweep_too() -> None:
    """Receive times decide, not when a record is read: it joins its session, whose dates stay."""
    clock = Clock()
    clock.send(raw([event()]))
    clock.until(NOON + 30 * HOUR)
    (keep,) = clock.stage.on_record(raw([event(1)], 0, page=OTHER_PAGE, received=NOON + HOUR), clock.state, clock.now)
    assert summary([keep]) == [("keep", "0")]
    assert keep.headers[h.STARTED] == str(NOON)


def test_a_session_that_is_over_costs_one_small_cell_for_a_bounded_time() -> None:
    """After the sweep one value of less than 100 bytes stays, written anew each day, and after a week nothing."""
    clock = Clock()
    for seq in (0, 1, 3, 200):
        clock.send(raw([event(seq)], seq))
    clock.until(NOON + 26 * HOUR)
    assert list(clock.state.values) == ["s"]
    assert len(clock.state.values["s"]) < 100
    clock.wakes.clear()
    clock.until(NOON + WEEK - 1)
    assert list(clock.state.values) == ["s"]
    # The changelog keeps a value for two days.
    assert all(DAY <= later - sooner < 2 * DAY for sooner, later in zip(clock.wakes, clock.wakes[1:], strict=False))
    assert len(clock.wakes) == 5
    clock.until(NOON + 2 * WEEK)
    assert (clock.state.values, clock.state.wake) == ({}, None)


def test_when_the_memory_is_over_a_session_begins_anew() -> None:
    """How long a session is known is a limit of its own; beyond it the same id is another session, with its dates."""
    clock = Clock(stage(Limits(remembered_ms=2 * DAY)))
    clock.send(raw([event()]))
    assert summary(clock.send(raw([event()], 1, received=NOON + 2 * DAY - 1))) == [("drop", "too_late")]
    (keep,) = clock.send(raw([event()], 0, received=NOON + 2 * DAY + 1))
    assert (keep.headers[h.STARTED], keep.headers[h.EXPIRES]) == (str(NOON + 2 * DAY + 1), "2026-12-24")


def test_what_comes_in_time_but_after_the_sweep_is_swept_as_well() -> None:
    """A page load opened after the sweep leaves no state once the session's memory is over."""
    clock = Clock()
    clock.send(raw([event()]))
    clock.until(NOON + 30 * HOUR)
    clock.stage.on_record(raw([event()], 2, page=OTHER_PAGE, received=NOON + HOUR), clock.state, clock.now)
    clock.until(NOON + WEEK)
    assert (clock.state.values, clock.state.wake) == ({}, None)
