"""Names of attributes in other spellings: what they say counts as what the player makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.processors.privacy.pages import (
    BODY,
    Run,
    add,
    element,
    incremental,
    meta,
    mutation,
    policy_of,
    shown,
    snapshot,
    words,
)

Json = dict[str, Any]
SECRET = "s3cr3t"
BY_SELECTORS = policy_of("{preset: balanced, block: {classes: [], selectors: ['html .rr-block', '[data-kind=c]']}}")


def spelled(node_id: int, tag: str, *children: Json, **attributes: Any) -> Json:
    """An element whose attributes have exactly these names."""
    return {**element(node_id, tag, *children), "attributes": attributes}


FIELDS: list[Json] = [
    {"TYPE": "password"},
    {"Type": "PASSWORD"},
    {"CLASS": "rr-ignore"},
    {"AUTOCOMPLETE": "cc-number"},
    {"NAME": "cvc"},
    {"ID": "otp"},
    {"MaxLength": "1"},
    {"type": "password", "TYPE": "text"},
    {"TYPE": "password", "type": "text"},
    {"TYPE": "text", "type": "password"},
    {"Type": "text", "TYPE": "password", "type": "text"},
    {"class": "x", "CLASS": "rr-ignore"},
    {"TYPE": "hidden"},
]


@pytest.mark.parametrize("given", FIELDS)
@pytest.mark.parametrize("value", ["value", "VALUE", "Value"])
def test_fields(given: Json, value: str) -> None:
    """In a snapshot, an add and a change, a field is secret if any spelling says so, and its value goes in any."""
    page = snapshot(spelled(10, "input", **given, **{value: SECRET}), element(11, "input"))
    run = Run().feed(meta(), page, mutation(attributes=[{"id": 10, "attributes": {value: SECRET}}]))
    run.feed(mutation(adds=[add(BODY, spelled(12, "input", **{value: SECRET}, **given))]))
    run.feed(
        mutation(adds=[add(BODY, element(13, "input", value=SECRET))], attributes=[{"id": 13, "attributes": given}])
    )
    run.feed(mutation(attributes=[{"id": 11, "attributes": {**given, value: SECRET}}]))
    run.feed(*(incremental(5, id=node_id, text=SECRET, isChecked=False) for node_id in (10, 11, 12, 13)))
    assert SECRET not in str(run.out)


@pytest.mark.parametrize("policy", [policy_of("balanced"), BY_SELECTORS], ids=["classes", "selectors"])
@pytest.mark.parametrize(
    "given", [{"CLASS": "rr-block"}, {"class": "a", "CLASS": "rr-block"}, {"Class": "rr-block", "class": "a"}]
)
def test_blocks(policy: Any, given: Json) -> None:
    """A class blocks in any spelling, when it comes with the element, and when it comes later."""
    run = Run(policy).feed(meta(), snapshot(spelled(10, "div", words(11, SECRET), **given), element(12, "div")))
    run.feed(mutation(attributes=[{"id": 12, "attributes": given}]), mutation(adds=[add(12, words(13, SECRET))]))
    run.feed(mutation(adds=[add(BODY, spelled(14, "div", **given)), add(14, words(15, SECRET))]))
    assert SECRET not in str(run.out)


def test_selectors_by_attribute() -> None:
    """So does an attribute that a selector asks for."""
    run = Run(BY_SELECTORS).feed(meta(), snapshot(spelled(10, "div", words(11, SECRET), **{"DATA-Kind": "c"})))
    assert SECRET not in str(run.out)


def test_editable() -> None:
    """And the attribute that makes text a field."""
    page = snapshot(spelled(10, "div", words(11, SECRET), CONTENTEDITABLE="TRUE"))
    assert SECRET not in str(Run(policy_of("inputs: {mask_all: true}")).feed(meta(), page).out)


def test_what_the_player_makes_of_it() -> None:
    """Of two spellings the last is the player's; the recorder's own names and those that no rule knows stay."""
    given = {"TITLE": "a", "title": "b", "rr_scrollTop": 5, "_cssText": "p {}", "[ngClass]": "x", "onClick": "x"}
    run = Run().feed(meta(), snapshot(spelled(10, "p", **given)))
    left = {"title": "b", "rr_scrollTop": 5, "_cssText": "p {}", "[ngClass]": "x"}
    assert shown(run, 10)["attributes"] == left
    run.feed(mutation(attributes=[{"id": 10, "attributes": {"TITLE": "a", "title": "b"}}]))
    assert [each["attributes"] for each in run.last["attributes"]] == [{"title": "a"}, {"title": "b"}]


def test_svg_tells_them_apart() -> None:
    """Elements of SVG keep their names: "CLASS" is no class there, only an attribute of that name, of unknown words."""
    drawn = spelled(10, "svg", viewBox="0 0 1 1", CLASS="rr-block", TYPE=SECRET) | {"isSVG": True}
    change = {"viewBox": "0 0 2 2", "CLASS": SECRET}
    strict = Run(policy_of("strict")).feed(
        meta(), snapshot(drawn), mutation(attributes=[{"id": 10, "attributes": change}])
    )
    assert SECRET not in str(strict.out)
    assert shown(strict, 10)["attributes"] == {"viewBox": "0 0 1 1", "CLASS": "********", "TYPE": "******"}
    added = mutation(adds=[add(BODY, {**drawn, "id": 12})], attributes=[{"id": 12, "attributes": {"CLASS": "x"}}])
    assert Run().feed(meta(), snapshot(), added).last["attributes"] == [{"id": 12, "attributes": {"CLASS": "x"}}]
