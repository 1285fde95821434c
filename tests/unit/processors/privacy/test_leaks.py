"""Places where words of masked elements and fields came out, each with the rule that now holds there."""

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
    shown,
    snapshot,
    words,
)

Json = dict[str, Any]
RULE = 'a::after{content:"secret"; color: red}'


def test_sheets_adopted_inside_a_mask() -> None:
    """A sheet that a masked shadow host adopts keeps its layout and loses its words, also those it gets later."""
    masked = 'a::after{content:"******"; color: red}'
    hosts = [element(node_id, "x-card", class_=name) for node_id, name in ((10, "rr-mask"), (11, ""))]
    sheet = {"styleId": 1, "rules": [{"rule": RULE, "index": 0}]}
    run = Run().feed(meta(), snapshot(*hosts), incremental(15, id=10, styleIds=[1], styles=[sheet]))
    assert run.last["styles"][0]["rules"][0]["rule"] == masked
    run.feed(incremental(8, styleId=1, adds=[{"rule": RULE, "index": 1}], replaceSync=RULE))
    assert (run.last["adds"][0]["rule"], run.last["replaceSync"]) == (masked, masked)
    run.feed(incremental(13, styleId=1, index=[0], set={"property": "content", "value": '"secret"', "priority": ""}))
    assert run.last["set"]["value"] == '"******"'
    # From where it is open a sheet may come into a mask later.
    run.feed(incremental(15, id=11, styleIds=[2], styles=[{"styleId": 2, "rules": []}]))
    assert run.feed(incremental(8, styleId=2, replace=RULE)).last["replace"] == RULE
    run.feed(incremental(15, id=10, styleIds=[1, 2]), incremental(8, styleId=2, replace=RULE))
    assert run.last["replace"] == masked


def test_input_of_what_is_no_field() -> None:
    """Only fields have a value: an input event of another node would carry text that no rule about fields looks at."""
    run = Run(policy_of("inputs: {mask_all: true}")).feed(meta(), snapshot(element(10, "p", words(11, "x"))))
    run.feed(*(incremental(5, id=node_id, text="secret", isChecked=False) for node_id in (1, 10, 11)))
    assert run.dropped == [Reason.UNKNOWN_NODE] * 3


@pytest.mark.parametrize(
    ("tag", "name", "value", "left"),
    [
        ("a", "href", "#/users/secret?x", ""),
        ("use", "xlink:href", "#icon", "#icon"),
        ("link", "href", "https://a.example/s.css?secret", "https://a.example/s.css"),
        ("link", "imagesrcset", "/secret.png 2x", ""),
        ("p", "checked", "secret", None),
        ("p", "selected", 4711, None),
    ],
)
def test_addresses_and_states_inside_a_mask(tag: str, name: str, value: Any, left: str | None) -> None:
    """What a masked element refers to is gone, but for places in the page and style sheets."""
    run = Run().feed(meta(), snapshot(element(9, "div", element(10, tag, **{name: value}), class_="rr-mask")))
    assert shown(run, 10)["attributes"] == ({} if left is None else {name: left})
    later = run.feed(mutation(attributes=[change(10, **{name: value, "id": "i"})])).last["attributes"][0]["attributes"]
    assert later == ({"id": "i"} if left is None else {name: left, "id": "i"})


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ('image-set("/secret.png" 1x, url(/secret) 2x)', 'image-set("" 1x, none 2x)'),
        ("-webkit-image-set('data:image/png;base64,secret' 1x)", '-webkit-image-set("" 1x)'),
        ('src("/secret?x")', 'src("")'),
        ('image-set("/secret', 'image-set(""'),
        ('url("/a)secret") red', "none red"),
        ("url( '/a)secret' )", "none"),
        ("url(/secret", "none"),
    ],
)
def test_styles_of_masked_elements_load_nothing(value: str, left: str) -> None:
    """However a style names a picture or a file, a mask takes the address away."""
    masked = element(10, "p", class_="rr-mask", style=f"color: red; background: {value}")
    run = Run().feed(meta(), snapshot(masked))
    assert shown(run, 10)["attributes"]["style"] == f"color: red; background: {left}"
    run.feed(mutation(attributes=[change(10, style={"background": value, "color": "red"})]))
    assert run.last["attributes"][0]["attributes"] == {"style": {"color": "red"}}


@pytest.mark.parametrize(
    ("tag", "given"),
    [
        ("input", {"type": "password"}),
        ("input", {"autocomplete": "cc-number"}),
        ("input", {"class": "rr-ignore"}),
        ("input", {"type": "email"}),
    ],
)
def test_copies_of_a_masked_value(tag: str, given: Json) -> None:
    """What the page copies of a masked field into its other attributes is masked; its label and layout stay."""
    copies: Json = {"ng-reflect-model": "secret", "data-value": "secret", "aria-valuetext": "secret", "x": 4711}
    field = {**element(10, tag), "attributes": given | copies | {"placeholder": "Name", "aria-label": "Name"}}
    run = Run(policy_of("inputs: {mask_typed: false, types: [email]}")).feed(meta(), snapshot(field))
    run.feed(mutation(attributes=[{"id": 10, "attributes": dict(copies)}]))
    masked = {"ng-reflect-model": "******", "data-value": "******", "aria-valuetext": "******", "x": "****"}
    assert shown(run, 10)["attributes"] == given | masked | {"placeholder": "Name", "aria-label": "Name"}
    assert run.last["attributes"][0]["attributes"] == masked
    plain = {**element(10, "input"), "attributes": {"type": "text"} | copies}
    assert shown(Run(AS_TYPED).feed(meta(), snapshot(plain)), 10)["attributes"] == {"type": "text"} | copies


