"""Masked text, fields and addresses."""

from __future__ import annotations

import pytest

from processors.privacy.urls import Addresses
from processors.privacy.values import mask_text
from schemas.policy import BALANCED
from schemas.reasons import Reason
from tests.unit.processors.privacy.pages import (
    BODY,
    Run,
    add,
    change,
    element,
    incremental,
    meta,
    mutation,
    shown,
    snapshot,
    words,
)

ADDRESSES = Addresses(BALANCED.urls, words=False)


def _typed(node_id: int, text: str, checked: bool = False) -> dict[str, object]:
    return incremental(5, id=node_id, text=text, isChecked=checked)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("a b\tc\n", "* *\t*\n"),
        ("\u00a0\ufeff\u2003x", "\u00a0\ufeff\u2003*"),
        ("\u0085\u001c", "**"),
        ("𝒳y", "***"),
        ("", ""),
    ],
)
def test_text_is_masked_as_the_recorder_does(text: str, masked: str) -> None:
    """One star for each UTF-16 unit that JavaScript does not call white space."""
    assert mask_text(text) == masked


def test_masking_is_live() -> None:
    """A mask class that comes or goes counts from then on; in the event that takes it away it still counts."""
    run = Run().feed(meta(), snapshot(element(10, "p", words(11, "open"))))
    run.feed(mutation(texts=[{"id": 11, "value": "secret"}], attributes=[change(10, class_="rr-mask")]))
    assert run.last["texts"] == [{"id": 11, "value": "******"}]
    run.feed(mutation(texts=[{"id": 11, "value": "secret"}], attributes=[change(10, class_=None)]))
    assert run.last["texts"] == [{"id": 11, "value": "******"}]
    run.feed(mutation(texts=[{"id": 11, "value": "open"}]))
    assert run.last["texts"] == [{"id": 11, "value": "open"}]


def test_mask_reaches_into_shadow_trees() -> None:
    """Text in the shadow tree of a masked host is masked, in the snapshot and later."""
    inside = element(11, "p", words(12, "secret")) | {"isShadow": True}
    host = element(10, "x-card", inside, class_="rr-mask") | {"isShadowHost": True}
    run = Run().feed(meta(), snapshot(host))
    assert shown(run, 12)["textContent"] == "******"
    run.feed(mutation(adds=[add(10, words(13, "more") | {"isShadow": True})]))
    assert run.last["adds"][0]["node"]["textContent"] == "****"


def test_unknown_attributes_are_masked_under_a_mask_but_not_svg_geometry() -> None:
    """Words in attributes of any name are masked; the paths of a masked drawing stay drawable."""
    path = element(12, "path", d="M0 0", user_name="secret") | {"isSVG": True}
    run = Run().feed(meta(), snapshot(element(10, "p", path, class_="rr-mask", user_name="secret", id="i")))
    assert shown(run, 10)["attributes"] == {"class": "rr-mask", "user-name": "******", "id": "i"}
    assert shown(run, 12)["attributes"]["d"] == "M0 0"


@pytest.mark.parametrize(
    ("attributes", "value"),
    [
        ({"type": "password", "value": "x"}, "********"),
        ({"type": "PASSWORD ", "value": "x"}, "********"),
        ({"type": "password", "value": ""}, ""),
        ({"type": "number", "autocomplete": "cc-csc", "value": "123"}, ""),
        ({"type": "text", "autocomplete": "New-Password", "value": "x"}, "********"),
        ({"type": "text", "autocomplete": "one-time-code", "value": "x"}, "********"),
        ({"type": "text", "data-rr-is-password": "true", "value": "x"}, "********"),
        ({"type": "hidden", "value": "x"}, ""),
        ({"type": "text", "class": "rr-ignore", "value": "x"}, "********"),
        ({"type": "text", "autocomplete": "email", "value": "x"}, "********"),
        ({"type": "checkbox", "value": "x"}, "x"),
        ({"type": "submit", "value": "Send"}, "Send"),
    ],
)
def test_field_values(attributes: dict[str, str], value: str) -> None:
    """Fields show eight stars whatever is in them; kinds that refuse stars show nothing, boxes and buttons stay."""
    run = Run().feed(meta(), snapshot({**element(10, "input"), "attributes": attributes}))
    assert shown(run, 10)["attributes"]["value"] == value


