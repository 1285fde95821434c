"""What a person types into: fields under a wrapper's rule, editable text, codes and cards by name, other elements."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.reasons import Reason
from tests.unit.processors.privacy.pages import (
    AS_TYPED,
    BODY,
    Run,
    add,
    change,
    element,
    incremental,
    meta,
    mutation,
    policy_of,
    remove,
    shown,
    snapshot,
    words,
)

Json = dict[str, Any]
SECRET = "s3cr3t"
STARS = "********"
ALL_FIELDS = policy_of("inputs: {mask_all: true}")


def typed(node_id: int, text: str) -> Json:
    """Input into a field."""
    return incremental(5, id=node_id, text=text, isChecked=False)


def fields(start: int) -> list[Json]:
    """One of each sort, each with the secret in it."""
    option = element(start + 3, "option", words(start + 4, SECRET), value=SECRET, selected=True)
    return [
        element(start, "input", type="email", value=SECRET, data_copy=SECRET),
        element(start + 1, "textarea", words(start + 2, SECRET)),
        element(start + 5, "select", option, value=SECRET),
        element(start + 6, "div", element(start + 7, "p", words(start + 8, SECRET)), contenteditable=""),
        element(start + 9, "x-field", value=SECRET),
        element(start + 10, "datalist", element(start + 11, "option", value=SECRET)),
    ]


WRAPPERS = [
    ("inputs: {mask_typed: false}", {"class_": "rr-ignore"}),
    ("{ignore: {selectors: ['#card']}, inputs: {mask_typed: false}}", {"id": "card"}),
    ("{ignore: {selectors: ['main > #card']}, inputs: {mask_typed: false}}", {"id": "card"}),
    ("inputs: {mask_typed: false, selectors: ['#card']}", {"id": "card"}),
    ("inputs: {mask_typed: false, selectors: ['main .card']}", {"class_": "card"}),
]


@pytest.mark.parametrize(("policy", "given"), WRAPPERS)
def test_a_rule_on_a_wrapper_holds_for_the_fields_inside(policy: str, given: Json) -> None:
    """Values in the snapshot, typed, changed and added later are hidden; words and fields elsewhere are not."""
    card = element(11, "form", element(12, "div", words(13, "a label"), *fields(20)), **given)
    run = Run(policy_of(policy)).feed(meta(), snapshot(element(10, "main", card, element(14, "input", value="plain"))))
    later = [add(12, {**each, "childNodes": []}) for each in fields(40)]
    run.feed(
        *(typed(node_id, SECRET) for node_id in (20, 21, 25)),
        mutation(texts=[{"id": 28, "value": SECRET}], attributes=[change(20, value=SECRET), change(29, value=SECRET)]),
        mutation(adds=[*later, add(46, words(60, SECRET)), add(41, words(61, SECRET))]),
        typed(40, SECRET),
        typed(14, "plain too"),
    )
    assert SECRET not in str(run.out)
    assert shown(run, 13)["textContent"] == "a label"
    assert run.last["text"] == "plain too"
    ignored = "ignore" in str(given) or "ignore" in policy
    assert (Reason.IGNORED_INPUT in run.dropped) == ignored


def test_a_rule_reaches_into_shadow_trees_and_frames_and_comes_late() -> None:
    """A wrapper that gets its class late hides what is typed from then on, also behind the borders of trees."""
    inside = element(12, "div", element(13, "input", value="before")) | {"isShadow": True}
    page = snapshot(element(10, "section", element(11, "x-form", inside) | {"isShadowHost": True}))
    run = Run().feed(meta(), page, typed(13, "before"), mutation(attributes=[change(10, class_="rr-ignore")]))
    run.feed(typed(13, SECRET), mutation(adds=[add(12, element(14, "input", value=SECRET))]))
    assert SECRET not in str(run.out)
    assert run.dropped == [Reason.IGNORED_INPUT]


EDITABLE = ["", "true", "TRUE", " true", "plaintext-only", "Plaintext-Only", True]


@pytest.mark.parametrize("value", EDITABLE)
@pytest.mark.parametrize(
    "policy",
    [
        "balanced",
        "inputs: {mask_typed: false, types: [contenteditable]}",
        "{preset: open, inputs: {mask_all: true}}",
        "strict",
    ],
)
def test_editable_text_is_a_field(policy: str, value: Any) -> None:
    """What is written into an editable element is masked as a value is: how much it is, and each key, is not told."""
    given = {"contenteditable": value, "data-copy": SECRET}
    line = element(11, "p", words(12, SECRET), contenteditable="false", title=SECRET)
    run = Run(policy_of(policy)).feed(meta(), snapshot({**element(10, "div", line), "attributes": given}))
    assert shown(run, 12)["textContent"] == STARS
    run.feed(*(mutation(texts=[{"id": 12, "value": SECRET[:size]}]) for size in (1, 2, 3)))
    assert run.dropped == [Reason.REPEATED_INPUT] * 3
    run.feed(mutation(texts=[{"id": 12, "value": ""}]), mutation(texts=[{"id": 12, "value": SECRET}]))
    run.feed(mutation(adds=[add(10, element(20, "p")), add(20, words(21, SECRET))]))
    run.feed(mutation(texts=[{"id": 21, "value": f"{SECRET} more"}]))
    assert SECRET not in str(run.out)
    assert [each["data"]["texts"] for each in run.out[2:4]] == [
        [{"id": 12, "value": ""}],
        [{"id": 12, "value": STARS}],
    ]


def test_what_is_not_editable_is_text() -> None:
    """Where fields are kept as typed editable ones are too, and "false" is no field under any rule."""
    page = snapshot(element(10, "p", words(11, "typed"), contenteditable=""))
    assert shown(Run(AS_TYPED).feed(meta(), page), 11)["textContent"] == "typed"
    page = snapshot(element(10, "p", words(11, "text"), contenteditable="false"))
    assert shown(Run(ALL_FIELDS).feed(meta(), page), 11)["textContent"] == "text"


def test_text_becomes_editable_and_stays_a_field() -> None:
    """From the event on that makes an element editable, and after the attribute is taken away."""
    run = Run(ALL_FIELDS).feed(meta(), snapshot(element(10, "p", words(11, "text"))))
    run.feed(mutation(attributes=[change(10, contenteditable="true")], texts=[{"id": 11, "value": SECRET}]))
    run.feed(mutation(attributes=[change(10, contenteditable=None)], texts=[{"id": 11, "value": ""}]))
    run.feed(mutation(texts=[{"id": 11, "value": SECRET}]))
    assert SECRET not in str(run.out)


NAMES = """
    cc-number cardnumber card_number cardNumber CardNumber card[number] payment.card-number ctl00$txtCardNumber ccnum
    cvc cvc2 cvv cvv2 csc card-cvc CVV cardCVC security_code expiry exp-month expMonth expiration_date cardExpiry
    otp otp1 otp[0] otp-code one-time-code oneTimePassword pin PIN user_pin passcode totp mfa_code sms-code 2fa
    verificationCode nameOnCard"""


@pytest.mark.parametrize("name", NAMES.split())
@pytest.mark.parametrize("attribute", ["name", "id"])
def test_cards_and_codes_are_known_by_name(attribute: str, name: str) -> None:
    """A field of such a name or id is secret whatever its type says, an editable and a custom element too."""
    given = {attribute: name, "value": SECRET}
    tags = ("input", "textarea", "select", "x-input")
    page = [{**element(20 + at, tag, words(30 + at, SECRET)), "attributes": dict(given)} for at, tag in enumerate(tags)]
    edited = {**element(40, "div", words(41, SECRET)), "attributes": {attribute: name, "contenteditable": "true"}}
    run = Run().feed(meta(), snapshot(*page, edited), *(typed(20 + at, SECRET) for at in range(3)))
    assert SECRET not in str(run.out)
    later = Run().feed(meta(), snapshot(element(20, "input")), mutation(attributes=[change(20, **{attribute: name})]))
    assert SECRET not in str(later.feed(typed(20, SECRET), mutation(attributes=[change(20, value=SECRET)])).out)


OTHERS = "shipping spinner city pinterest option cardigan discard expert zip company"


@pytest.mark.parametrize("name", OTHERS.split())
def test_other_names_are_not(name: str) -> None:
    """A word within a word, and words of their own, make no secret; nor does a box or a button of any name."""
    run = Run(AS_TYPED).feed(meta(), snapshot(element(20, "input", name=name, id=name, value="plain")))
    assert shown(run, 20)["attributes"]["value"] == "plain"
    boxes = [
        element(20 + at, "input", type=kind, name="pin", value="plain") for at, kind in enumerate(("radio", "submit"))
    ]
    run = Run().feed(meta(), snapshot(*boxes))
    assert [shown(run, 20 + at)["attributes"]["value"] for at in (0, 1)] == ["plain", "plain"]


@pytest.mark.parametrize(
    "given", [{"maxlength": "1"}, {"maxlength": 1}, {"maxlength": " 01x"}, {"size": "1"}, {"pattern": "[0-9]"}]
)
def test_a_code_over_six_fields_is_a_code(given: Json) -> None:
    """Fields of one character are a code's, also those that only become so."""
    page = snapshot(*({**element(20 + at, "input"), "attributes": given | {"value": "7"}} for at in range(6)))
    run = Run().feed(meta(), page, *(typed(20 + at, str(at)) for at in range(6)))
    assert [shown(run, 20 + at)["attributes"]["value"] for at in range(6)] == [STARS] * 6
    assert {each["data"]["text"] for each in run.out[2:]} == {STARS}
    late = Run().feed(meta(), snapshot(element(20, "input")), mutation(attributes=[{"id": 20, "attributes": given}]))
    assert late.feed(typed(20, "7")).last["text"] == STARS
    other = Run().feed(meta(), snapshot(element(20, "select", element(21, "option", value="7"), size="1", value="7")))
    assert shown(other, 20)["attributes"]["value"] == "7"