def _with(event: Json, **more: Any) -> Json:
    return {**event, **more}


@pytest.mark.parametrize("odd", ["secret", 4711, ["secret"], {"secret": 4711}])
def test_fields_of_a_node_that_are_no_text(odd: Any) -> None:
    """Marks are true or false, ids are numbers, and a document has one of two modes: nothing else passes there."""
    marks = dict.fromkeys(("isShadow", "isShadowHost", "isSVG", "isCustom", "needBlock"), odd)
    run = Run().feed(meta(), snapshot(element(10, "p") | marks, words(11, "x") | {"isStyle": odd, "rootId": str(odd)}))
    run.out[1]["data"]["node"].pop("compatMode", None)
    assert shown(run, 10) == element(10, "p")
    assert shown(run, 11) == words(11, "x")


def test_names_of_a_document() -> None:
    """A document type names a language, and a document its mode: other words there are none of theirs."""
    page = snapshot()
    page["data"]["node"]["compatMode"] = "secret"
    known: Json = {"type": 1, "name": "html", "publicId": "-//W3C//DTD XHTML 1.0 Strict//EN", "systemId": "", "id": 10}
    odd: Json = {"type": 1, "name": "my secret", "publicId": "secret", "systemId": "https://a.example/", "id": 11}
    page["data"]["node"]["childNodes"][:0] = [known, odd]
    run = Run().feed(meta(), page)
    assert "secret" not in str(run.out)
    assert shown(run, 10) == known
    assert shown(run, 11) == {"type": 1, "name": "", "publicId": "", "systemId": "", "id": 11}


@pytest.mark.parametrize(
    "event",
    [
        incremental(13, id=10, index=[0], set={"property": "my secret", "value": "red", "priority": ""}),
        incremental(13, id=10, index=[0], set={"property": "color", "value": "red", "priority": "secret"}),
        incremental(13, id=10, index=[0], remove={"property": "my secret"}),
        incremental(16, define={"name": "my secret"}),
        incremental(10, family="F", fontSource="url(/f)", buffer=False, descriptors={"secret": "x"}),
        mutation(attributes=[change(10, style={"my secret": "red", "color": ["red", "secret"]})]),
        mutation(attributes=[change(10, style={"color": ["red", ["secret"]], "top": [["secret"], ""]})]),
        mutation(attributes=[change(10, **{"my secret": "x", "a" * 200 + "secret": "x"})]),
        mutation(adds=[add(BODY, element(20, "my secret"))]),
        _with(incremental(4, width=1, height=1), note="my secret"),
        _with(incremental(4, width=1, height=1), note="secret"),
        _with(incremental(4, width=1, height=1), **{"my secret": 1}),
    ],
)
def test_names_that_are_none(event: Json) -> None:
    """Names of properties, attributes, elements and marks have the form of names, so no sentence fits in."""
    assert "secret" not in str(Run().feed(meta(), snapshot(element(10, "style")), event).out)


def test_names_stay() -> None:
    """Names as pages and recorders use them pass as they are."""
    style = {"--Brand_1": "red", "-webkit-hyphens": ["none", "important"], "color": False}
    given = {"@click": "x", "[ngClass]": "x", ":key": "x", "xml:lang": "en", "style": style}
    events = [
        mutation(attributes=[{"id": 10, "attributes": given}]),
        incremental(13, id=10, index=[0], set={"property": "--a", "value": "1px", "priority": "important"}),
        incremental(16, define={"name": "x-card"}),
        incremental(10, family="F", fontSource="url(/f)", buffer=False, descriptors={"weight": "700"}),
        _with(incremental(4, width=1, height=1), v="v1", _sid=4, windowId="0190a0a0-0000-7000-8000-0000000000aa"),
    ]
    run = Run().feed(meta(), snapshot(element(10, "style")), *events)
    assert run.out[2:] == events


@pytest.mark.parametrize(
    ("name", "content", "left"),
    [
        ("viewport", "width=device-width, initial-scale=1.0, user-scalable=no, viewport-fit=cover", True),
        ("color-scheme", "light dark", True),
        ("theme-color", "rgb(12 34 56)", True),
        ("viewport", "secret", False),
        ("theme-color", "secret@site.example", False),
    ],
)
def test_meta_data_of_the_browser(name: str, content: str, left: bool) -> None:
    """Meta data that the browser acts on holds its keywords and numbers, and no meta data has a value."""
    run = Run().feed(meta(), snapshot(element(10, "meta", name=name, content=content, value="secret")))
    assert shown(run, 10)["attributes"] == {"name": name, "content": content if left else "", "value": ""}


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ("https://a.example/x.png?token=1", "https://a.example/x.png"),
        ("/x.png?token=1#f", "/x.png"),
        ('{"next":"https://u:p@a.example/x?token=1","n":1}', '{"next":"https://a.example/x","n":1}'),
        ("a/b?c", "a/b?c"),
    ],
)
def test_addresses_in_attributes_of_the_page(value: str, left: str) -> None:
    """Addresses that a page keeps for its scripts, in attributes of its own, are cut as all others."""
    page = snapshot(element(10, "img", data_src=value, lowsrc=value))
    assert shown(Run().feed(meta(), page), 10)["attributes"] == {"data-src": left, "lowsrc": left}


def test_type_that_is_no_text() -> None:
    """A field whose type cannot be read could be a password; without a type it is one of text."""
    fields = [
        {**element(node_id, "input"), "attributes": {"type": given, "value": "x"}}
        for node_id, given in ((10, ["password"]), (11, 4711), (12, None))
    ]
    run = Run(AS_TYPED).feed(meta(), snapshot(*fields))
    assert [shown(run, node_id)["attributes"]["value"] for node_id in (10, 11, 12)] == ["********", "********", "x"]
