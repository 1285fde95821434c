"""A session that is undecided: what was redacted waits, and then all of it goes, or none."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import pytest

from processors.outcome import Drop, Keep, Outcome
from processors.privacy.hold import MAX_BYTES
from processors.privacy.limits import Limits
from processors.privacy.session import FORGET_AFTER_MS
from processors.privacy.transform import Privacy
from processors.record import Record
from processors.state import MemoryState
from schemas import headers as h
from schemas.control import Kind, Tombstone, Tombstones, UserKeys
from schemas.project import HOLD_SECONDS, Project, Projects, Sampling
from schemas.reasons import Reason
from tests.unit.processors.privacy.pages import BODY, incremental, meta, snapshot, words
from tests.unit.processors.privacy.payloads import SESSION, STARTED, Bench, payload

END = STARTED + HOLD_SECONDS * 1000


@dataclass
class Place:
    """The only partition."""

    number: int
    count: int
    state: MemoryState


class Undecided(Bench):
    """A bench whose project has sampling rules, with a clock and an empty partition."""

    def __init__(self, **rules: Any) -> None:
        super().__init__()
        self.now = STARTED
        self.rules = Sampling.model_validate(rules)
        self.tombstones = Tombstones(UserKeys())
        self.place = Place(0, 1, MemoryState())
        self.is_there = True
        self.begin()

    def begin(self) -> None:
        """A new process on the same state."""
        project = Project(write_keys=("demo",), sampling=self.rules)
        here, gone = Projects(projects={"demo": project}), Projects(projects={"other": project})
        self.stage = Privacy(lambda: here if self.is_there else gone, Limits())
        self.stage.connect(self.tombstones, lambda: self.place)

    def put(self, *records: Record) -> list[Outcome]:
        """Outcomes of these records at the bench's time, each in a process of its own."""
        new: list[Outcome] = []
        for record in records:
            self.begin()
            new += self.stage.on_record(record, self.state, self.now)
        self.outcomes += new
        return new

    @property
    def accounted(self) -> Counter[str]:
        """Payloads kept and lost."""
        counts: Counter[str] = Counter()
        for outcome in self.outcomes:
            if isinstance(outcome, Keep):
                counts["kept"] += 1
            elif isinstance(outcome, Drop):
                counts[outcome.reason] += outcome.payloads
        return +counts


def page(seq: int = 0, first: int = 0, **more: str) -> Record:
    """A payload with a snapshot."""
    return payload([meta(at=first), snapshot(at=first + 2)], seq, first=str(first), last=str(first + 2), **more)


def scroll(seq: int, at: int, *more: Any) -> Record:
    """A payload with an event at `at`, client ms, and others."""
    return payload([incremental(3, at, id=BODY, x=0, y=seq), *more], seq, first=str(at), last=str(at))


def noise(seq: int, size: int) -> Record:
    """A payload with a page that does not compress below `size` bytes."""
    text = random.Random(seq).randbytes(size).hex()
    return payload([meta(at=5), snapshot(words(10, text), at=6)], seq, first="5", last="6")


def test_what_is_held_goes_in_order_when_the_rules_are_met() -> None:
    """Nothing leaves before; then every payload does, as it was redacted, and later ones at once."""
    bench = Undecided(minimum_seconds=10)
    assert bench.put(page(), scroll(1, 4_000), scroll(2, 9_000)) == []
    assert bench.state.wake == END
    released = bench.put(scroll(3, 10_000))
    assert [each.headers[h.SEQ] for each in released] == ["0", "1", "2", "3"]
    assert [each.received for each in released] == [STARTED + seq for seq in range(4)]
    assert [event["type"] for event in bench.kept] == [4, 2, 3, 3, 3]
    assert len(bench.put(scroll(4, 11_000))) == 1
    assert bench.state.wake == STARTED + FORGET_AFTER_MS
    assert not any("hold" in name or "held" in name for name in bench.state.values)
    plain = Undecided()
    plain.put(page(), *(scroll(seq, at) for seq, at in ((1, 4_000), (2, 9_000), (3, 10_000), (4, 11_000))))
    assert bench.outcomes == plain.outcomes


