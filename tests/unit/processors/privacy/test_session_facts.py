"""What a recording's facts say of clicks, routes and what was removed, and what passes of our own custom events."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.outcome import Keep
from schemas import headers as h
from schemas.policy import BALANCED, Policy
from schemas.project import parse_policy
from schemas.reasons import Reason
from tests.unit.processors.privacy.pages import BODY, incremental, meta, mutation, snapshot, words
from tests.unit.processors.privacy.payloads import Bench, Json, payload

START = [meta(at=1000), snapshot(at=1010)]


def click(at: int, x: int = 10, y: int = 10) -> Json:
    """A click."""
    return incremental(2, at, type=2, id=BODY, x=x, y=y)


def scroll(at: int) -> Json:
    """Something that a click may have done."""
    return incremental(3, at, id=BODY, x=0, y=1)


def resize(at: int) -> Json:
    """The page load goes on; nothing was changed by a click, but the window."""
    return incremental(1, at, positions=[{"x": 1, "y": 1, "id": BODY, "timeOffset": 0}])


def ours(tag: str, payload_: Any, at: int = 2000) -> Json:
    """A custom event with a tag of ours."""
    return {"type": 5, "data": {"tag": f"reelstream.{tag}", "payload": payload_}, "timestamp": at}


def counted(events: list[Json], cuts: set[int] = frozenset()) -> Counter[str]:  # type: ignore[assignment]
    """The sums over payloads, cut where told, each read by a new process."""
    bench, bounds = Bench(), [0, *sorted(cuts), len(events)]
    for seq, (low, high) in enumerate(pairwise(bounds)):
        bench.put(payload(events[low:high], seq))
        bench.restart()
    sums: Counter[str] = Counter()
    for each in bench.outcomes:
        if isinstance(each, Keep):
            sums.update(json.loads(each.headers[h.COUNTS]))
    return sums


@pytest.mark.parametrize(
    ("events", "rage", "dead"),
    [
        ([click(2000), click(2300), click(2600), scroll(2700)], 1, 0),
        ([click(2000), click(2300), click(2600), click(2900), click(3100), scroll(3200)], 1, 0),
        ([click(2000), click(2300), scroll(2400)], 0, 0),
        ([click(2000), click(2300), click(3400), scroll(3500)], 0, 0),
        ([click(2000), click(2300), click(2600, x=400), scroll(2700)], 0, 0),
        ([click(2000), resize(5001)], 0, 1),
        ([click(2000), resize(5000)], 0, 0),
        ([click(2000), scroll(4999), resize(9000)], 0, 0),
        ([click(2000), ours("route", {"href": "https://a.example/x"}, 2100), resize(9000)], 0, 0),
        ([click(2000)], 0, 0),
    ],
)
def test_rage_and_dead_clicks(events: list[Json], rage: int, dead: int) -> None:
    """A series counts once; a click is dead when the page goes on for three seconds and shows no effect."""
    sums = counted([*START, *events])
    assert (sums["rage_clicks"], sums["dead_clicks"]) == (rage, dead)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("crs"), st.integers(1, 4000)), min_size=1, max_size=12),
    st.sets(st.integers(2, 13)),
)
def test_any_split_counts_the_same(story: list[tuple[str, int]], cuts: set[int]) -> None:
    """Clicks are the same however the events are cut into payloads."""
    at, events = 2000, list[Json]()
    for kind, step in story:
        at += step
        events.append({"c": click, "r": resize, "s": scroll}[kind](at))
    whole = json.loads(json.dumps([*START, *events]))
    cut = {each for each in cuts if each < len(whole)}
    expected = counted(json.loads(json.dumps(whole)))
    assert counted(whole, cut) == expected


def test_a_route_is_a_page_by_the_rules_on_addresses() -> None:
    """It is told with its kind; a page that loads is told when it can be seen."""
    bench = Bench()
    bench.put(payload([*START, ours("route", {"href": "https://u:p@a.example/cart?token=1", "more": 1})]))
    (kept,) = bench.outcomes
    assert json.loads(kept.headers[h.PAGES]) == [
        [1010, "https://site.example/page"],
        [2000, "https://a.example/cart", "route"],
    ]
    assert bench.kept[-1]["data"]["payload"] == {"href": "https://a.example/cart"}


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (ours("visibility", {"visible": False}), None),
        (ours("visibility", {"visible": "SECRET"}), Reason.NOT_ALLOWED),
        (ours("not_recorded", {"reason": "too_busy", "count": 2}), None),
        (ours("not_recorded", {"reason": "SECRET", "count": 2}), Reason.NOT_ALLOWED),
        (ours("not_recorded", {"reason": "failed", "count": True}), Reason.NOT_ALLOWED),
        (ours("route", {"href": 7}), Reason.NOT_ALLOWED),
        (ours("route", "SECRET"), Reason.NOT_ALLOWED),
        (ours("top_layer", {"id": BODY, "kind": "popover", "open": True}), None),
        (ours("top_layer", {"id": 9999, "kind": "popover", "open": True}), Reason.UNKNOWN_NODE),
        (ours("top_layer", {"id": BODY, "kind": "SECRET", "open": True}), Reason.MALFORMED_EVENT),
        (ours("missing", {"words": "SECRET"}), Reason.NOT_ALLOWED),
        (ours("", {}), Reason.NOT_ALLOWED),
    ],
)
@pytest.mark.parametrize("others", ["drop", "keep"])
def test_tags_of_ours_pass_in_their_form_only(event: Json, reason: Reason | None, others: str) -> None:
    """Whatever the policy says of the page's own tags, and never with words of the page."""
    bench = Bench(parse_policy(f"preset: balanced\ncustom: {{others: {others}}}"))
    bench.put(payload([*START, json.loads(json.dumps(event))]))
    assert bench.lost == ({} if reason is None else {reason: 1})
    assert b"SECRET" not in bench.text


def test_what_was_not_recorded_needs_no_snapshot() -> None:
    """A session without a picture exists and says why."""
    bench = Bench()
    bench.put(payload([ours("not_recorded", {"reason": "snapshot_too_large", "count": 1})]))
    assert [event["data"]["tag"] for event in bench.kept] == ["reelstream.not_recorded"]


def test_captures_are_on_every_payload_of_the_page_load_that_said_them() -> None:
    """A page load that did not say it first never says it."""
    bench = Bench()
    bench.put(payload(START, captures="errors,routes"), payload([scroll(2000)], 1), payload([scroll(3000)], 2))
    assert [each.headers.get(h.CAPTURES) for each in bench.outcomes] == ["errors,routes"] * 3
    other = Bench()
    other.put(payload(START), payload([scroll(2000)], 1, captures="errors"))
    assert [each.headers.get(h.CAPTURES) for each in other.outcomes] == [None, None]


def test_each_removed_thing_names_its_rule() -> None:
    """Masked text, blocked elements and dropped events are counted under the rule that did it."""
    policy: Policy = parse_policy("preset: balanced\ntext: {mask_all: true}\ncustom: {others: drop}")
    bench = Bench(policy)
    own = {"type": 5, "data": {"tag": "cart", "payload": {}}, "timestamp": 1500}
    plugin = {"type": 6, "data": {"plugin": "else", "payload": {}}, "timestamp": 1500}
    bench.put(payload([meta(), snapshot(words(10, "hello there")), own, own | {}, plugin, mutation(texts=[])]))
    removed = json.loads(bench.outcomes[0].headers[h.REMOVED])
    assert removed["custom"] == 2
    assert removed["plugins"] == 1
    assert removed["text.mask_all"] >= 1
    assert BALANCED is not policy