def test_password_stays_secret_for_the_page_load() -> None:
    """Showing the password, moving the field, and a new snapshot do not make it readable."""
    run = Run().feed(meta(), snapshot(element(10, "input", type="password")))
    run.feed(mutation(attributes=[change(10, type="text", value="secret")]))
    assert run.last["attributes"][0]["attributes"]["value"] == "********"
    field = element(10, "input", type="text", value="secret")
    run.feed(mutation(removes=[{"parentId": BODY, "id": 10}]), mutation(adds=[add(BODY, field)]))
    assert run.last["adds"][0]["node"]["attributes"]["value"] == "********"
    assert shown(run.feed(meta(), snapshot(field)), 10)["attributes"]["value"] == "********"
    assert run.feed(_typed(10, "secret")).last["text"] == "********"


def test_masked_input_tells_only_changes_between_empty_and_not() -> None:
    """The number of events would be the number of keys pressed, so repetitions are dropped."""
    run = Run().feed(meta(), snapshot(element(10, "input", type="password")))
    run.feed(*(_typed(10, text) for text in ("s", "se", "", "", "x")))
    assert [event["data"]["text"] for event in run.out if event["type"] == 3] == ["********", "", "********"]
    assert run.dropped == [Reason.REPEATED_INPUT] * 2


def test_masked_tick_is_not_told() -> None:
    """Whether a masked checkbox is ticked is content; an open one passes."""
    masked = element(10, "div", element(11, "input", type="checkbox", checked=True, value="v"), class_="rr-mask")
    run = Run().feed(meta(), snapshot(masked, element(12, "input", type="checkbox", checked=True, value="v")))
    assert shown(run, 11)["attributes"] == {"type": "checkbox", "value": ""}
    assert shown(run, 12)["attributes"] == {"type": "checkbox", "checked": True, "value": "v"}
    assert run.feed(_typed(11, "on", True)).last["isChecked"] is False
    assert run.feed(_typed(12, "on", True)).last["isChecked"] is True


def test_ignored_field() -> None:
    """Events of an ignored field are dropped."""
    run = Run().feed(meta(), snapshot(element(10, "input", class_="rr-ignore")), _typed(10, "secret"))
    assert run.dropped == [Reason.IGNORED_INPUT]


def test_ignored_select_hides_its_options() -> None:
    """Which option is chosen is the value of the select."""
    options = [element(11, "option", words(12, "Yes"), value="yes", selected=True)]
    run = Run().feed(meta(), snapshot(element(10, "select", *options, class_="rr-ignore", value="yes")))
    assert shown(run, 10)["attributes"]["value"] == "********"
    assert shown(run, 11)["attributes"] == {"value": "***"}
    assert shown(run, 12)["textContent"] == "***"


def test_what_is_always_removed() -> None:
    """Handlers, nonces and srcdoc go; comments and most meta contents are emptied; layout meta stays."""
    run = Run().feed(
        meta(),
        snapshot(
            element(10, "a", onclick="x", nonce="x", srcdoc="x", ONFOCUS="x", id="kept"),
            {"type": 5, "textContent": "x", "id": 11},
            element(12, "meta", name="description", content="x"),
            element(13, "meta", name="viewport", content="width=device-width"),
            element(14, "meta", http_equiv="Content-Type", content="text/html; charset=utf-8"),
            element(15, "meta", http_equiv="refresh", content="0; url=/x"),
        ),
    )
    assert shown(run, 10)["attributes"] == {"id": "kept"}
    assert shown(run, 11)["textContent"] == ""
    contents = [shown(run, node_id)["attributes"]["content"] for node_id in (12, 13, 14, 15)]
    assert contents == ["", "width=device-width", "text/html; charset=utf-8", ""]


