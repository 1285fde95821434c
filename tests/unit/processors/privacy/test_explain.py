"""What the explanation says of small recordings: which node, what was done, by which rule."""

from __future__ import annotations

from typing import Any

import pytest

from processors.privacy.explain.explain import explain
from tests.unit.processors.privacy.pages import (
    BODY,
    DEFAULT,
    Run,
    add,
    change,
    document,
    element,
    incremental,
    meta,
    mutation,
    remove,
    snapshot,
    words,
)

Json = dict[str, Any]


def _said(*events: Json) -> list[tuple[str, str, str, str, int]]:
    """Action, last name of the path, part, reason, times."""
    findings = explain(list(events), DEFAULT).findings
    return [
        (what.action.value, what.path.rsplit(" > ", 1)[-1], what.part, what.why, times)
        for what, times in findings.times.items()
    ]


def test_what_passes_is_what_the_enforcer_lets_through() -> None:
    """The events called kept are the enforcer's output, in its order; the input stays as it was."""
    events = [meta(), snapshot(element(5, "p", words(6, "a"), class_="rr-mask")), incremental(3, id=5, x=0, y=1)]
    before = repr(events)
    assert explain(events, DEFAULT).kept == Run(DEFAULT).feed(*events).out
    assert repr(events) == before


def test_nothing_done_is_nothing_said() -> None:
    """A recording without secrets is not talked about."""
    page = snapshot(element(5, "p", words(6, "text"), id="x", title="words"))
    assert _said(meta(), page, incremental(3, id=5, x=0, y=1)) == []


def test_a_block_is_told_once_with_what_is_inside() -> None:
    """The blocked element is named with its rule; its nodes and what happens to them are counted on it."""
    inside = element(6, "b", words(7, "secret"))
    page = snapshot(element(5, "div", inside, class_="rr-block card", id="x"))
    assert _said(meta(), page, incremental(3, id=6, x=0, y=1)) == [
        ("blocked", "div#x.rr-block.card", "element", "block .rr-block", 1),
        ("blocked", "div#x.rr-block.card", "what is inside", "block .rr-block", 2),
        ("blocked", "div#x.rr-block.card", "event scroll", "block .rr-block", 1),
    ]


def test_a_late_block_is_told_when_it_comes() -> None:
    """A class that arrives by a mutation blocks from then on, and the time is that of the mutation."""
    page = snapshot(element(5, "div", element(6, "b")))
    late = mutation(attributes=[change(5, class_="rr-block")], adds=[add(5, element(8, "i"))], at=700)
    findings = explain([meta(), page, late], DEFAULT).findings
    assert [(what.part, what.why, at) for what, at in findings.first.items()] == [
        ("element", "block .rr-block", 700),
        ("what is inside", "block .rr-block", 700),
    ]


def test_a_block_stays_when_its_class_goes() -> None:
    """An element that lost the class is still blocked, and that is what is said."""
    page = snapshot(element(5, "div", class_="rr-block"))
    later = mutation(attributes=[change(5, class_="")], adds=[add(5, element(8, "i"))])
    assert _said(meta(), page, later)[1:] == [
        ("blocked", "div", "what is inside", "it was blocked before and stays so", 1)
    ]


def test_an_element_that_comes_again_may_be_free() -> None:
    """Removed and added again without the class, the element and what is in it pass."""
    page = snapshot(element(5, "div", class_="rr-block"))
    again = mutation(removes=[remove(BODY, 5)], adds=[add(BODY, element(5, "div")), add(5, words(9, "free"))])
    assert [part for _, _, part, _, _ in _said(meta(), page, again)] == ["element"]


def test_masks_name_the_element_that_carries_the_rule() -> None:
    """Text, attribute and later text below a mask point at the masked element above."""
    inside = element(6, "b", words(7, "secret"), title="name")
    page = snapshot(element(5, "div", inside, class_="rr-mask"))
    why = "mask .rr-mask on div.rr-mask"
    assert _said(meta(), page, mutation(texts=[{"id": 7, "value": "more"}])) == [
        ("masked", "b", "attribute title", why, 1),
        ("masked", "#text", "text", why, 2),
    ]


