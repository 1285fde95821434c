"""Whatever order payloads arrive in, each leaves once, in order as far as the hold allows, and none is lost."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from processors.enrich.limits import HoldLimits, Limits
from processors.enrich.transform import Enrich
from processors.outcome import Dead, Drop, Keep, Outcome
from processors.record import Record
from processors.state import MemoryState
from schemas import headers as h
from tests.unit.processors.enrich.raw_records import KEY, NOON, OTHER_PAGE, PAGE, event, raw, stage

HOLD = HoldLimits(payloads=3, bytes=1500, milliseconds=10_000)


class Run:
    """A stage, its state and a clock that wakes it when it asked to be woken."""

    def __init__(self, subject: Enrich) -> None:
        self.stage = subject
        self.state = MemoryState()
        self.now = NOON
        self.outcomes: list[Outcome] = []

    def wait(self, milliseconds: int) -> None:
        """Let time pass, with every wake-up that falls into it."""
        self.now += milliseconds
        asked: list[int] = []
        while self.state.wake is not None and self.state.wake <= self.now:
            assert self.state.wake not in asked, "asked to be woken again for the same"
            asked.append(self.state.wake)
            self.state.wake = None
            self.outcomes += self.stage.on_wake(KEY, self.state, self.now)

    def send(self, record: Record) -> None:
        """One record."""
        self.outcomes += self.stage.on_record(record, self.state, self.now)

    @property
    def kept(self) -> list[Keep]:
        """Everything written so far."""
        return [outcome for outcome in self.outcomes if isinstance(outcome, Keep)]


def gap(keep: Keep) -> int:
    """Header rs-gap, 0 if absent."""
    return int(keep.headers.get(h.GAP, "0"))


def body(seq: int) -> list[dict[str, object]]:
    """A payload of seq % 3 + 1 events, some too big to hold together."""
    return [event(seq), *(event(n) for n in range(seq % 3))]


arrivals = st.lists(
    st.tuples(st.integers(0, 14), st.sampled_from([PAGE, OTHER_PAGE]), st.sampled_from([0, 0, 0, 1000, 9_999, 30_000])),
    max_size=40,
)


@settings(max_examples=100, deadline=None)
@given(arrivals)
def test_each_payload_leaves_once_and_gaps_add_up(steps: Any) -> None:
    """In any arrival order each seq leaves once, rising but for late ones, and gaps are what is missing."""
    run = Run(stage(Limits(hold=HOLD)))
    for seq, page, pause in steps:
        run.send(raw(body(seq), seq, page=page, received=run.now))
        run.wait(pause)
    run.wait(20_000)
    for page in (PAGE, OTHER_PAGE):
        received = {seq for seq, where, _ in steps if where == page}
        kept = [keep for keep in run.kept if keep.headers[h.PAGE] == page]
        assert sorted(int(keep.headers[h.SEQ]) for keep in kept) == sorted(received)
        on_time = [int(keep.headers[h.SEQ]) for keep in kept if gap(keep) >= 0]
        assert on_time == sorted(on_time)
        assert sum(map(gap, kept)) == len(set(range(max(received, default=0))) - received)
    assert not [name for name in run.state.values if name.startswith("v")]


@settings(max_examples=100, deadline=None)
@given(st.permutations(range(12)), st.integers(0, 800))
def test_small_disorder_is_put_right(order: list[int], pause: int) -> None:
    """While no more waits than may wait, and not for long, payloads leave exactly in order and without a gap."""
    nearly = sorted(range(12), key=lambda seq: seq + order[seq] % 4)
    run = Run(stage())
    for seq in nearly:
        run.send(raw(body(seq), seq))
        run.wait(pause)
    assert [int(keep.headers[h.SEQ]) for keep in run.kept] == list(range(12))
    assert all(gap(keep) == 0 for keep in run.kept)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 9),
            st.sampled_from(["good", "other", "broken", "empty", "mixed"]),
            st.sampled_from([0, 0, 4000, 30_000]),
        ),
        max_size=30,
    )
)
def test_events_read_are_events_kept_dropped_or_dead(steps: Any) -> None:
    """Every event of every readable body is accounted for exactly once, and every payload that was not kept."""
    bodies = {"good": [event(1)], "other": [event(2), event(3)], "broken": b"[", "empty": [], "mixed": [event(4), 7]}
    sizes = {"good": 1, "other": 2, "broken": 0, "empty": 0, "mixed": 2}
    run = Run(stage(Limits(hold=HOLD)))
    for seq, kind, pause in steps:
        run.send(raw(bodies[kind], seq))
        run.wait(pause)
    run.wait(20_000)
    assert sum(outcome.events for outcome in run.outcomes) == sum(sizes[kind] for _, kind, _ in steps)
    whole = sum(
        outcome.payloads if isinstance(outcome, Drop) else isinstance(outcome, Keep | Dead) for outcome in run.outcomes
    )
    assert whole == len(steps)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 1_000_000), max_size=60))
def test_what_waits_is_bounded_and_all_is_forgotten(seqs: list[int]) -> None:
    """However far payloads jump ahead, no more waits than may, and after the session's end no state is left."""
    run = Run(stage(Limits(hold=HOLD)))
    for seq in seqs:
        run.send(raw(body(seq), seq))
        waiting = [value for name, value in run.state.values.items() if name.startswith("v")]
        assert len(waiting) <= HOLD.payloads
        assert sum(len(value.partition(b"\n")[2]) for value in waiting) <= HOLD.bytes
    run.wait(7 * 24 * 3_600_000)
    assert run.state.values == {}


def test_a_gap_is_told_when_the_wait_is_over() -> None:
    """A missing payload holds up the next ones for ten seconds, then they pass with the count of what is missing."""
    run = Run(stage())
    run.send(raw(body(0), 0))
    run.send(raw(body(3), 3))
    run.send(raw(body(4), 4))
    run.wait(9_999)
    assert len(run.kept) == 1
    run.wait(1)
    assert [(keep.headers[h.SEQ], gap(keep)) for keep in run.kept] == [("0", 0), ("3", 2), ("4", 0)]
    run.send(raw(body(1), 1))
    assert (run.kept[-1].headers[h.SEQ], gap(run.kept[-1])) == ("1", -1)


def test_a_ninth_waiting_payload_ends_the_wait() -> None:
    """More than eight waiting payloads pass without the missing one."""
    run = Run(stage())
    for seq in range(1, 9):
        run.send(raw([event(seq)], seq))
    assert run.kept == []
    run.send(raw([event(9)], 9))
    assert [int(keep.headers[h.SEQ]) for keep in run.kept] == list(range(1, 10))
    assert [gap(keep) for keep in run.kept] == [1] + [0] * 8
