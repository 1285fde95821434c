"""What the explanation says of small recordings: which node, what was done, by which rule."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from processors.privacy.explain.explain import Explanation, explain
from processors.privacy.policy import Policy
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
    policy_of,
    remove,
    snapshot,
    words,
)

Json = dict[str, Any]
REMOVED = "always: event handlers, nested documents and nonces are removed"


def _explained(*events: Json, policy: Policy = DEFAULT) -> Explanation:
    return explain(map(orjson.dumps, events), policy)


def _said(*events: Json, policy: Policy = DEFAULT) -> list[tuple[str, str, str, str, int]]:
    """Action, last name of the path, part, reason, times."""
    findings = _explained(*events, policy=policy).findings
    return [
        (what.action.value, what.subject.rsplit(" > ", 1)[-1], what.part, str(what.why), times)
        for what, times in findings.times.items()
    ]


def test_what_passes_is_what_the_enforcer_lets_through() -> None:
    """The events called kept are the enforcer's output, in its order."""
    events = [meta(), snapshot(element(5, "p", words(6, "a"), class_="rr-mask")), incremental(3, id=5, x=0, y=1)]
    assert list(map(orjson.loads, _explained(*events).kept)) == Run(DEFAULT).feed(*events).out


def test_nothing_done_is_nothing_said() -> None:
    """A recording without secrets is not talked about."""
    page = snapshot(element(5, "p", words(6, "text"), id="x", title="words"))
    assert _said(meta(), page, incremental(3, id=5, x=0, y=1)) == []


def test_a_block_is_told_once_with_what_is_inside() -> None:
    """The blocked element is named with its rule; its nodes and what happens to them are counted on it."""
    inside = element(6, "b", words(7, "secret"))
    page = snapshot(element(5, "div", inside, class_="rr-block card", id="x"))
    assert _said(meta(), page, incremental(3, id=6, x=0, y=1)) == [
        ("blocked", "div#x.rr-block.card", "element", "block: .rr-block", 1),
        ("blocked", "div#x.rr-block.card", "what is inside", "block: .rr-block", 2),
        ("blocked", "div#x.rr-block.card", "event scroll", "block: .rr-block", 1),
    ]


def test_a_late_block_is_told_when_it_comes() -> None:
    """A class that arrives by a mutation blocks from then on, and the time is that of the mutation."""
    page = snapshot(element(5, "div", element(6, "b")))
    late = mutation(attributes=[change(5, class_="rr-block")], adds=[add(5, element(8, "i"))], at=700)
    findings = _explained(meta(), page, late).findings
    assert [(what.part, str(what.why), at) for what, at in findings.first.items()] == [
        ("element", "block: .rr-block", 700),
        ("what is inside", "block: .rr-block", 700),
    ]


