"""What passes still plays: the traps of the player."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from processors.privacy.enforce import enforce
from processors.privacy.limits import Limits
from processors.privacy.mirror import Mirror
from processors.privacy.page import PageLoad, Phase
from processors.privacy.policy import Policy
from processors.privacy.scene import Scene
from schemas.event_line import event_line
from schemas.reasons import Reason
from tests.unit.processors.privacy.pages import (
    BODY,
    DEFAULT,
    Json,
    Run,
    add,
    change,
    document,
    element,
    find,
    incremental,
    meta,
    mutation,
    policy_of,
    remove,
    shown,
    snapshot,
    words,
)


def _ready(*children: Json, policy: Policy = DEFAULT) -> Run:
    return Run(policy).feed(meta(), snapshot(*children))


def test_meta_waits_for_its_snapshot() -> None:
    """The pair comes out together, whatever came in between; a Meta alone never does."""
    run = Run().feed(meta(), incremental(4, width=1, height=1))
    assert [event["type"] for event in run.out] == [3]
    assert [event["type"] for event in run.feed(snapshot()).out] == [3, 4, 2]


def test_meta_of_a_refused_snapshot_is_given_up() -> None:
    """If the snapshot cannot pass, neither does its Meta: every later seek would find nothing after it."""
    broken = snapshot()
    broken["data"]["node"]["childNodes"] = []
    run = Run().feed(meta(), broken)
    assert run.out == []
    assert sorted(run.dropped) == [Reason.MALFORMED_EVENT, Reason.ORPHAN_META]


def test_meta_replaced_by_another_is_given_up() -> None:
    """Two in a row: the second is the one the snapshot belongs to."""
    run = Run().feed(meta("https://a.example/1"), meta("https://a.example/2"), snapshot())
    assert run.dropped == [Reason.ORPHAN_META]
    assert run.out[0]["data"]["href"] == "https://a.example/2"


def test_snapshot_without_a_meta_passes() -> None:
    """A snapshot whose Meta was lost still shows the page."""
    assert [event["type"] for event in Run().feed(snapshot()).out] == [2]


def test_sibling_that_was_never_shown() -> None:
    """An add beside an unknown sibling is appended: the player would wait for it and lose the node."""
    run = _ready(element(10, "p"))
    entries = [add(BODY, element(20, "i"), 999), add(BODY, element(21, "i"), 10), add(BODY, element(22, "i"), 21)]
    legacy = add(BODY, element(23, "i"), -1) | {"previousId": 998}
    run.feed(mutation(adds=[*entries, legacy, add(BODY, element(24, "i"), "10")]))  # type: ignore[arg-type]
    assert [each["nextId"] for each in run.last["adds"]] == [None, 10, 21, -1, None]
    assert run.last["adds"][3]["previousId"] is None


def test_removed_node_is_no_sibling() -> None:
    """What the same event removes cannot be added beside."""
    run = _ready(element(10, "p"))
    run.feed(mutation(removes=[remove(BODY, 10)], adds=[add(BODY, element(20, "i"), 10)]))
    assert run.last["adds"][0]["nextId"] is None


def test_missing_lists_are_filled() -> None:
    """The player reads all four lists of a mutation."""
    run = _ready().feed(incremental(0, adds=[add(BODY, element(20, "i"))]))
    assert {name: run.last[name] for name in ("texts", "attributes", "removes")} == {
        "texts": [],
        "attributes": [],
        "removes": [],
    }


def test_remove_from_where_a_node_is_not_is_left_out() -> None:
    """A wrong parent throws in the player, an unknown node warns."""
    run = _ready(element(10, "p")).feed(mutation(removes=[remove(3, 10), remove(BODY, 99), remove(BODY, 10)]))
    assert run.last["removes"] == [remove(BODY, 10)]


def test_node_that_moves_out_of_a_shadow_root_stays() -> None:
    """Its new place is told before it leaves the old one, and later changes to it are no changes to nothing."""
    host = element(10, "x-card", element(11, "p", words(12, "x")) | {"isShadow": True}) | {"isShadowHost": True}
    run = _ready(host)
    run.feed(mutation(adds=[add(BODY, element(11, "p")), add(11, words(12, "x"))]))
    assert run.feed(mutation(removes=[remove(10, 11) | {"isShadow": True}])).dropped == [Reason.UNKNOWN_NODE]
    assert run.feed(mutation(texts=[{"id": 12, "value": "y"}])).last["texts"] == [{"id": 12, "value": "y"}]


def test_remove_below_a_removed_node_is_left_out() -> None:
    """The player forgets the whole subtree with its root."""
    run = _ready(element(10, "p", element(11, "b"))).feed(mutation(removes=[remove(BODY, 10), remove(10, 11)]))
    assert run.last["removes"] == [remove(BODY, 10)]


def test_children_inside_an_ordinary_add_are_left_out() -> None:
    """The player ignores them, so nobody would enforce what they hold."""
    run = _ready().feed(mutation(adds=[add(BODY, element(20, "p", words(21, "x")))]))
    assert run.last["adds"][0]["node"]["childNodes"] == []
    assert run.feed(mutation(texts=[{"id": 21, "value": "y"}])).dropped == [Reason.UNKNOWN_NODE]


def test_document_needs_an_iframe() -> None:
    """A document added anywhere else throws in the player."""
    run = _ready(element(10, "div")).feed(mutation(adds=[add(10, document(50))]))
    assert run.dropped == [Reason.UNKNOWN_NODE]


def test_empty_quirks_document_loses_its_mode() -> None:
    """The player writes a doctype for a quirks document by looking at its first child."""
    empty = {"type": 0, "childNodes": [], "compatMode": "BackCompat", "id": 50}
    run = _ready(element(10, "iframe")).feed(mutation(adds=[add(10, empty)], isAttachIframe=True))
    assert run.last["adds"][0]["node"] == {"type": 0, "childNodes": [], "id": 50}


def test_iframe_that_moves_gets_its_document_back_with_the_same_ids() -> None:
    """What was left of the old document is no obstacle to the same document again."""
    inner = document(50, element(54, "p", words(55, "x")))
    run = _ready(element(10, "iframe")).feed(mutation(adds=[add(10, inner)], isAttachIframe=True))
    run.feed(mutation(removes=[remove(BODY, 10)], adds=[add(BODY, element(10, "iframe"))]))
    run.feed(mutation(adds=[add(10, inner)], isAttachIframe=True))
    assert find(run.last["adds"][0]["node"], 55)["textContent"] == "x"
    run.feed(mutation(adds=[add(10, document(70))], isAttachIframe=True))
    assert run.feed(mutation(texts=[{"id": 55, "value": "y"}])).dropped == [Reason.UNKNOWN_NODE]


def test_document_that_is_sent_again_passes_whole() -> None:
    """The recorder repeats a frame's document at every load it hears of, with the same ids and what is new in it."""
    run = _ready(element(10, "iframe"))
    for text in ("x", "y"):
        inner = document(50, element(54, "p", words(55, text)))
        run.feed(mutation(adds=[add(10, inner)], isAttachIframe=True))
        assert find(run.last["adds"][0]["node"], 55)["textContent"] == text


