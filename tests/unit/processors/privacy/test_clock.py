"""Times of events, where the visitor's clock was set or one event is wrong: neither reordered nor stretched."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.privacy.clock import DISORDER_MS, STEP_MS, Clock, unpack_clock
from schemas import headers as h
from tests.unit.processors.privacy.pages import BODY, incremental, meta, snapshot
from tests.unit.processors.privacy.payloads import Bench, payload

HOUR = 3_600_000
# The server's clock; the visitor's is behind by a skew.
NOON = 1_800_000_000_000
SKEW = 7_000
FAR = 8_000_000_000_000_000


def sent(clock: Clock, events: Sequence[float], at: int | None, received: int, skew: int | None = SKEW) -> list[float]:
    """Times put right of a payload, with the state written and read between payloads."""
    clock.receive(at, received, skew, events if clock.is_new else ())
    right = [clock.place(time) for time in events]
    again = unpack_clock(clock.pack())
    clock.offset, clock.last, clock.earlier = again.offset, again.last, again.earlier
    return right


def test_constant_skew_and_old_payloads_are_left_alone() -> None:
    """A clock that is wrong but steady, a page that slept, and what waited for a day keep their times."""
    clock, start = Clock(), NOON - SKEW
    assert sent(clock, [start, start + 50], start + 100, NOON + 200) == [start, start + 50]
    # Suspended for an hour, then sent with what it had.
    assert sent(clock, [start + 300, start + HOUR], start + HOUR + 9, NOON + HOUR + 900) == [start + 300, start + HOUR]
    # Sent by the next page, 20 hours later.
    assert sent(clock, [start + HOUR + 50], start + 21 * HOUR, NOON + 21 * HOUR + 60) == [start + HOUR + 50]
    assert not clock.corrected


@pytest.mark.parametrize("jump", [-26 * HOUR, -2 * HOUR, -600_000, 600_000, 2 * HOUR, 40 * 24 * HOUR])
def test_a_clock_that_is_set_neither_reorders_nor_stretches(jump: int) -> None:
    """The last change is still the last, and the page load lasts as long as it did."""
    clock, start = Clock(), NOON - SKEW
    first = sent(clock, [start, start + 1000], start + 1100, NOON + 1150)
    # Set between two events of one payload; the payload is sent by the new clock.
    then = [start + 2000, start + 3000 + jump, start + 4000 + jump]
    second = sent(clock, then, start + 4100 + jump, NOON + 4150)
    third = sent(clock, [start + 9000 + jump], start + 9100 + jump, NOON + 9150)
    right = [*first, *second, *third]
    assert right == sorted(right)
    assert abs(right[-1] - right[0] - 9000) <= 1500
    assert clock.corrected


@pytest.mark.parametrize("wrong", [0, 1, FAR, NOON + 30 * 24 * HOUR, NOON - 400 * 24 * HOUR])
@pytest.mark.parametrize("place", [0, 1, 3])
def test_one_wrong_event_stands_where_its_neighbours_do(wrong: int, place: int) -> None:
    """In the year 12026 or at 0, at the start, in the middle or at the end: the others keep their times."""
    start = NOON - SKEW
    times = [start, start + 1000, start + 2000, start + 3000]
    given = [*times[:place], wrong, *times[place + 1 :]]
    clock = Clock()
    right = sent(clock, given, start + 3100, NOON + 3150)
    assert [each for index, each in enumerate(right) if index != place] == [
        each for index, each in enumerate(times) if index != place
    ]
    assert start <= right[place] <= start + 3100 + DISORDER_MS
    assert clock.corrected


@pytest.mark.parametrize("wrong", [0, 1, FAR, NOON + 400 * 24 * HOUR, NOON - 400 * 24 * HOUR])
@pytest.mark.parametrize("count", [1, 2])
def test_a_first_payload_that_is_wrong_stretches_nothing(wrong: int, count: int) -> None:
    """Nothing but impossible times, as of a Meta alone: they stand where they were sent, the rest keeps its own."""
    start, clock = NOON - SKEW, Clock()
    first = sent(clock, [wrong] * count, start + 100, NOON + 150)
    assert clock.corrected
    assert sent(clock, [start + 1000, start + 2000], start + 2100, NOON + 2150) == [start + 1000, start + 2000]
    assert all(start <= each <= start + 100 for each in first)


@pytest.mark.parametrize("wrong", [0, 1, FAR, NOON + 400 * 24 * HOUR, NOON - 400 * 24 * HOUR])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_wrong_event_without_a_time_of_sending(wrong: int, place: int) -> None:
    """As plain rrweb sends: the others keep their times, also when the wrong one comes first."""
    start, clock = NOON - SKEW, Clock()
    times = [start, start + 50]
    right = sent(clock, [*times[:place], wrong, *times[place:]], None, NOON + 150, None)
    right += sent(clock, [start + 1000, start + 2000], None, NOON + 2150, None)
    assert [each for index, each in enumerate(right) if index != place] == [*times, start + 1000, start + 2000]
    assert start <= right[place] <= start + 50
    assert clock.corrected


@pytest.mark.parametrize("count", [1, 2])
def test_a_clock_far_ahead_without_a_time_of_sending_keeps_its_distances(count: int) -> None:
    """Its first payload ends at the receipt; what follows stands at its distance from that."""
    ahead, clock = NOON + 90 * 24 * HOUR, Clock()
    first = sent(clock, [ahead + 50 * n for n in range(count)], None, NOON, None)
    assert first[-1] == NOON
    rest = sent(clock, [ahead + 1000, ahead + 4000], None, NOON + 4000, None)
    assert [each - first[0] for each in rest] == [1000, 4000]


def test_a_correction_is_told_by_the_record_that_holds_it() -> None:
    """A Meta whose time was wrong waits for its snapshot, and so does the word of it."""
    bench, base = Bench(), 30 * HOUR
    bench.put(payload([meta(at=FAR)], 0, sent=str(base)))
    bench.restart()
    bench.put(payload([snapshot(at=base + 10)], 1, sent=str(base + 20)))
    bench.put(payload([incremental(3, base + 900, id=BODY, x=0, y=1)], 2, sent=str(base + 950)))
    assert [h.CLOCK in each.headers for each in bench.outcomes] == [True, False]
    assert [event["timestamp"] for event in bench.kept] == [base, base + 10, base + 900]


def test_imports_without_a_time_of_sending_keep_theirs() -> None:
    """A recording of years ago, all from one clock, is as it was; a step back in it goes on where it was."""
    clock = Clock()
    old = [1_500_000_000_000 + n * HOUR for n in range(30)]
    assert sent(clock, old, None, NOON, None) == old
    assert sent(clock, [old[-1] - 2 * HOUR, old[-1] - 2 * HOUR + 500], None, NOON, None) == [old[-1], old[-1] + 500]


def test_a_new_page_load_after_the_clock_was_set_is_on_the_session_s_time_line() -> None:
    """Its page stands after the page before it."""
    start = NOON - SKEW
    after = start + HOUR - 2 * HOUR
    assert sent(Clock(), [after, after + 10], after + 90, NOON + HOUR + 100) == [start + HOUR + 10, start + HOUR + 20]


def test_a_slow_upload_is_no_jump() -> None:
    """A snapshot that took 100 s to send makes the session's skew wrong by as much, and nothing else."""
    start, slow = NOON, 100_000
    assert sent(Clock(), [start + slow, start + slow + 5], start + slow + 10, NOON + slow + 50, slow) == [
        start + slow,
        start + slow + 5,
    ]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(0, 15_000), min_size=1, max_size=30),
    st.lists(st.tuples(st.integers(0, 29), st.integers(-30 * HOUR, 30 * HOUR)), max_size=3),
    st.sets(st.integers(1, 29)),
    st.integers(0, 2_000),
)
def test_any_jumps_in_any_split(steps: list[int], jumps: list[tuple[int, int]], cuts: set[int], latency: int) -> None:
    """However the clock is set and the events are cut, they stay in order, and no pause grows but by what is small."""
    bounds = [0, *sorted(cut for cut in cuts if cut < len(steps)), len(steps)]
    # Within one payload, a second or two, a clock is not set twice.
    jumps = list({bisect(bounds, where): (where, jump) for where, jump in jumps}.values())
    events: list[tuple[int, int]] = []
    at = shift = 0
    for index, step in enumerate(steps):
        at += step
        shift += sum(jump for where, jump in jumps if where == index and index > 0)
        events.append((at, NOON - SKEW + at + shift))
    clock, right = Clock(), list[float]()
    for low, high in pairwise(bounds):
        true, told = events[high - 1]
        right += sent(clock, [each for _, each in events[low:high]], told + 100, NOON + true + 100 + latency)
    assert all(later >= sooner - DISORDER_MS for sooner, later in pairwise(right))
    if not any(where < bounds[1] for where, _ in jumps):
        # In the very first payload a clock set forward and a pause look the same.
        bound = events[-1][0] + (STEP_MS + DISORDER_MS + latency) * (1 + len(jumps))
        assert right[-1] - right[0] <= bound


def test_payloads_say_what_was_put_right_and_a_new_process_goes_on() -> None:
    """The header tells, facts and events have the same times, whatever process reads the payload."""
    outcomes: list[Any] = []
    wrong = 2 * HOUR
    for restarts in (False, True):
        bench = Bench()
        base = 10 * HOUR
        records = [
            payload([meta(at=base), snapshot(at=base + 1)], 0, sent=str(base + 5)),
            payload([incremental(3, base + 900 - wrong, id=BODY, x=0, y=1)], 1, sent=str(base + 950 - wrong)),
            payload([incremental(3, base + 1900 - wrong, id=BODY, x=0, y=2)], 2, sent=str(base + 1950 - wrong)),
        ]
        for record in records:
            bench.put(record)
            if restarts:
                bench.restart()
        last = bench.outcomes[-1]
        assert [event["timestamp"] for event in bench.kept][:2] == [base, base + 1]
        assert base < bench.kept[-1]["timestamp"] <= base + 2000
        assert last.headers[h.LAST] == str(bench.kept[-1]["timestamp"])
        assert [h.CLOCK in each.headers for each in bench.outcomes] == [False, True, True]
        outcomes.append(bench.outcomes)
    assert outcomes[0] == outcomes[1]