def test_a_block_stays_when_its_class_goes() -> None:
    """An element that lost the class is still blocked, and that is what is said."""
    page = snapshot(element(5, "div", class_="rr-block"))
    later = mutation(attributes=[change(5, class_="")], adds=[add(5, element(8, "i"))])
    assert _said(meta(), page, later)[1:] == [
        ("blocked", "div", "what is inside", "block: it was blocked before and stays so", 1)
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
    why = "mask: .rr-mask on div.rr-mask"
    assert _said(meta(), page, mutation(texts=[{"id": 7, "value": "more"}])) == [
        ("masked", "b", "attribute title", why, 1),
        ("masked", "#text", "text", why, 2),
    ]


def test_masks_reach_into_iframes() -> None:
    """The path and the rule cross from an iframe's document to the page around it."""
    page = snapshot(element(5, "div", element(6, "iframe"), class_="rr-mask"))
    inner = mutation(adds=[add(6, document(20, words(24, "inside")))], isAttachIframe=True)
    (what,) = _explained(meta(), page, inner).findings.times
    assert what.subject == "html > body > div.rr-mask > iframe > html > body > #text"
    assert str(what.why) == "mask: .rr-mask on div.rr-mask"


@pytest.mark.parametrize(
    ("node", "action", "part", "why"),
    [
        (
            element(5, "input", type="password", value="x"),
            "masked",
            "attribute value",
            "always: passwords, codes and card numbers are masked",
        ),
        (
            element(5, "input", type="hidden", value="x"),
            "removed",
            "attribute value",
            "always: hidden fields are emptied",
        ),
        (element(5, "input", value="x", class_="rr-ignore"), "masked", "attribute value", "ignore: .rr-ignore"),
        (
            element(5, "a", href="https://a.example/?q=1"),
            "cut",
            "attribute href",
            "urls: addresses are cut",
        ),
        (
            element(5, "a", onclick="x()"),
            "removed",
            "attribute onclick",
            "always: event handlers, nested documents and nonces are removed",
        ),
        (
            element(5, "iframe", srcdoc="<p>"),
            "removed",
            "attribute srcdoc",
            "always: event handlers, nested documents and nonces are removed",
        ),
        (
            element(5, "meta", name="csrf", content="x"),
            "removed",
            "attribute content",
            "always: most meta data is emptied",
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
    assert _said(meta(), page) == [("removed", "#comment", "text", "always: comments are emptied", 1)]


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
        ("event input", "ignore: input of the field is dropped"),
        ("event scroll", "it belongs to nothing that was let through"),
        ("event unknown", "no rule knows this kind of event"),
    ]


def test_pointer_positions_inside_a_block_are_counted_on_it() -> None:
    """Of a mouse move only the positions outside pass; the others are told on the blocked element."""
    page = snapshot(element(5, "div", element(6, "b"), class_="rr-block"), element(8, "p"))
    positions = [{"x": 1, "y": 1, "id": node_id, "timeOffset": 0} for node_id in (8, 6, 8)]
    said = _said(meta(), page, incremental(1, positions=positions))
    assert ("blocked", "div.rr-block", "pointer position", "block: .rr-block", 1) in said


def test_the_address_of_the_page_is_told() -> None:
    """A page address that loses its query is a finding without a node."""
    said = _said(meta("https://site.example/?token=1"), snapshot())
    assert said == [("cut", "", "page address", "urls: addresses are cut", 1)]


def test_a_page_address_without_its_snapshot_is_told() -> None:
    """A Meta that nothing follows is given up, also at the end."""
    said = _said(meta(), meta(at=120), snapshot(at=121), meta(at=500))
    assert said == [("dropped", "", "event meta", "the snapshot it announces never came or was refused", 2)]


def test_pages_without_a_doctype_ignore_the_case_of_class_and_id() -> None:
    """A rule that meets an element only since its page is in quirks mode is named all the same, in that page alone."""
    old = snapshot(element(5, "div", class_="RR-Block"), element(6, "p", words(7, "a"), id="NAME"))
    old["data"]["node"]["compatMode"] = "BackCompat"
    policy = policy_of("{mask: {selectors: ['#name']}}")
    assert _said(meta(), old, policy=policy) == [
        ("blocked", "div.RR-Block", "element", "block: .rr-block", 1),
        ("masked", "#text", "text", "mask: #name on p#NAME", 1),
    ]
    assert (
        _said(meta(), snapshot(element(5, "div", class_="RR-Block"), element(6, "p", id="NAME")), policy=policy) == []
    )


def test_attributes_of_drawings_keep_their_case() -> None:
    """In SVG an attribute's name is compared as written, by the rule and by its explanation."""
    drawing = {**element(5, "svg", viewBox="0 0 1 1"), "isSVG": True}
    said = _said(meta(), snapshot(drawing), policy=policy_of("{block: {selectors: ['[viewBox]']}}"))
    assert said == [("blocked", "svg", "element", "block: [viewBox]", 1)]


def test_nodes_of_one_path_are_one_finding() -> None:
    """Thirteen cells with the same rule are one line that says how many they are."""
    page = snapshot(*(element(node_id, "td", class_="rr-mask", title="a") for node_id in range(5, 18)))
    findings = _explained(meta(), page, mutation(attributes=[change(5, title="b")])).findings
    ((what, times),) = findings.times.items()
    assert (what.subject, times, len(findings.nodes[what])) == ("html > body > td.rr-mask", 14, 13)


def test_a_snapshot_names_every_node_anew() -> None:
    """Ids start again with a page load: a path never runs through nodes of the page before."""
    first = snapshot(element(5, "main", element(6, "section")))
    second = snapshot(element(6, "p", class_="rr-mask", title="a"), at=300)
    (what,) = _explained(meta(), first, meta(at=300), second).findings.times
    assert what.subject == "html > body > p.rr-mask"


@pytest.mark.parametrize(
    ("policy", "attributes", "why"),
    [
        ("{inputs: {mask_all: true}}", {}, "inputs.mask_all: every field is masked"),
        ("{inputs: {types: [tel]}}", {"type": "tel"}, "inputs.types: tel"),
        ("{inputs: {autocomplete: [email]}}", {"autocomplete": "email"}, "inputs.autocomplete: email"),
        ("{inputs: {selectors: ['#x']}}", {"id": "x"}, "inputs.selectors: #x"),
        (
            "{inputs: {mask_all: true}}",
            {"autocomplete": "cc-number"},
            "always: passwords, codes and card numbers are masked",
        ),
    ],
)
def test_the_rule_of_a_field_is_named(policy: str, attributes: Json, why: str) -> None:
    """A field says which part of the policy masks it, in its first value and in what is typed."""
    page = snapshot(element(5, "input", value="x", **attributes))
    typed = incremental(5, id=5, text="", isChecked=False)
    again = incremental(5, id=5, text="secret", isChecked=False)
    said = _said(meta(), page, typed, again, policy=policy_of(policy))
    assert [(action, part, reason) for action, _, part, reason, _ in said] == [
        ("masked", "attribute value", why),
        ("masked", "typed text", why),
    ]