def test_adds_in_any_order_and_in_a_circle() -> None:
    """A child before its parent passes, in the client's order; nodes that only hold each other do not."""
    entries = [add(20, words(21, "x")), add(BODY, element(20, "p")), add(31, element(30, "p"))]
    run = _ready(element(10, "p", element(11, "b"))).feed(mutation(adds=[*entries, add(30, element(31, "p"))]))
    assert [each["node"]["id"] for each in run.last["adds"]] == [21, 20]
    run.feed(mutation(adds=[add(11, element(10, "p"))]))
    assert (run.last["adds"], run.last["removes"]) == ([], [remove(BODY, 10)])


@pytest.mark.parametrize("source", [1, 6, 12])
def test_positions_are_never_empty(source: int) -> None:
    """The player throws on an event without positions."""
    positions = [{"x": 1, "y": 1, "id": -1, "timeOffset": 0}]
    run = _ready().feed(incremental(source, positions=positions), incremental(source, positions=[]))
    assert run.dropped == [Reason.UNKNOWN_NODE] * 2


def test_media_and_canvas_only_on_their_own_elements() -> None:
    """The player calls play() on the node, whatever it is."""
    run = _ready(element(10, "video"), element(11, "p"), element(12, "canvas"), policy=policy_of("canvas: keep"))
    run.feed(incremental(7, id=10, type=0), incremental(9, id=12, type=0, property="fill", args=[]))
    assert len(run.out) == 4
    run.feed(incremental(7, id=11, type=0), incremental(9, id=11, type=0, property="fill", args=[]))
    assert run.dropped == [Reason.UNKNOWN_NODE] * 2