def test_a_session_that_does_not_meet_the_rules_in_time_is_dropped_whole() -> None:
    """At the end of the hold each payload is lost once, and so is all that follows."""
    bench = Undecided(minimum_seconds=10)
    bench.put(page(), scroll(1, 4_000))
    bench.wake()
    assert bench.lost == {Reason.NOT_SELECTED: 3}
    assert bench.state.wake == STARTED + FORGET_AFTER_MS
    assert list(bench.state.values) == ["privacy:session"]
    bench.put(scroll(2, 60_000))
    assert bench.accounted == {Reason.NOT_SELECTED: 3}
    bench.wake()
    assert bench.state.values == {}


def test_a_payload_that_comes_when_the_hold_is_over_may_still_decide() -> None:
    """A wake-up may be late: the payload read first counts, and without what the rules want it ends the hold."""
    met, unmet = Undecided(minimum_seconds=10), Undecided(minimum_seconds=10)
    for bench in (met, unmet):
        bench.put(page())
        bench.now = END
    met.put(scroll(1, 11_000))
    assert met.accounted == {"kept": 2}
    unmet.put(scroll(1, 9_000))
    assert unmet.accounted == {Reason.NOT_SELECTED: 2}


def test_events_lost_while_held_are_counted_once() -> None:
    """What the policy drops is a loss at once, under its own reason; a lone Meta goes with the session."""
    bench = Undecided(minimum_seconds=10)
    unknown = {"type": 99, "data": {}, "timestamp": 4}
    bench.put(page(), scroll(1, 4_000, unknown), payload([unknown], 2, first="5", last="5"))
    assert bench.lost == {Reason.UNKNOWN_TYPE: 2}
    bench.put(payload([meta(at=6)], 3, first="6", last="6"))
    bench.wake()
    assert bench.lost == {Reason.UNKNOWN_TYPE: 2, Reason.NOT_SELECTED: 4}
    assert bench.accounted == {Reason.UNKNOWN_TYPE: 1, Reason.NOT_SELECTED: 3}


def test_a_session_too_large_to_hold_is_dropped() -> None:
    """State stays under the bound, and the payload that would pass it ends the session."""
    bench = Undecided(only_with_error=True)
    bench.put(page(), noise(1, 3 << 20), noise(2, 3 << 20))
    assert sum(map(len, bench.state.values.values())) <= MAX_BYTES
    assert bench.lost == {}
    bench.put(noise(3, 3 << 20))
    assert bench.lost == {Reason.HELD_OVERFLOW: 8}
    assert list(bench.state.values) == ["privacy:session"]
    bench.put(scroll(4, 5_000))
    assert bench.accounted == {Reason.HELD_OVERFLOW: 5}


def test_a_large_payload_that_decides_need_not_be_held() -> None:
    """The bound is of what waits."""
    bench = Undecided(include_urls=["*"])
    bench.put(noise(0, MAX_BYTES))
    assert bench.accounted == {"kept": 1}


@pytest.mark.parametrize("kind", [Kind.OPT_OUT, Kind.ERASE])
@pytest.mark.parametrize("by_wake", [True, False])
def test_a_tombstone_ends_a_held_session_with_all_it_holds(kind: Kind, by_wake: bool) -> None:
    """Nothing of the session has left, so nothing does: neither with the next payload nor at the end of the hold."""
    bench = Undecided(exclude_urls=["*/admin"], minimum_seconds=3)
    bench.put(page(), scroll(1, 2_000))
    tombstone = Tombstone("demo", kind, SESSION, STARTED - 10_000)
    bench.tombstones.apply(tombstone.key, tombstone.value)
    if by_wake:
        bench.wake()
    else:
        bench.put(scroll(2, 5_000))
    reason = Reason.OPTED_OUT if kind is Kind.OPT_OUT else Reason.ERASED
    assert bench.accounted == {reason: 2 if by_wake else 3}