def test_masks_reach_into_iframes() -> None:
    """The path and the rule cross from an iframe's document to the page around it."""
    page = snapshot(element(5, "div", element(6, "iframe"), class_="rr-mask"))
    inner = mutation(adds=[add(6, document(20, words(24, "inside")))], isAttachIframe=True)
    (what,) = explain([meta(), page, inner], DEFAULT).findings.times
    assert what.path == "html > body > div.rr-mask > iframe > html > body > #text"
    assert what.why == "mask .rr-mask on div.rr-mask"


@pytest.mark.parametrize(
    ("node", "action", "part", "why"),
    [
        (
            element(5, "input", type="password", value="x"),
            "masked",
            "attribute value",
            "passwords, codes and card numbers are always masked",
        ),
        (
            element(5, "input", type="hidden", value="x"),
            "removed",
            "attribute value",
            "hidden fields are always emptied",
        ),
        (element(5, "input", value="x", class_="rr-ignore"), "masked", "attribute value", "ignore .rr-ignore"),
        (
            element(5, "a", href="https://a.example/?q=1"),
            "cut",
            "attribute href",
            "addresses lose query, fragment and user",
        ),
        (element(5, "a", onclick="x()"), "removed", "attribute onclick", "event handlers are never kept"),
        (element(5, "iframe", srcdoc="<p>"), "removed", "attribute srcdoc", "srcdoc is never kept"),
        (
            element(5, "meta", name="csrf", content="x"),
            "removed",
            "attribute content",
            "most meta data is never kept",
        ),
    ],
)
def test_rules_that_always_hold_are_named(node: Json, action: str, part: str, why: str) -> None:
    """What no project may do without is told in its own words."""
    ((said_action, _, said_part, said_why, _),) = _said(meta(), snapshot(node))
    assert (said_action, said_part, said_why) == (action, part, why)


def test_comments_are_told() -> None:
    """An emptied comment is a removed text."""
    page = snapshot({"type": 5, "textContent": "note", "id": 5})
    assert _said(meta(), page) == [("removed", "#comment", "text", "comments are never kept", 1)]


def test_dropped_events_say_why() -> None:
    """Each reason of the enforcer becomes a sentence, with the node where there is one."""
    page = snapshot(element(5, "input", class_="rr-ignore"))
    said = _said(
        incremental(3, id=5, x=0, y=0, at=50),
        meta(),
        page,
        incremental(5, id=5, text="a", isChecked=False),
        incremental(3, id=77, x=0, y=0),
        {"type": 9, "data": {}, "timestamp": 300},
    )
    assert [(part, why) for _, _, part, why, _ in said] == [
        ("event scroll", "no full snapshot of the page came before it"),
        ("event input", "the field is ignored"),
        ("event scroll", "it belongs to nothing that was let through"),
        ("event unknown", "no rule knows this kind of event"),
    ]


def test_pointer_positions_inside_a_block_are_counted_on_it() -> None:
    """Of a mouse move only the positions outside pass; the others are told on the blocked element."""
    page = snapshot(element(5, "div", element(6, "b"), class_="rr-block"), element(8, "p"))
    positions = [{"x": 1, "y": 1, "id": node_id, "timeOffset": 0} for node_id in (8, 6, 8)]
    said = _said(meta(), page, incremental(1, positions=positions))
    assert ("blocked", "div.rr-block", "pointer position", "block .rr-block", 1) in said


def test_the_address_of_the_page_is_told() -> None:
    """A page address that loses its query is a finding without a node."""
    said = _said(meta("https://site.example/?token=1"), snapshot())
    assert said == [("cut", "", "page address", "addresses lose query, fragment and user", 1)]


def test_a_page_address_without_its_snapshot_is_told() -> None:
    """A Meta that nothing follows is given up, also at the end."""
    said = _said(meta(), meta(at=120), snapshot(at=121), meta(at=500))
    assert said == [("dropped", "", "event meta", "the snapshot it announces never came or was refused", 2)]