@pytest.mark.parametrize("tag", ["html:input", "XHTML:INPUT", "x-password", "ion-input", "foo"])
@pytest.mark.parametrize(
    "given",
    [{"type": "password"}, {"type": "PassWord "}, {"autocomplete": "current-password"}, {"data-rr-is-password": ""}],
)
def test_other_elements_with_a_password(tag: str, given: Json) -> None:
    """An element that says it takes a password is a password field, prefixed, made up or defined by the page."""
    held = {**element(20, tag, words(21, SECRET)), "attributes": given | {"value": SECRET, "data-copy": SECRET}}
    shadow = element(22, "input", value=SECRET) | {"isShadow": True}
    run = Run().feed(meta(), snapshot({**held, "childNodes": [words(21, SECRET), shadow]}), typed(22, SECRET))
    run.feed(mutation(attributes=[change(20, value=SECRET)], texts=[{"id": 21, "value": f"{SECRET}!"}]))
    # It stays one when the page shows what was typed, and when it moves.
    run.feed(mutation(attributes=[{"id": 20, "attributes": dict.fromkeys(given)}]))
    run.feed(
        mutation(removes=[remove(BODY, 20)]), mutation(adds=[add(BODY, element(20, tag, value=SECRET, type="text"))])
    )
    run.feed(snapshot(element(20, tag, value=SECRET, type="text")))
    assert SECRET not in str(run.out)


@pytest.mark.parametrize("tag", ["html:textarea", "html:script", "svg:style", "html:noscript"])
def test_prefixed_tags_are_read_behind_the_prefix(tag: str) -> None:
    """Rules of tags hold with a prefix, and so do selectors by tag."""
    policy = policy_of("{preset: strict, block: {selectors: ['textarea']}}")
    run = Run(policy).feed(meta(), snapshot(element(20, tag, words(21, SECRET + "{}"))))
    assert SECRET not in str(run.out) or tag == "svg:style"
    if "textarea" in tag:
        assert shown(run, 20)["childNodes"] == []