@pytest.mark.parametrize(
    ("url", "stripped"),
    [
        ("https://a.example/p?q=1#f", "https://a.example/p"),
        ("https://u:p@a.example/p", "https://a.example/p"),
        ("https://u@x@a.example/", "https://a.example/"),
        ("https://a.example/@name?x", "https://a.example/@name"),
        ("//u:p@a.example\\p?q", "//a.example\\p"),
        ("/p#f?q", "/p"),
        ("#icon", "#icon"),
        ("data:image/svg+xml,<svg?#>", "data:image/svg+xml,<svg?#>"),
        ("data:text/html,secret", ""),
        ("DATA:,secret", ""),
        ("javascript:secret()", ""),
        ("blob:https://a.example/1", "blob:https://a.example/1"),
        (" https://a.example/?q", " https://a.example/"),
        ("", ""),
        ("#top", "#top"),
        ("#/user/alice?x", "#"),
        ("#q=alice", "#"),
        (" javascript:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("\tdata:text/html,secret", ""),
        ("vbscript:secret()", ""),
        (" https://u:p@a.example/p", " https://a.example/p"),
        ("ht\ntps://u:p@a.example/p", "https://a.example/p"),
        ("https:u:p@a.example/p", "https:a.example/p"),
        ("https:///u:p@a.example/p", "https:///a.example/p"),
        ("https://a.example/https://u:p@b.example/p", "https://a.example/https://b.example/p"),
        ("https://a.example//name@1.2/p", "https://a.example//name@1.2/p"),
        ("https://a.example/p;JSESSIONID=1;v=2/q;x_token=3", "https://a.example/p;v=2/q"),
    ],
)
def test_addresses(url: str, stripped: str) -> None:
    """Query, fragment and userinfo go, the rest stays, and a second time changes nothing."""
    assert ADDRESSES.strip(url) == stripped
    assert ADDRESSES.strip(stripped) == stripped


@pytest.mark.parametrize(
    ("value", "stripped"),
    [
        ("/a.png?t=1 1x, /b.png?t=2 2x", "/a.png 1x, /b.png 2x"),
        ("/a.png?t=1 100w,/b.png?secret 200w", "/a.png 100w, /b.png 200w"),
        ("/a.png?t=1, /b.png#x", "/a.png, /b.png"),
        ("/a.png secret", "/a.png"),
        ("data:image/png;base64,AA== 1x", "data:image/png;base64,AA== 1x"),
        ("", ""),
        (" , ", ""),
    ],
)
def test_candidates_of_a_srcset(value: str, stripped: str) -> None:
    """Each candidate is stripped and keeps its width or density."""
    assert ADDRESSES.strip_set(value) == stripped
    assert ADDRESSES.strip_set(stripped) == stripped


def test_page_address_is_stripped() -> None:
    """The address of the page loses its query and fragment."""
    run = Run().feed(meta("https://a.example/p?token=1#f"), snapshot())
    assert run.out[0]["data"]["href"] == "https://a.example/p"


@pytest.mark.parametrize(
    ("source", "stripped"),
    [
        ('url("https://a.example/f.woff2?x")', 'url("https://a.example/f.woff2")'),
        ("url(/f.woff2?x), url( '/g.woff#x' )", "url(/f.woff2), url( '/g.woff' )"),
        ("https://a.example/f.woff2?x", "https://a.example/f.woff2"),
    ],
)
def test_address_of_a_font_is_stripped(source: str, stripped: str) -> None:
    """A font's source keeps its form and loses what follows the path."""
    font = incremental(10, family="F", fontSource=source, buffer=False)
    assert Run().feed(meta(), snapshot(), font).last["fontSource"] == stripped


def test_text_that_comes_later_into_secret_fields() -> None:
    """The text of a secret textarea or of an ignored select's option is masked in mutations as in snapshots."""
    area = element(10, "textarea", words(11, "x"), autocomplete="one-time-code")
    choice = element(12, "select", element(13, "option", words(14, "x")), class_="rr-ignore")
    run = Run().feed(meta(), snapshot(area, choice))
    run.feed(mutation(texts=[{"id": 11, "value": "secret"}, {"id": 14, "value": "secret"}]))
    assert [entry["value"] for entry in run.last["texts"]] == ["********", "******"]
    run.feed(mutation(adds=[add(12, element(15, "option", value="secret")), add(15, words(16, "secret"))]))
    assert "secret" not in str(run.last)


def test_node_added_masked_while_its_class_is_taken_away() -> None:
    """An event that says both of one node is taken at its stricter word, and so are the next ones."""
    run = Run().feed(meta(), snapshot(element(10, "p", class_="rr-mask")))
    both = mutation(adds=[add(BODY, element(10, "p", class_="rr-mask"))], attributes=[change(10, class_="")])
    run.feed(both, mutation(adds=[add(10, words(11, "secret"))]))
    assert run.last["adds"][0]["node"]["textContent"] == "******"


def test_password_inside_a_block_is_remembered() -> None:
    """A blocked password field that later is neither blocked nor a password stays secret."""
    run = Run().feed(meta(), snapshot(element(10, "input", type="password", class_="rr-block")))
    run.feed(meta(), snapshot(element(10, "input", type="text", value="secret")))
    assert shown(run, 10)["attributes"]["value"] == "********"
