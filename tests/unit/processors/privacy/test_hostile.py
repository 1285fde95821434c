"""Events at and past the bounds of depth and number: a verdict for each, never an exception, a stop or a crash."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from processors.privacy.enforce import enforce
from processors.privacy.limits import Limits
from processors.privacy.mirror import Mirror
from processors.privacy.page import PageLoad
from processors.privacy.scene import Scene
from schemas.event_line import event_line
from schemas.reasons import Reason
from tests.unit.processors.privacy.pages import (
    BODY,
    DEFAULT,
    Json,
    Run,
    add,
    element,
    incremental,
    meta,
    mutation,
    policy_of,
    snapshot,
    words,
)

# Of what a page's tree may have, document, html and body are three.
_LEVELS = Limits().levels - 3
_COMBINATORS = policy_of("{preset: strict, block: {selectors: ['.a .b .c', 'div > .d']}}")


def _nested(depth: int, *, lists: bool) -> Any:
    value: Any = "bottom"
    for _ in range(depth):
        value = [value] if lists else {"childNodes": value}
    return value


def _tower(levels: int) -> Json:
    node = words(10 + levels, "bottom")
    for level in reversed(range(levels - 1)):
        node = element(10 + level, "div", node, class_="a b")
    return node


@pytest.mark.parametrize("policy", [DEFAULT, _COMBINATORS])
def test_the_deepest_page_passes_and_one_level_more_does_not(policy: Any) -> None:
    """A tree of as many levels as the limit allows is enforced whole; a level more degrades the page load."""
    run = Run(policy)
    # Given itself, not a copy: `copy.deepcopy` would be the one to recurse too deep.
    verdict = enforce(snapshot(_tower(_LEVELS)), run.page, run.scene)
    assert verdict.dropped is None
    assert len(run.page.mirror.nodes) == _LEVELS + 4
    assert enforce(snapshot(_tower(_LEVELS + 1)), run.page, run.scene).dropped is Reason.NODE_LIMIT


def test_a_tower_of_adds_meets_the_same_limit() -> None:
    """Elements added one below the other in a single event are refused where a snapshot's would be."""
    run = Run(_COMBINATORS).feed(meta(), snapshot())
    adds = [add(9 + at if at else BODY, element(10 + at, "div", class_="b c")) for at in range(2000)]
    run.feed(mutation(adds=adds))
    assert run.dropped == [Reason.NODE_LIMIT]


@pytest.mark.parametrize("lists", [True, False])
@pytest.mark.parametrize("depth", [1, 300, 1_000, 100_000])
def test_a_value_may_nest_as_deep_as_it_likes(depth: int, lists: bool) -> None:
    """In any place of an event a value nested far deeper than a stack goes is dropped, refused or left unwritten."""
    value = _nested(depth, lists=lists)
    places: list[Json] = [
        {"type": 5, "data": {"tag": "t", "payload": value}, "timestamp": 1},
        {"type": 6, "data": {"plugin": "rrweb/console@1", "payload": value}, "timestamp": 1},
        {"type": 6, "data": {"plugin": "rrweb/network@1", "payload": {"requests": [{"name": value}]}}, "timestamp": 1},
        {"type": 6, "data": {"plugin": "other", "payload": value}, "timestamp": 1},
        {"type": 4, "data": {"href": value, "width": 1, "height": 1}, "timestamp": 1},
        {"type": 2, "data": {"node": value, "initialOffset": {"top": 0, "left": 0}}, "timestamp": 1},
        {"type": 7, "data": value, "timestamp": 1},
        {"type": value, "data": {}, "timestamp": 1},
        {"type": 3, "data": {"source": value}, "timestamp": 1},
        snapshot(element(5, "p", title=value, style={"color": value})),
        mutation(adds=[add(BODY, value)]),
        mutation(adds=[add(BODY, element(9, "p") | {"childNodes": value})]),
        mutation(texts=[{"id": 6, "value": value}]),
        incremental(5, id=5, text=value, isChecked=False),
        incremental(9, id=5, type=0, commands=value),
        incremental(8, id=5, adds=[{"rule": "a{}", "index": value}]),
        incremental(14, ranges=value),
    ]
    for policy in (DEFAULT, _COMBINATORS):
        for event in places:
            run = Run(policy).feed(meta(), snapshot(element(5, "input"), words(6, "words")))
            verdict = enforce(event | {"extra": value}, run.page, run.scene)
            if verdict.event is not None:
                event_line(verdict.event)
            assert enforce(event | {"delay": value}, run.page, run.scene).event is None


@pytest.mark.parametrize("number", [2**31 - 1, 2**31, 2**62, 2**63 - 1, 2**63, 2**64 - 1, -(2**63), 1e18, 0.5, -1])
def test_numbers_of_any_size_have_a_verdict(number: float) -> None:
    """Ids, positions and times at the edges of machine integers are enforced or refused, and written as they came."""
    run = Run().feed(
        meta(),
        snapshot(element(5, "input", rr_width=number, value=number, tabindex=number)),
        incremental(3, id=5, x=number, y=number),
        incremental(3, id=number, x=number, y=number),
        incremental(1, positions=[{"id": number, "x": number, "y": number, "timeOffset": number}]),
        mutation(adds=[add(BODY, element(number, "p")), add(number, words(9, "x"), number)]),  # type: ignore[arg-type]
        snapshot(words(number, "x")),  # type: ignore[arg-type]
        incremental(15, id=BODY, styleIds=[number], styles=[{"styleId": number, "rules": []}]),
        incremental(4, width=number, height=number, at=number),  # type: ignore[arg-type]
        {"type": number, "data": {}, "timestamp": 5},
        {"type": 3, "data": {"source": number}, "timestamp": 5},
    )
    assert run.out[2]["data"] == {"source": 3, "id": 5, "x": number, "y": number}
    assert orjson.loads(orjson.dumps(run.out)) == run.out


def test_an_event_may_hold_itself() -> None:
    """A value that contains itself, which no JSON text gives, does not run for ever either."""
    circle: list[Any] = []
    circle.append(circle)
    for source in range(-1, 20):
        page = PageLoad(Mirror(512))
        scene = Scene(page.mirror, DEFAULT, Limits())
        enforce(snapshot(element(5, "input")), page, scene)
        names = ("adds", "removes", "texts", "attributes", "positions", "ranges", "id", "styles", "payload", "set")
        data = {"source": source, **dict.fromkeys(names, circle)}
        enforce({"type": 3, "data": data, "timestamp": 200}, page, scene)
