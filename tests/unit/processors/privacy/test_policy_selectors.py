"""Selectors on a page that changes: what an element is to the rules follows its attributes and what is above it."""

from __future__ import annotations

import pytest

from processors.privacy.limits import Limits
from processors.privacy.mirror import Mirror
from processors.privacy.packing import apply, pack_base, pack_patch
from schemas.policy import OPEN, STRICT, Policy
from schemas.project import parse_policy
from schemas.reasons import Reason
from tests.unit.processors.privacy.pages import (
    BODY,
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
from tests.unit.processors.privacy.payloads import Bench, payload

BELOW = "{block: {selectors: ['.secret > p']}, mask: {selectors: ['.quiet span', '[data-a][data-b]']}}"


def page(**outer: str) -> Json:
    """A division with a paragraph and a span."""
    inner = (element(6, "p", words(7, "Alice")), element(8, "span", words(9, "Bob")))
    return snapshot(element(5, "div", *inner, **outer))


def test_a_class_above_blocks_and_masks_below() -> None:
    """A class that comes late decides about what is below it, from its own event on."""
    run = Run(policy_of(BELOW)).feed(page())
    run.feed(mutation(attributes=[change(5, class_="secret quiet")], texts=[{"id": 9, "value": "Carol"}]))
    assert run.last["removes"] == [{"parentId": 6, "id": 7}]
    assert run.last["texts"] == [{"id": 9, "value": "*****"}]
    run.feed(mutation(adds=[add(6, words(10, "Dave")), add(8, words(11, "Eve"))]))
    assert [entry["node"]["textContent"] for entry in run.last["adds"]] == ["***"]


def test_a_class_above_that_goes_unmasks_from_the_next_event_on() -> None:
    """In the event that takes the class away the mask still holds; a block stays."""
    run = Run(policy_of(BELOW)).feed(page(class_="secret quiet"))
    run.feed(mutation(attributes=[change(5, class_="")], texts=[{"id": 9, "value": "Carol"}]))
    assert run.last["texts"] == [{"id": 9, "value": "*****"}]
    run.feed(mutation(texts=[{"id": 9, "value": "Dave"}], adds=[add(6, words(10, "Alice"))]))
    assert run.last["texts"] == [{"id": 9, "value": "Dave"}]
    assert run.last["adds"] == []


def test_adds_see_what_was_and_what_is_above_them() -> None:
    """An element added in the event that changes the class above it falls under the rules of both."""
    for before, after in (("quiet", ""), ("", "quiet")):
        run = Run(policy_of(BELOW)).feed(page(class_=before))
        span = [add(5, element(20, "span")), add(20, words(21, "Eve"))]
        run.feed(mutation(adds=span, attributes=[change(5, class_=after)]))
        assert run.last["adds"][1]["node"]["textContent"] == "***"


def test_conditions_that_come_one_by_one() -> None:
    """An element meets a rule of two attributes when the second one comes, whatever came first."""
    run = Run(policy_of(BELOW)).feed(page(data_a="1"))
    run.feed(mutation(attributes=[change(5, **{"data-b": "1"})], texts=[{"id": 9, "value": "Carol"}]))
    assert run.last["texts"] == [{"id": 9, "value": "*****"}]


def test_a_moved_element_falls_under_the_rules_of_its_new_place() -> None:
    """Moved below a class that blocks, an element is emptied, with what the event does not add again."""
    run = Run(policy_of(BELOW)).feed(
        snapshot(element(5, "div", class_="secret"), element(6, "section", element(7, "p", words(8, "Alice"))))
    )
    run.feed(mutation(removes=[remove(6, 7)], adds=[add(5, element(7, "p")), add(7, words(8, "Alice"))]))
    assert [entry["node"]["id"] for entry in run.last["adds"]] == [7]
    run.feed(mutation(texts=[{"id": 8, "value": "Bob"}]))
    assert run.dropped == [Reason.UNKNOWN_NODE]


def test_what_comes_along_with_a_moved_element_is_looked_at() -> None:
    """Of a move that names the outer element alone, what is inside falls under the rules of the new place too."""
    run = Run(policy_of(BELOW)).feed(
        snapshot(element(5, "div", class_="quiet"), element(6, "b", element(7, "span", words(8, "Alice"))))
    )
    run.feed(mutation(adds=[add(5, element(6, "b"))]))
    run.feed(mutation(texts=[{"id": 8, "value": "Bob"}]))
    assert run.last["texts"] == [{"id": 8, "value": "***"}]


def test_selectors_end_at_a_document() -> None:
    """What is above an iframe is not above what is inside it; what masks the iframe masks that too."""
    run = Run(policy_of(BELOW)).feed(snapshot(element(5, "div", element(6, "iframe"), class_="secret quiet")))
    inner = document(10, element(14, "p", element(15, "span", words(16, "Alice"))))
    run.feed(mutation(adds=[add(6, inner)], isAttachIframe=True))
    assert find(run.last["adds"][0]["node"], 16)["textContent"] == "Alice"
    masked = Run(policy_of("{mask: {selectors: [iframe]}}")).feed(snapshot(element(6, "iframe")))
    masked.feed(mutation(adds=[add(6, inner)], isAttachIframe=True))
    assert find(masked.last["adds"][0]["node"], 16)["textContent"] == "*****"


@pytest.mark.parametrize("rule", ["{classes: [card]}", "{selectors: ['p.card']}"])
@pytest.mark.parametrize(("mode", "text"), [("BackCompat", "*****"), ("CSS1Compat", "Alice")])
def test_quirks_mode_ignores_the_case_of_classes(rule: str, mode: str, text: str) -> None:
    """In a document in quirks mode a class matches in any case, at once, later and in what is added."""
    first = snapshot(element(5, "p", words(6, "Alice"), class_="CARD"), element(7, "p", words(8, "Alice")))
    first["data"]["node"]["compatMode"] = mode
    run = Run(policy_of(f"{{mask: {rule}}}")).feed(first)
    assert shown(run, 6)["textContent"] == text
    run.feed(mutation(attributes=[change(7, class_="Card")], texts=[{"id": 8, "value": "Alice"}]))
    assert run.last["texts"][0]["value"] == text
    run.feed(mutation(adds=[add(BODY, element(9, "p", class_="cArd")), add(9, words(10, "Alice"))]))
    assert run.last["adds"][1]["node"]["textContent"] == text


def test_bits_are_remembered_in_state() -> None:
    """A mirror read back decides as the one that was written, from base and patch."""
    policy = policy_of(BELOW)
    run = Run(policy).feed(page(data_a="1"))
    base = pack_base(run.page.mirror)
    run.page.mirror.stored()
    run.feed(mutation(attributes=[change(5, class_="quiet")], adds=[add(5, element(20, "span", class_="secret"))]))
    patch = pack_patch(run.page.mirror)
    read = Mirror(Limits().levels)
    apply(read, base)
    assert read.bits != run.page.mirror.bits
    apply(read, patch)
    assert (read.bits, read.nodes) == (run.page.mirror.bits, run.page.mirror.nodes)
    run.page.mirror.stored()
    run.feed(mutation(removes=[remove(BODY, 5)]))
    apply(read, pack_patch(run.page.mirror))
    assert read.bits == run.page.mirror.bits == {}


def test_the_default_policy_remembers_nothing_of_attributes() -> None:
    """Where classes alone decide, the mirror keeps one number a node."""
    assert Run().feed(page(class_="rr-mask", data_a="1")).page.mirror.bits == {}


def _under(text: str) -> Policy:
    return parse_policy(text)


def test_a_project_has_its_own_policy_and_a_change_holds_from_the_next_payload() -> None:
    """A stricter policy in the project file needs no restart; until its first snapshot nothing passes under it."""
    bench = Bench(OPEN)
    step = {"type": 5, "data": {"tag": "t", "payload": {"name": "Alice"}}, "timestamp": 1}
    bench.put(payload([meta(), page(), step]))
    assert "Alice" in bench.text.decode()
    bench.policy = STRICT
    outcomes = bench.put(payload([step, incremental(3, id=BODY, x=0, y=0)], seq=1))
    assert [type(each).__name__ for each in outcomes] == ["Drop"]
    assert bench.lost == {Reason.DEGRADED: 2}
    (kept,) = bench.put(payload([meta(), page()], seq=2))
    assert kept.headers["rs-policy"] == STRICT.version
    assert b"Alice" in bench.text
    assert b"Alice" not in bench.text.splitlines()[-1]


def test_equal_policies_are_compiled_once() -> None:
    """A project file that is read anew compiles no policy again, and what is kept of old ones is bounded."""
    bench = Bench(_under("{mask: {classes: [a]}}"))
    compiled = bench.stage._compiled
    first = compiled(bench.policy)
    assert compiled(_under("{mask: {classes: [a]}}")) is first
    for each in range(100):
        compiled(_under(f"{{mask: {{classes: [a{each}]}}}}"))
    assert compiled.cache_info().currsize <= 64
