"""What people type is masked unless a project says otherwise: every kind of field, by every way it is recorded."""

from __future__ import annotations

from typing import Any

import pytest

from processors.privacy.policy import Policy
from schemas.reasons import Reason
from tests.unit.processors.privacy.pages import (
    AS_TYPED,
    BODY,
    DEFAULT,
    Json,
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

TYPED = "canarytyped"
STARS = "********"
OPEN = policy_of("open")
# An old file that masked two types: it is not weaker than one that says nothing.
OLD = policy_of("{preset: balanced, inputs: {types: [email, tel], mask_all: false}}")
_TYPES = "text search email tel url number date datetime-local month time week color range file TEXT no-such-type"
FIELDS: list[tuple[str, Json]] = [
    *(("input", {"type": each}) for each in _TYPES.split()),
    ("input", {}),
    ("input", {"list": "cities", "role": "combobox"}),
    ("textarea", {}),
]


def typed(node_id: int, text: str = TYPED) -> Json:
    """Input into a field."""
    return incremental(5, id=node_id, text=text, isChecked=False)


def whole(run: Run) -> str:
    """All that passed, as text."""
    return str(run.out)


@pytest.mark.parametrize("policy", [DEFAULT, OLD, policy_of("strict")], ids=["balanced", "old", "strict"])
@pytest.mark.parametrize(("tag", "given"), FIELDS)
def test_what_is_typed_into_a_field_is_masked(tag: str, given: Json, policy: Policy) -> None:
    """In snapshots, when it changes, as it is typed, when the field comes later or is moved, and in a new snapshot."""
    field = {**element(10, tag, words(11, TYPED)), "attributes": {**given, "value": TYPED}}
    page = snapshot(element(8, "form", field))
    later = {**field, "id": 20, "childNodes": []}
    run = Run(policy).feed(meta(), page, typed(10), mutation(attributes=[change(10, value=TYPED)]))
    run.feed(mutation(adds=[add(8, later), add(20, words(21, TYPED))], texts=[{"id": 11, "value": TYPED}]), typed(20))
    run.feed(mutation(removes=[remove(8, 10)], adds=[add(BODY, {**field, "childNodes": []})]), typed(10))
    assert TYPED not in whole(run.feed(meta(), page, typed(10)))


@pytest.mark.parametrize(("tag", "given"), FIELDS)
def test_a_policy_may_keep_it(tag: str, given: Json) -> None:
    """`open` keeps all of it; the words were planted where they could pass."""
    field = {**element(10, tag), "attributes": {**given, "value": TYPED}}
    run = Run(OPEN).feed(meta(), snapshot(field), typed(10))
    assert (shown(run, 10)["attributes"]["value"], run.last["text"]) == (TYPED, TYPED)


def test_what_is_chosen_stays() -> None:
    """Lists, boxes, the words on buttons, suggestions, and lists that a page makes of other elements."""
    option = element(11, "option", words(12, "Oslo"), value="oslo", selected=True)
    page = [
        element(10, "select", option, value="oslo"),
        element(13, "input", type="checkbox", value="gift", checked=True),
        element(14, "input", type="radio", value="express", checked=True),
        element(15, "input", type="submit", value="Order"),
        element(16, "datalist", element(17, "option", value="Bergen")),
        element(18, "div", element(19, "div", words(20, "Tromsø"), role="option"), role="listbox"),
        element(21, "button", words(22, "Menu"), role="combobox", aria_valuetext="Menu", title="Menu"),
        element(23, "li", value=3),
    ]
    run = Run().feed(meta(), snapshot(*page), typed(10, "oslo"))
    run.feed(incremental(5, id=13, text="gift", isChecked=True))
    assert (
        run.out
        == Run(OPEN)
        .feed(meta(), snapshot(*page), typed(10, "oslo"))
        .feed(incremental(5, id=13, text="gift", isChecked=True))
        .out
    )
    assert run.last == {"source": 5, "id": 13, "text": "gift", "isChecked": True}


EDITABLE = [
    {"contenteditable": ""},
    {"contenteditable": "true"},
    {"contenteditable": "plaintext-only"},
    {"role": "textbox"},
    {"role": " Searchbox textbox"},
    {"role": "spinbutton"},
]


@pytest.mark.parametrize("given", EDITABLE)
def test_text_written_into_an_element_is_masked(given: Json) -> None:
    """Its texts, lines that come later, and copies of them on the element; how much it is, is not told."""
    line = element(11, "p", words(12, TYPED))
    field = {**element(10, "div", line), "attributes": {**given, "data-draft": TYPED, "aria-label": TYPED}}
    run = Run().feed(meta(), snapshot(field), mutation(texts=[{"id": 12, "value": TYPED}]))
    run.feed(mutation(adds=[add(10, element(20, "p")), add(20, words(21, TYPED))]))
    run.feed(mutation(texts=[{"id": 21, "value": TYPED * 2}], attributes=[change(10, title=TYPED)]))
    assert TYPED not in whole(run)
    assert shown(run, 12)["textContent"] == STARS
    assert Reason.REPEATED_INPUT in run.dropped
    assert TYPED in whole(Run(OPEN).feed(meta(), snapshot(field)))


@pytest.mark.parametrize("given", EDITABLE)
def test_an_element_becomes_editable_and_what_was_typed_stays_masked(given: Json) -> None:
    """A cell that is edited in place: from the event that makes it a field, and for as long as the page lasts."""
    run = Run().feed(meta(), snapshot(element(10, "td", words(11, "12 boxes"))))
    assert shown(run, 11)["textContent"] == "12 boxes"
    run.feed(mutation(texts=[{"id": 11, "value": TYPED}], attributes=[{"id": 10, "attributes": dict(given)}]))
    run.feed(mutation(texts=[{"id": 11, "value": TYPED}], attributes=[{"id": 10, "attributes": dict.fromkeys(given)}]))
    run.feed(mutation(adds=[add(10, words(12, TYPED))]))
    assert TYPED not in whole(run.feed(meta(), snapshot(element(10, "td", words(11, TYPED), words(12, TYPED)))))


@pytest.mark.parametrize("other", ["button", "submit", "checkbox", "hidden"])
def test_a_field_that_becomes_another_keeps_what_was_typed(other: str) -> None:
    """The value is still in it, and a new snapshot shows it."""
    run = Run().feed(meta(), snapshot(element(10, "input", value=TYPED)))
    run.feed(mutation(attributes=[change(10, type=other, value=TYPED)]))
    assert TYPED not in whole(run.feed(meta(), snapshot(element(10, "input", type=other, value=TYPED))))


def test_labels_that_repeat_what_was_typed() -> None:
    """Attributes in which a page copies the value are masked, labels too; the page's own labels stay."""
    copies = {"data-value": TYPED, "ng-reflect-model": TYPED, "aria-valuetext": TYPED, "title": f"Name: {TYPED}"}
    own = {"placeholder": "Your name", "aria-label": "Name", "aria-invalid": "true"}
    for tag in ("input", "textarea"):
        field = {**element(10, tag), "attributes": {**copies, **own, "value": TYPED}}
        run = Run().feed(meta(), snapshot(field), mutation(attributes=[change(10, title=TYPED, placeholder=TYPED)]))
        assert TYPED not in whole(run)
    field = {**element(10, "input"), "attributes": {**copies, **own, "value": TYPED}}
    kept = shown(Run().feed(meta(), snapshot(field)), 10)["attributes"]
    assert {name: kept[name] for name in own} == own


def test_custom_elements_do_not_tell_their_value() -> None:
    """They may be fields, and some write what is typed into attributes; what they show is text of the page."""
    given: Json = {"value": TYPED, "current-value": TYPED, "ng-reflect-model": TYPED, "data-value": TYPED}
    field = {**element(10, "x-field", words(11, "a label")), "attributes": {**given, "label": "Name", "size": "s"}}
    run = Run().feed(meta(), snapshot(field), mutation(attributes=[{"id": 10, "attributes": dict(given)}]))
    assert TYPED not in whole(run)
    assert shown(run, 11)["textContent"] == "a label"
    assert shown(run, 10)["attributes"]["label"] == "Name"
    assert whole(Run(OPEN).feed(meta(), snapshot(field))).count(TYPED) == len(given)


@pytest.mark.parametrize("policy", [DEFAULT, policy_of("inputs: {mask_typed: false}"), policy_of("strict")])
def test_names_of_files_are_masked(policy: Policy) -> None:
    """Also where a policy keeps what else is typed, and when the field becomes one for files."""
    page = snapshot(element(10, "input", type="file", value=TYPED, data_name=TYPED), element(11, "input"))
    run = Run(policy).feed(meta(), page, typed(10), mutation(attributes=[change(11, type="file")]), typed(11))
    run.feed(mutation(attributes=[{"id": 10, "attributes": {"value": TYPED, "title": TYPED, "data-name": TYPED}}]))
    assert TYPED not in whole(run)
    assert TYPED in whole(Run(OPEN).feed(meta(), page))


def test_fields_in_shadow_trees_and_frames() -> None:
    """Wherever a field stands."""
    inside = element(12, "input", value=TYPED) | {"isShadow": True}
    frame = {"type": 0, "id": 30, "childNodes": [element(31, "html", element(32, "textarea", value=TYPED))]}
    page = snapshot(element(10, "x-form", inside) | {"isShadowHost": True}, element(20, "iframe"))
    run = Run().feed(meta(), page, typed(12), mutation(adds=[add(20, frame)], isAttachIframe=True), typed(32))
    assert TYPED not in whole(run)
    assert run.last["text"] == STARS


def test_drawings_go_with_their_pixels() -> None:
    """What is drawn cannot be masked, so without a rule that keeps it neither commands nor pictures pass."""
    page = snapshot(element(10, "canvas", rr_dataURL="data:image/png;base64,AAAA"))
    draw = incremental(9, id=10, type=0, property="fillText", args=[TYPED, 0, 0])
    frame: Any = {"rr_type": "ImageBitmap", "args": [{"rr_type": "Blob", "data": [TYPED], "type": "image/webp"}]}
    run = Run().feed(meta(), page, draw, incremental(9, id=10, type=0, property="drawImage", args=[frame]))
    assert run.dropped == [Reason.NOT_ALLOWED] * 2
    assert shown(run, 10)["attributes"] == {}
    assert TYPED in whole(Run(OPEN).feed(meta(), page, draw))
    assert TYPED in whole(Run(policy_of("canvas: keep")).feed(meta(), page, draw))


def test_one_switch_keeps_what_is_typed_but_no_secret() -> None:
    """`mask_typed: false` is the former behaviour of `balanced`."""
    page = snapshot(element(10, "input", value=TYPED), element(11, "input", type="password", value="secret"))
    run = Run(AS_TYPED).feed(meta(), page, typed(10), typed(11, "secret"))
    assert TYPED in whole(run)
    assert "secret" not in whole(run)
