"""The same output for any split of the input, whatever the policy needs to remember, and whatever happens between."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.privacy.packing import VERSION
from processors.record import Record
from schemas.policy import BALANCED, OPEN, STRICT, Policy
from schemas.project import parse_policy
from tests.unit.processors.privacy.pages import incremental
from tests.unit.processors.privacy.payloads import PAGE, WINDOW, Bench, payload
from tests.unit.processors.privacy.simulated import Page
from tests.unit.processors.privacy.story import CANARY, story
from tests.unit.processors.privacy.test_hold import Undecided

Json = dict[str, Any]
# Needs the tags and classes of every element above, which the mirror then keeps as bits.
SELECTORS = parse_policy(
    """
    block: {classes: [], selectors: ["p > .rr-block", "body > .rr-block", "x-card [class~=rr-block]"]}
    mask: {classes: [], selectors: ["html .rr-mask", "x-card p"]}
    ignore: {classes: [], selectors: ["input.rr-ignore"]}
    """
)
NUMBERS = st.integers(0, 59)
ACTS = st.lists(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), max_size=5), min_size=2, max_size=8)
CUTS = st.sets(st.integers(1, len(story()) - 1))


def _recorded(acts: list[list[tuple[int, int, int, int]]]) -> list[Json]:
    page = Page()
    for steps in acts:
        for step in steps:
            page.step(*step)
        if steps:
            page.flush()
        else:
            page.check_out()
    return page.events


def _cut(events: list[Json], cuts: set[int], first_seq: int = 0) -> list[Record]:
    edges = [0, *sorted(cut for cut in cuts if 0 < cut < len(events)), len(events)]
    return [payload(events[start:end], seq) for seq, (start, end) in enumerate(pairwise(edges), first_seq)]


@pytest.mark.parametrize("policy", [BALANCED, SELECTORS, STRICT], ids=["classes", "selectors", "strict"])
@settings(max_examples=40, deadline=None)
@given(acts=ACTS)
def test_pages_with_frames_and_shadow_roots(policy: Policy, acts: list[list[tuple[int, int, int, int]]]) -> None:
    """Each event in a payload of its own, with a new process for each, gives what one payload gives."""
    events = _recorded(acts)
    expected, bench = Bench(policy), Bench(policy)
    expected.put(payload(events))
    for record in _cut(events, set(range(len(events)))):
        bench.put(record)
        bench.restart(policy)
    assert bench.text == expected.text
    assert bench.lost == expected.lost


def test_bits_are_stored() -> None:
    """The selectors above do make the mirror keep bits, so what is said of them holds for this version of its form."""
    bench = Bench(SELECTORS)
    bench.put(payload(_recorded([])))
    mirror = bench.stage._pages._store.load(f"demo:{WINDOW}", bench.state, WINDOW, PAGE, SELECTORS.version).page.mirror
    assert mirror.bits
    assert bench.state.values[f"privacy:base:{WINDOW}:{PAGE}"][:1] == VERSION == b"\x03"


@settings(max_examples=40, deadline=None)
@given(
    change=st.integers(1, len(story()) - 1), cuts=CUTS, policies=st.permutations([OPEN, BALANCED, STRICT, SELECTORS])
)
def test_policy_that_changes(change: int, cuts: set[int], policies: list[Policy]) -> None:
    """When the policy becomes another, what comes out hangs on where that is, not on other cuts and new processes."""
    before, after, *_ = policies
    events = story()
    expected, bench = Bench(before), Bench(before)
    expected.put(payload(events[:change]))
    expected.restart(after)
    expected.put(payload(events[change:], seq=len(events)))
    for record in _cut(events[:change], cuts):
        bench.put(record)
        bench.restart(before)
    for record in _cut(events[change:], {cut - change for cut in cuts}, first_seq=len(events)):
        bench.restart(after)
        bench.put(record)
    assert bench.text == expected.text
    assert bench.lost == expected.lost
    if OPEN not in (before, after):
        assert CANARY.encode() not in bench.text


@settings(max_examples=40, deadline=None)
@given(cuts=CUTS)
def test_session_that_is_held(cuts: set[int]) -> None:
    """What a hold lets go at its end is what would have passed without one."""
    events = [*story(), incremental(4, 10_200, width=1, height=1)]
    expected, held = Bench(), Undecided(minimum_seconds=10)
    expected.put(payload(events))
    *records, last = _cut(events, cuts)
    held.put(*records)
    assert held.text == b""
    held.put(last)
    assert held.text == expected.text
    assert held.lost == expected.lost