def test_a_project_that_goes_takes_its_held_sessions_along() -> None:
    """Without a project there are no rules to meet."""
    for by_wake in (True, False):
        bench = Undecided(minimum_seconds=10)
        bench.put(page())
        bench.is_there = False
        if by_wake:
            bench.begin()
            bench.wake()
        else:
            bench.put(scroll(1, 2_000))
        assert bench.accounted == {Reason.UNKNOWN_PROJECT: 1 if by_wake else 2}


def test_addresses_are_compared_as_they_are_stored() -> None:
    """A pattern meets the address without the query that the policy takes away."""
    address = "https://a.example/pay?card=SECRET"
    bench, other = Undecided(include_urls=["https://a.example/pay"]), Undecided(include_urls=["*SECRET*"])
    for each in (bench, other):
        each.put(page(), payload([meta(address, at=5), snapshot(at=6)], 1, first="5", last="6"))
    assert bench.accounted == {"kept": 2}
    assert other.accounted == {}


def test_an_error_counts_though_the_policy_drops_it() -> None:
    """The console's messages are not let through, and yet they choose the session."""
    console = {"type": 6, "data": {"plugin": "rrweb/console@1", "payload": {"level": "error"}}, "timestamp": 5}
    bench = Undecided(only_with_error=True)
    bench.put(page(), payload([console], 1, first="5", last="5"))
    assert bench.accounted == {"kept": 1, Reason.NOT_ALLOWED: 1}


def test_what_headers_refuse_is_not_opened() -> None:
    """A session of an excluded country is dropped before its payload is read."""
    bench = Undecided(exclude_countries=["DE"])
    bench.put(replace(page(ctx='{"country":"DE"}'), value=b"not zstd"))
    assert bench.lost == {Reason.NOT_SELECTED: 2}
    assert list(bench.state.values) == ["privacy:session"]


def test_the_share_is_decided_before_the_rules_and_once() -> None:
    """A session outside the share is not held; one within is not asked again when the share changes meanwhile."""
    out = Undecided(percent=78.99, minimum_seconds=10)
    out.put(page())
    assert out.lost == {Reason.SAMPLED_OUT: 2}
    held = Undecided(percent=79, minimum_seconds=10)
    held.put(page())
    held.rules = Sampling(percent=0, minimum_seconds=10)
    held.put(scroll(1, 11_000))
    assert held.accounted == {"kept": 2}


def test_the_daily_cap_counts_sessions_that_pass_the_other_rules() -> None:
    """Once the day is full, sessions that would be kept are dropped, at once or at the end of their hold."""
    refused, kept, late, held = (Undecided(sessions_per_day=1, exclude_urls=["*/admin"]) for _ in range(4))
    for bench in (refused, late, held):
        bench.place = kept.place
    refused.put(payload([meta("https://a.example/admin", at=1), snapshot(at=2)]))
    kept.put(page())
    late.put(page())
    held.put(payload([incremental(4, 1, width=1, height=1)]))
    held.begin()
    held.wake()
    kept.put(scroll(1, 4_000))
    assert kept.accounted == {"kept": 2}
    assert refused.accounted == late.accounted == held.accounted == {Reason.NOT_SELECTED: 1}


def test_forgetting_a_session_still_held_loses_what_it_held() -> None:
    """A worker away for a day decides and forgets at once, and accounts for everything."""
    bench = Undecided(minimum_seconds=10)
    bench.put(page())
    bench.outcomes += bench.stage.on_wake(f"demo:{SESSION}", bench.state, STARTED + FORGET_AFTER_MS)
    assert bench.accounted == {Reason.NOT_SELECTED: 1}
    assert bench.state.values == {}
