"""Events that no recorder would send: never an exception, never something the player stumbles over."""

from __future__ import annotations

import random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.processors.privacy.damage import damage
from tests.unit.processors.privacy.pages import (
    BODY,
    Json,
    Run,
    add,
    change,
    element,
    incremental,
    meta,
    mutation,
    remove,
    snapshot,
    words,
)
from tests.unit.processors.privacy.story import story
from tests.unit.processors.privacy.viewer import Viewer

_SECRET = "SECRET"


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_damaged_recordings(seed: int) -> None:
    """Whatever is broken, every event gets a verdict, what passes can be written, and passes again unchanged."""
    chance = random.Random(seed)
    events = [damage(event, chance) for event in story()]
    run = Run().feed(*events)
    held = run.page.held is not None
    assert len(events) == len(run.out) + len(run.dropped) + held
    again = orjson.loads(orjson.dumps(run.out))
    assert Run().feed(*again).out == run.out


_IDS = st.integers(5, 30)
_CLASSES = st.sampled_from(["", "rr-block", "rr-mask", "x"])


def _node(node_id: int, name: str, text: bool) -> Json:
    return words(node_id, _SECRET) if text else element(node_id, "p", class_=name, title=_SECRET)


_ADDS = st.builds(
    lambda parent, node_id, name, text, sibling: add(parent, _node(node_id, name, text), sibling),
    st.one_of(_IDS, st.just(BODY)),
    _IDS,
    _CLASSES,
    st.booleans(),
    st.one_of(st.none(), _IDS),
)
_MUTATIONS = st.builds(
    mutation,
    adds=st.lists(_ADDS, max_size=6),
    removes=st.lists(st.builds(remove, st.one_of(_IDS, st.just(BODY)), _IDS), max_size=3),
    texts=st.lists(st.builds(lambda node_id: {"id": node_id, "value": _SECRET}, _IDS), max_size=3),
    attributes=st.lists(st.builds(lambda node_id, name: change(node_id, class_=name), _IDS, _CLASSES), max_size=3),
)
_ACTS = st.builds(lambda node_id: incremental(3, id=node_id, x=0, y=0), _IDS)


@settings(max_examples=300, deadline=None)
@given(events=st.lists(st.one_of(_MUTATIONS, _ACTS), max_size=12))
def test_any_mutations_still_play(events: list[Json]) -> None:
    """However nodes move in and out of blocked and unknown places, the player finds every node it is told of."""
    page = snapshot(element(5, "div", class_="rr-block"), element(6, "div", class_="rr-mask"), element(7, "div"))
    run = Run().feed(meta(), page, *events)
    assert Viewer().watch(run.out) == []
    assert Run().feed(*run.out).out == run.out


@pytest.mark.long
@settings(max_examples=300, deadline=None)
@given(events=st.lists(_MUTATIONS, max_size=12))
def test_no_mutation_reveals_what_is_blocked_or_masked(events: list[Json]) -> None:
    """In a page whose body is masked no word comes out, in one whose body is blocked no node does."""
    for name, allowed in (("rr-mask", None), ("rr-block", 0)):
        page = snapshot(element(5, "div"))
        page["data"]["node"]["childNodes"][0]["childNodes"][1]["attributes"]["class"] = name
        changes = [event for event in events if all(entry["id"] != BODY for entry in event["data"]["attributes"])]
        run = Run().feed(meta(), page, *changes)
        assert _SECRET not in str(run.out)
        if allowed is not None:
            assert sum(len(event["data"].get("adds", [])) for event in run.out) == allowed
