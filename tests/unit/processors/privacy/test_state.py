"""Whatever happens to processes and partitions, the mirror is the one that belongs to the state."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.outcome import Keep
from processors.privacy.limits import Limits
from processors.state import MemoryState
from schemas.policy import STRICT
from schemas.reasons import Reason
from tests.unit.processors.privacy.pages import BODY, add, element, incremental, meta, mutation, snapshot, words
from tests.unit.processors.privacy.payloads import PAGE, WINDOW, Bench, payload
from tests.unit.processors.privacy.story import story

PLACE = f"{WINDOW}:{PAGE}"


def _whole() -> Bench:
    bench = Bench()
    bench.put(payload(story()))
    return bench


@settings(max_examples=40, deadline=None)
@given(cuts=st.sets(st.integers(1, len(story()) - 1)), restarts=st.booleans(), cache=st.sampled_from([0, 500_000]))
def test_any_cut_into_payloads_gives_the_same_output(cuts: set[int], restarts: bool, cache: int) -> None:
    """Where payloads begin and end, restarts between them, and a cold memory change neither output nor accounts."""
    expected = _whole()
    events = story()
    edges = [0, *sorted(cuts), len(events)]
    bench = Bench(limits=Limits(cached_nodes=cache))
    for seq, (start, end) in enumerate(pairwise(edges)):
        bench.put(payload(events[start:end], seq=seq))
        if restarts:
            bench.restart()
    assert bench.text == expected.text
    assert bench.lost == expected.lost


def test_restart_after_every_event() -> None:
    """State saved and read back between any two events gives the same output and accounts."""
    expected, bench = _whole(), Bench()
    for seq, event in enumerate(story()):
        bench.put(payload([event], seq=seq))
        bench.restart()
    assert bench.text == expected.text
    assert bench.lost == expected.lost


@settings(max_examples=40, deadline=None)
@given(cuts=st.sets(st.integers(1, len(story()) - 1)))
def test_every_event_is_accounted_for(cuts: set[int]) -> None:
    """Events read = events kept + events lost, once the Meta still held is given up at the end."""
    events = story()
    edges = [0, *sorted(cuts), len(events)]
    bench = Bench()
    read = 0
    for seq, (start, end) in enumerate(pairwise(edges)):
        bench.put(payload(events[start:end], seq=seq))
        read += end - start
    kept = sum(each.events for each in bench.outcomes if isinstance(each, Keep))
    assert read == kept + sum(bench.lost.values()) + 1
    bench.wake()
    assert read == kept + sum(bench.lost.values())
    assert len(bench.kept) == kept


def _growing(count: int) -> list[dict[str, object]]:
    return [mutation(adds=[add(BODY, element(10 + each, "p"))]) for each in range(count)]


def test_small_changes_do_not_rewrite_the_mirror() -> None:
    """A payload that adds a node writes a patch of some bytes; bases are written now and then only."""
    bench = Bench()
    bench.put(payload([meta(), snapshot(*[element(each, "p") for each in range(1000, 4000)])]))
    base = f"privacy:base:{PLACE}"
    bases = {bench.state.values[base]}
    for seq, event in enumerate(_growing(100), start=1):
        bench.put(payload([event], seq=seq))
        bases.add(bench.state.values[base])
        patches = [value for name, value in bench.state.values.items() if "patch" in name]
        assert len(patches) <= 64
        assert all(len(patch) < 100 for patch in patches)
    assert len(bases) <= 5
    bench.restart()
    bench.put(payload([incremental(3, id=each, x=0, y=0) for each in (10, 109, 3999)], seq=101))
    assert bench.lost == {}


def test_the_mirror_is_rewritten_more_seldom_the_larger_it_is() -> None:
    """What a payload pays for bases does not grow with the page: four times the nodes wait for as many more patches."""
    most = []
    for size in (2000, 8000):
        bench = Bench()
        bench.put(payload([meta(), snapshot(*[element(each, "p") for each in range(1000, 1000 + size)])]))
        patches = []
        for seq, event in enumerate(_growing(200), start=1):
            bench.put(payload([event], seq=seq))
            patches.append(sum("patch" in name for name in bench.state.values))
        assert 0 in patches
        most.append(max(patches))
    assert most[1] > 2.5 * most[0]


def test_state_of_a_live_page_is_small() -> None:
    """A mirror of thousands of nodes takes a few bytes a node."""
    bench = Bench()
    bench.put(payload([meta(), snapshot(*[element(each, "p", words(each + 5000, "x")) for each in range(1000, 4000)])]))
    assert sum(len(value) for value in bench.state.values.values()) < 4 * 6000


def test_rolled_back_state_is_believed() -> None:
    """After an aborted transaction the mirror in memory is ahead of the state: it is not used."""
    bench = Bench()
    bench.put(payload([meta(), snapshot()]))
    before = dict(bench.state.values)
    bench.put(payload([mutation(adds=[add(BODY, element(10, "p", class_="x"))])], seq=1))
    bench.state.values = dict(before)
    bench.put(payload([mutation(adds=[add(BODY, element(10, "p", class_="rr-block"))])], seq=1))
    bench.put(payload([mutation(adds=[add(10, words(11, "secret"))])], seq=2))
    assert b"secret" not in bench.text
    assert bench.lost == {Reason.BLOCKED: 1}


def test_partition_that_was_away_is_read_anew() -> None:
    """Another process went on with the session: what this one remembers is out of date."""
    here, there = Bench(), Bench()
    here.put(payload([meta(), snapshot(element(10, "p"))]))
    there.state = here.state
    there.put(payload([mutation(attributes=[{"id": 10, "attributes": {"class": "rr-mask"}}])], seq=1))
    here.put(payload([mutation(adds=[add(10, words(11, "secret"))])], seq=2))
    assert b"secret" not in here.text


@pytest.mark.parametrize(
    ("name", "value"), [("page", b"\x02[]"), ("base", b"\x02"), ("base", b"\x01damaged"), ("base", b"")]
)
def test_state_of_another_version_degrades(name: str, value: bytes) -> None:
    """State this code does not know, or cannot read, is discarded: nothing passes until the next snapshot."""
    bench = Bench()
    bench.put(payload([meta(), snapshot()]))
    bench.state.values[f"privacy:{name}:{PLACE}"] = value
    bench.restart()
    bench.put(payload([incremental(3, id=BODY, x=0, y=0)], seq=1))
    assert bench.lost == {Reason.DEGRADED: 1}
    bench.put(payload([meta(), snapshot(), incremental(3, id=BODY, x=0, y=0)], seq=2))
    assert len(bench.kept) == 5


def test_lost_patch_degrades() -> None:
    """A mirror with a piece missing is no mirror."""
    bench = Bench()
    bench.put(payload([meta(), snapshot()]), payload(_growing(1), seq=1))
    bench.state.delete(f"privacy:patch:{PLACE}:0")
    bench.restart()
    bench.put(payload([incremental(3, id=BODY, x=0, y=0)], seq=2))
    assert bench.lost == {Reason.DEGRADED: 1}


def test_another_policy_degrades_and_cuts_what_is_held_anew() -> None:
    """A mirror made under other rules cannot decide for these; a held Meta goes on under both, so that its snapshot,
    with which the session goes on, can be played.
    """
    bench = Bench()
    bench.put(payload([meta(), snapshot(), meta("https://site.example/orders/4711")]))
    bench.restart(STRICT)
    bench.put(payload([incremental(3, id=BODY, x=0, y=0)], seq=1))
    assert bench.lost == {Reason.DEGRADED: 1}
    bench.put(payload([snapshot()], seq=2))
    assert [event["type"] for event in bench.kept[-2:]] == [4, 2]
    assert bench.kept[-2]["data"]["href"] == "https://site.example/orders/***"


def test_memory_is_bounded() -> None:
    """However many sessions pass, mirrors in memory stay within the bound."""
    bench = Bench(limits=Limits(cached_nodes=100))
    for each in range(50):
        bench.state = MemoryState()
        record = payload([meta(), snapshot(*[element(node, "p") for node in range(10, 40)])])
        bench.put(replace(record, key=record.key[:-2] + f"{each:02d}"))
    assert bench.stage._pages._store._cache._nodes <= 100
    assert len(bench.stage._pages._store._cache._mirrors) <= 3