def test_style_sheets_by_owner_and_by_definition() -> None:
    """Rules pass for a shown owner or a constructed sheet that was defined; the snapshot forgets the sheets."""
    adopted = incremental(15, id=1, styleIds=[7], styles=[{"styleId": 7, "rules": [{"rule": "a{}", "index": 0}]}])
    rule = incremental(8, styleId=7, replace="b{}")
    run = _ready(element(10, "style")).feed(rule, adopted, rule)
    run.feed(incremental(8, id=10, adds=[{"rule": "a{}", "index": [0, 1]}]))
    run.feed(incremental(13, id=10, index=[0], set={"property": "color", "value": "red", "priority": ""}))
    assert run.dropped == [Reason.UNKNOWN_NODE]
    assert len(run.out) == 6
    assert run.feed(meta(), snapshot(), rule).dropped[1:] == [Reason.UNKNOWN_NODE]


def test_before_a_snapshot_only_what_says_nothing() -> None:
    """Without a mirror nothing that could hold content passes."""
    run = Run().feed(
        {"type": 0, "data": {"secret": 1}, "timestamp": 1},
        {"type": 1, "timestamp": 2},
        incremental(4, width=1, height=2),
        incremental(0, adds=[]),
        incremental(16, define={"name": "x-card"}),
        {"type": 5, "data": {"tag": "t", "payload": "secret"}, "timestamp": 3},
        {"type": 6, "data": {"plugin": "p", "payload": "secret"}, "timestamp": 3},
        {"type": 8, "data": {"type": "caption", "text": "secret"}, "timestamp": 3},
    )
    assert [event["data"] for event in run.out[:2]] == [{}, {}]
    assert len(run.out) == 3
    assert run.dropped == [Reason.NO_SNAPSHOT] * 5


def test_unknown_is_dropped_without_harm() -> None:
    """A type or source we do not know is dropped, and the page load goes on."""
    run = _ready().feed({"type": 9, "data": {}, "timestamp": 1}, incremental(17, id=1), incremental(3, id=1, x=0, y=0))
    assert run.dropped == [Reason.UNKNOWN_TYPE] * 2
    assert run.page.phase is Phase.READY


def test_unknown_fields_are_left_out() -> None:
    """Fields that rrweb does not have where they are found do not pass; small marks of the envelope do."""
    text = words(11, "x") | {"childNodes": [words(12, "secret")], "secret": 1}
    node = element(10, "p", text) | {"textContent": "secret", "isSVG": True}
    run = Run().feed(meta(), snapshot(node))
    assert shown(run, 10) == element(10, "p", words(11, "x")) | {"isSVG": True}
    scroll = incremental(3, id=BODY, x=0, y=0, secret=1)
    run.feed(scroll | {"windowId": "w1", "_sid": 3, "v": "v1", "deep": {"secret": 1}, "long": "x" * 200})
    assert run.out[-1] == incremental(3, id=BODY, x=0, y=0) | {"windowId": "w1", "_sid": 3, "v": "v1"}


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        "text",
        {"type": 3, "timestamp": 1, "data": None},
        {"type": 3, "timestamp": None, "data": {"source": 3, "id": 4}},
        {"type": True, "timestamp": 1, "data": {}},
        {"type": 3, "timestamp": 1e300, "data": {"source": 3, "id": 4}},
        incremental(0, adds={}),
        incremental(0, adds=[1]),
        incremental(0, adds=[{"parentId": 4, "node": None}]),
        incremental(0, texts=[{"id": 4, "value": ["secret"]}]),
        incremental(0, attributes=[{"id": 4, "attributes": "secret"}]),
        incremental(0, removes=[{"parentId": 4}]),
        incremental(3, id="4", x=0, y=0),
        incremental(3, id=4, x="secret", y=0),
        incremental(5, id=4, text=["secret"], isChecked=False),
        incremental(5, id=4, text="x", isChecked="secret"),
        incremental(1, positions=[{"id": 4, "x": "secret"}]),
        incremental(8, id=4, adds=[{"rule": {"secret": 1}}]),
        incremental(15, id=4, styleIds="secret"),
        {"type": 4, "timestamp": 1, "data": {"href": 5}},
        {"type": 2, "timestamp": 1, "data": {"node": element(1, "html"), "initialOffset": {"top": 0, "left": 0}}},
    ],
)
def test_malformed_event_degrades_until_the_next_snapshot(event: Any) -> None:
    """What breaks rrweb's form is dropped, and nothing with content passes before the next snapshot."""
    run = _ready().feed(event, incremental(3, id=BODY, x=0, y=0))
    assert run.dropped == [Reason.MALFORMED_EVENT, Reason.DEGRADED]
    run.feed(meta(), snapshot(), incremental(3, id=BODY, x=0, y=1))
    assert run.last["y"] == 1


def test_malformed_nodes_are_taken_out_of_a_snapshot() -> None:
    """One odd node costs itself and what is below it, not the whole page."""
    odd: list[Any] = [
        None,
        {"type": 2, "id": 20},
        {"type": 9, "id": 21},
        {"type": 3, "id": 22, "textContent": ["secret"]},
        element(BODY, "p"),
        element(-1, "p"),
        element(2**31, "p"),
        document(60),
        element(23, "p") | {"attributes": ["secret"]},
        element(24, "p", a={"secret": 1}, b=["secret"], c=None, d=True, e=1),
        element(25, "p") | {"childNodes": None},
    ]
    run = Run().feed(meta(), snapshot(*odd, words(26, "open")))
    assert [child["id"] for child in shown(run, BODY)["childNodes"]] == [24, 25, 26]
    assert shown(run, 24)["attributes"] == {"c": None, "d": True, "e": 1}
    assert shown(run, 25)["childNodes"] == []


def test_too_many_nodes_degrade() -> None:
    """A page past the bound is dropped with its Meta, at once or when it grows past it."""
    limits = Limits(nodes=20, levels=512)
    many = [element(each, "p") for each in range(10, 40)]
    run = Run(limits=limits).feed(meta(), snapshot(*many))
    assert sorted(run.dropped) == [Reason.NODE_LIMIT, Reason.ORPHAN_META]
    run = Run(limits=limits).feed(meta(), snapshot(), mutation(adds=[add(BODY, node) for node in many]))
    assert run.dropped == [Reason.NODE_LIMIT]
    assert run.page.phase is Phase.DEGRADED
    run = Run(limits=limits).feed(meta(), snapshot())
    for node in many:
        run.feed(mutation(adds=[add(BODY, node)]))
    assert run.dropped[0] == Reason.NODE_LIMIT


def test_removed_nodes_do_not_count_for_ever() -> None:
    """A page that adds and removes subtrees all day stays within the bound."""
    run = Run(limits=Limits(nodes=60)).feed(meta(), snapshot())
    for each in range(10, 400, 3):
        run.feed(mutation(adds=[add(BODY, element(each, "p")), add(each, words(each + 1, "x"))]))
        run.feed(mutation(removes=[remove(BODY, each)]))
    assert run.dropped == []
    assert len(run.page.mirror.nodes) <= 60


def _deep(levels: int) -> Json:
    node = words(10 + levels, "bottom")
    for level in reversed(range(levels)):
        node = element(10 + level, "div", node)
    return node


def test_too_many_levels_degrade() -> None:
    """Nesting past the bound is refused, in a snapshot and grown by adds."""
    limits = Limits(levels=30)
    assert Run(limits=limits).feed(snapshot(_deep(20))).dropped == []
    assert Run(limits=limits).feed(snapshot(_deep(40))).dropped == [Reason.NODE_LIMIT]
    run = Run(limits=limits).feed(snapshot())
    for level in range(40):
        run.feed(mutation(adds=[add(9 + level if level else BODY, element(10 + level, "p"))]))
    assert run.dropped[0] == Reason.NODE_LIMIT


def test_deep_pages_can_be_written() -> None:
    """A page may nest deeper than the JSON writer goes in one piece; it is written whole all the same."""
    page = PageLoad(Mirror(512))
    verdict = enforce(snapshot(_deep(500)), page, Scene(page.mirror, DEFAULT, Limits()))
    assert verdict.event is not None
    line = event_line(verdict.event)
    assert line is not None
    assert line.endswith(b"}\n")
    assert line.count(b'"div"') == 500
    node = orjson.loads(line)["data"]["node"]
    assert find(node, 510)["textContent"] == "bottom"


def test_content_that_nests_too_deep_is_not_written() -> None:
    """Depth outside of a page's nodes is nobody's content."""
    payload: list[Any] = []
    for _ in range(300):
        payload = [payload]
    assert event_line({"type": 5, "data": {"tag": "t", "payload": payload}, "timestamp": 1}) is None


def test_attribute_changes_of_what_is_no_element() -> None:
    """Attributes of a text and text of an element are not rrweb's; they are left out."""
    run = _ready(words(10, "x")).feed(mutation(attributes=[change(10, title="t")], texts=[{"id": BODY, "value": "t"}]))
    assert run.dropped == [Reason.UNKNOWN_NODE]
