"""Every field of a policy does what it says: each test fails if its field is not looked at."""

from __future__ import annotations

from typing import Any

import pytest

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
    policy_of,
    shown,
    snapshot,
    words,
)

Json = dict[str, Any]
URL = "https://site.example/users/alice/4711?keep=1&token=2#part"


def run(policy: str, *events: Json) -> Run:
    """Events under a policy as the project file gives it."""
    return Run(policy_of(policy)).feed(*events)


def attributes(policy: str, tag: str, **given: Any) -> Json:
    """What a policy leaves of the attributes of an element."""
    passed: Json = shown(run(policy, snapshot(element(5, tag, **given))), 5)["attributes"]
    return passed


def custom(tag: str = "step", payload: Any = None) -> Json:
    """A custom event."""
    return {"type": 5, "data": {"tag": tag, "payload": payload or {"name": "Alice"}}, "timestamp": 200}


def plugin(name: str, payload: Any = None) -> Json:
    """An event of a plugin."""
    return {"type": 6, "data": {"plugin": name, "payload": payload or {"name": "Alice"}}, "timestamp": 200}


@pytest.mark.parametrize("rule", ["{classes: [card]}", "{selectors: ['.card']}", "{selectors: ['main > div.card']}"])
def test_block(rule: str) -> None:
    """An element is blocked by a class and by a selector."""
    page = snapshot(element(5, "main", element(6, "div", words(7, "Alice"), class_="card"), words(8, "Bob")))
    passed = run(f"{{block: {rule}}}", page)
    assert shown(passed, 6)["childNodes"] == []
    assert shown(passed, 8)["textContent"] == "Bob"


@pytest.mark.parametrize("rule", ["{classes: [card]}", "{selectors: ['main .card']}", "{selectors: ['[data-kind=c]']}"])
def test_mask(rule: str) -> None:
    """Text inside is masked by a class and by selectors, text beside it is not."""
    card = element(6, "div", words(7, "Alice"), class_="card", data_kind="c")
    passed = run(f"{{mask: {rule}}}", snapshot(element(5, "main", card, words(8, "Bob"))))
    assert shown(passed, 7)["textContent"] == "*****"
    assert shown(passed, 8)["textContent"] == "Bob"


@pytest.mark.parametrize("rule", ["{classes: [quiet]}", "{selectors: ['input[name=city]']}"])
def test_ignore(rule: str) -> None:
    """Input of an ignored field is dropped and its value masked."""
    field = element(5, "input", value="Oslo", class_="quiet", name="city")
    passed = run(f"{{ignore: {rule}}}", snapshot(field), incremental(5, id=5, text="Rome", isChecked=False))
    assert shown(passed, 5)["attributes"]["value"] == "********"
    assert passed.dropped == [Reason.IGNORED_INPUT]


@pytest.mark.parametrize(
    ("rule", "tag", "given"),
    [
        ("{mask_all: true}", "input", {"type": "search"}),
        ("{mask_all: true}", "textarea", {}),
        ("{types: [email]}", "input", {"type": "EMAIL"}),
        ("{types: [text]}", "input", {}),
        ("{types: [text]}", "input", {"type": "no-such-type"}),
        ("{types: [textarea]}", "textarea", {}),
        ("{types: [select]}", "select", {}),
        ("{autocomplete: [tel]}", "input", {"autocomplete": "section-a tel"}),
        ("{selectors: ['form .phone']}", "input", {"class_": "phone"}),
        ("{selectors: ['#phone']}", "input", {"id": "phone"}),
    ],
)
def test_inputs(rule: str, tag: str, given: Json) -> None:
    """Each rule about fields masks the value and what is typed, and without it neither is."""
    events = (
        snapshot(element(5, "form", element(6, tag, value="4711", **given))),
        incremental(5, id=6, text="4712", isChecked=False),
        mutation(attributes=[change(6, value="4713")]),
    )
    only = "{inputs: {mask_typed: false, " + rule[1:] + "}"
    masked, plain = run(only, *events), run("{inputs: {mask_typed: false}}", *events)
    assert "471" not in str(masked.out)
    assert masked.out[1]["data"]["text"] == "********"
    assert [text in str(plain.out) for text in ("4711", "4712", "4713")] == [True] * 3


def test_a_masked_list_hides_what_is_chosen() -> None:
    """Options of a masked list lose their words and which of them is chosen."""
    option = element(6, "option", words(7, "Oslo"), value="o", selected=True)
    passed = run("{inputs: {types: [select]}}", snapshot(element(5, "select", option)))
    assert shown(passed, 6)["attributes"] == {"value": "*"}
    assert shown(passed, 7)["textContent"] == "****"


def test_a_masked_box_hides_whether_it_is_checked() -> None:
    """A masked checkbox is shown unchecked."""
    box = element(5, "input", type="checkbox", checked=True, value="yes")
    passed = run("{inputs: {types: [checkbox]}}", snapshot(box), incremental(5, id=5, text="on", isChecked=True))
    assert shown(passed, 5)["attributes"] == {"type": "checkbox", "value": ""}
    assert passed.last["isChecked"] is False


def test_buttons_are_no_fields() -> None:
    """The words on a button are text of the page: masked with it, not with fields."""
    button = {"type": "submit", "value": "Buy"}
    assert attributes("{inputs: {mask_all: true}}", "input", **button)["value"] == "Buy"
    assert attributes("{text: {mask_all: true}}", "input", **button)["value"] == "***"


def test_a_field_becomes_masked_late_and_stays_so() -> None:
    """A type or autofill name that comes later masks; one that goes does not unmask."""
    policy = "{inputs: {types: [tel], autocomplete: [email]}}"
    for late, gone in ((change(5, type="tel"), change(5, type="text")), (change(5, autocomplete="email"),) * 2):
        field = snapshot(element(5, "input", type="search"))
        passed = run(policy, field, mutation(attributes=[late]), mutation(attributes=[gone]))
        passed.feed(incremental(5, id=5, text="4711", isChecked=False))
        assert passed.last["text"] == "********"


def test_text() -> None:
    """All text is masked, the title, text that comes later, words in CSS and unknown attributes included."""
    policy = "{text: {mask_all: true}}"
    css = 'p::after{content:"Alice"} i::before{content:"\\e001"} :root{--who:"Alice"}'
    page = snapshot(
        element(5, "title", words(6, "Alice")), element(7, "style", words(8, css)), element(9, "p", who="A")
    )
    passed = run(
        policy,
        page,
        mutation(adds=[add(BODY, words(10, "Alice"))], texts=[{"id": 6, "value": "Alice!"}]),
        mutation(attributes=[change(9, style={"--who": '"Alice"', "color": "red"})]),
        incremental(8, id=7, adds=[{"rule": 'b::after{content:"Alice"}', "index": 0}]),
        incremental(13, id=7, index=[0], set={"property": "content", "value": '"Alice"', "priority": ""}),
        incremental(15, id=1, styleIds=[1], styles=[{"styleId": 1, "rules": [{"rule": 'u{quotes:"Alice" "b"}'}]}]),
    )
    assert "Alice" not in str(passed.out)
    assert (
        shown(passed, 8)["textContent"] == 'p::after{content:"*****"} i::before{content:"\\e001"} :root{--who:"*****"}'
    )
    assert shown(passed, 9)["attributes"] == {"who": "*"}
    assert passed.out[2]["data"]["attributes"][0]["attributes"]["style"] == {"--who": '"*****"', "color": "red"}
    assert "Alice" in str(run("balanced", page).out)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{}", "https://site.example/users/alice/4711"),
        ("{parameters: [keep]}", "https://site.example/users/alice/4711?keep=1"),
        ("{parameters: ['*']}", "https://site.example/users/alice/4711?keep=1&token=2"),
        ("{keep_fragment: true}", "https://site.example/users/alice/4711#part"),
        ("{path_segments: ['[0-9]{1,9}']}", "https://site.example/users/alice/***"),
    ],
)
def test_urls(rule: str, expected: str) -> None:
    """Each rule about addresses holds for every address of the protocol."""
    css = f"p{{background:url({URL})}}"
    passed = run(
        f"{{urls: {rule}, console: {{messages: keep}}, network: {{requests: keep}}}}",
        meta(URL),
        snapshot(
            element(5, "a", href=URL),
            element(6, "img", srcset=f"{URL} 2x", style=f"background: URL( '{URL}' )"),
            element(7, "style", words(8, f'@import "{URL}"; p{{background:url({URL})}}'), _cssText=css),
            element(9, "svg", element(10, "use", **{"xlink:href": URL})),
        ),
        mutation(attributes=[change(5, style={"background": [f'url("{URL}")', "important"]})]),
        incremental(8, id=7, adds=[{"rule": css, "index": 0}], replace=css, replaceSync=css),
        incremental(13, id=7, index=[0], set={"property": "background", "value": f"url({URL})"}),
        incremental(15, id=1, styleIds=[1], styles=[{"styleId": 1, "rules": [{"rule": css}]}]),
        incremental(10, family="f", fontSource=f"url({URL})", buffer=False),
        plugin("rrweb/console@1", {"level": "log", "trace": [f"f ({URL}:1:2)"], "payload": [f'"see {URL}"']}),
        plugin("rrweb/network@1", {"requests": [{"name": URL, "method": "GET"}]}),
        incremental(11, level="log", trace=[], payload=[f'"{URL}"']),
    )
    assert passed.dropped == []
    text = str(passed.out)
    assert text.count(expected) == 19
    assert text.count("site.example") == 19
    assert ("token=2" in text) == ("token=2" in expected)
    assert ("part" in text) == ("part" in expected)


def test_urls_with_a_person_in_them() -> None:
    """An e-mail address in a path, and what mailto: names where all text is masked, is hidden."""
    assert attributes("balanced", "a", href="/u/a%40b.example/x")["href"] == "/u/***/x"
    assert attributes("balanced", "a", href="mailto:a@b.example")["href"] == "mailto:***"
    assert attributes("strict", "a", href="tel:+4712")["href"] == "tel:***"
    assert attributes("open", "a", href="/u/a@b.example/x")["href"] == "/u/a@b.example/x"


@pytest.mark.parametrize(
    ("rule", "name", "value", "expected"),
    [
        ("{labels: mask}", "title", "Al ice", "** ***"),
        ("{labels: mask}", "placeholder", "Name", "****"),
        ("{labels: mask}", "aria-label", "Name", "Name"),
        ("{aria: mask}", "aria-label", "Name", "****"),
        ("{aria: mask}", "data-x", "Name", "Name"),
        ("{data: mask}", "data-x", "Name", "****"),
        ("{data: mask}", "alt", "Name", "Name"),
        ("{data: mask_words}", "data-x", "Name", "Name"),
        ("{data: mask_words}", "data-x", "A Name", "* ****"),
        ("{data: mask_words}", "data-x", "a@b", "***"),
        ("{labels: mask, aria: mask, data: mask}", "class", "card", "card"),
    ],
)
def test_attributes(rule: str, name: str, value: str, expected: str) -> None:
    """Each rule about attributes holds for its names alone, at once and later."""
    passed = run(
        f"{{attributes: {rule}}}",
        snapshot(element(5, "p", **{name: value})),
        mutation(attributes=[{"id": 5, "attributes": {name: value}}]),
    )
    assert shown(passed, 5)["attributes"][name] == expected
    assert passed.last["attributes"][0]["attributes"][name] == expected


def test_canvas() -> None:
    """What is drawn passes or not, in the snapshot and later."""
    events = (
        snapshot(element(5, "canvas", rr_dataURL="data:image/png;base64,AA==")),
        incremental(9, id=5, type=0, commands=[{"property": "fillText", "args": ["Alice"]}]),
    )
    dropped, kept = run("{canvas: drop}", *events), run("{canvas: keep}", *events)
    assert (shown(dropped, 5)["attributes"], dropped.dropped) == ({}, [Reason.NOT_ALLOWED])
    assert (len(kept.out), kept.dropped) == (2, [])


def test_console() -> None:
    """Console messages, of the plugin and of old recorders, are dropped, masked or kept."""
    line: Json = {"level": "error", "trace": ["f (https://a.example/x.js?v=1:1:2)"], "payload": ['"Alice"', '{"a":1}']}
    events = (snapshot(), plugin("rrweb/console@1", line), incremental(11, **line))
    assert run("{console: {messages: drop}}", *events).dropped == [Reason.NOT_ALLOWED] * 2
    masked = run("{console: {messages: mask}}", *events).out
    for data in (masked[1]["data"]["payload"], masked[2]["data"]):
        assert data["level"] == "error"
        assert data["trace"] == ["f (https://a.example/x.js:1:2)"]
        assert data["payload"] == ['"***"', '"***"']
    kept = run("{console: {messages: keep}}", *events).out
    assert [each["data"].get("payload") for each in kept[2:]] == [line["payload"]]


def test_network() -> None:
    """Requests are dropped, lose bodies, or are kept; headers are those that are listed."""
    request = {
        "name": "https://a.example/x?token=1",
        "method": "POST",
        "status": 200,
        "requestHeaders": {"Authorization": "secret", "Content-Type": "text/plain"},
        "requestBody": "Alice",
        "novelty": "Alice",
    }
    events = (snapshot(), plugin("rrweb/network@1", {"requests": [request], "isInitial": True}))
    assert run("{network: {requests: drop}}", *events).dropped == [Reason.NOT_ALLOWED]
    masked = {"name": "https://a.example/x", "method": "POST", "status": 200}
    headers = {"requestHeaders": {"Content-Type": "text/plain"}}
    passed = run("{network: {requests: mask}}", *events).last["payload"]
    assert passed == {"requests": [masked | headers], "isInitial": True}
    passed = run("{network: {requests: keep, headers: [authorization]}}", *events).last["payload"]
    assert passed["requests"] == [masked | {"requestHeaders": {"Authorization": "secret"}, "requestBody": "Alice"}]


def test_fields_of_a_request() -> None:
    """Of a request only fields of known names pass, each in the form it has in the recorders that write it."""
    known: Json = {
        "name": "https://a.example/x",
        "entryType": "resource",
        "initiatorType": "xmlhttprequest",
        "method": "post",
        "nextHopProtocol": "h2",
        "contentType": "application/json",
        "renderBlockingStatus": "",
        "status": 200,
        "startTime": 1.5,
        "transferSize": 300,
        "isInitial": True,
        "endTime": None,
    }
    odd: Json = {
        "name": "Alice Smith",
        "method": "Alice Smith",
        "status": "Alice",
        "startTime": [4711],
        "timestamp": True,
        "isInitial": "Alice",
        "requestHeaders": {"content-type": ["Alice"]},
        "responseHeaders": "Alice",
        "responseBody": {"Alice": 1},
        "serverTiming": [{"name": "Alice", "duration": 1, "description": "Alice"}],
        "notRestoredReasons": {"url": "https://a.example/?Alice"},
        "4711": 4711,
        "detail": 4711,
    }
    events = (snapshot(), plugin("rrweb/network@1", {"requests": [known, odd], "Alice": 4711}))
    for rule in ("mask", "keep"):
        passed = run(f"{{network: {{requests: {rule}}}}}", *events)
        assert passed.last["payload"] == {"requests": [known, {}]}


def test_fields_of_a_console_message() -> None:
    """An entry may be null, as for a symbol; stack and level have their form, and nothing else passes."""
    line: Json = {"level": "log", "trace": ["g (blob:x:1:2)", "at Alice Smith:1:2", "Alice"], "payload": [None, '"A"']}
    events = (snapshot(), plugin("rrweb/console@1", line | {"Alice": 4711}))
    passed = run("{console: {messages: mask}}", *events).last["payload"]
    assert passed == {"level": "log", "trace": ["g (blob:x:1:2)", "", ""], "payload": ['"***"', '"***"']}
    assert run("{console: {messages: keep}}", *events).last["payload"] == line
    for odd in ({"level": "Alice"}, {"level": "log", "payload": [{"Alice": 1}]}):
        assert run("{console: {messages: mask}}", snapshot(), plugin("rrweb/console@1", odd)).dropped


def test_custom() -> None:
    """A custom event passes whole if its tag is listed; others are dropped, emptied or kept."""
    events = (snapshot(), custom("step"), custom("other"))
    whole: Json = {"name": "Alice"}
    empty: Json = {}

    def payloads(rule: str) -> list[Any]:
        return [each["data"]["payload"] for each in run(f"{{custom: {rule}}}", *events).out[1:]]

    assert payloads("{tags: [step], others: drop}") == [whole]
    assert payloads("{tags: [step], others: mask}") == [whole, empty]
    assert payloads("{tags: [step], others: keep}") == [whole, whole]
    assert payloads("{}") == [empty, empty]


def test_plugins() -> None:
    """A plugin's event passes if its name is listed or others are kept; canvas-webrtc never does."""
    events = (snapshot(), plugin("a"), plugin("b"), plugin("rrweb/canvas-webrtc@1"))

    def names(rule: str) -> list[str]:
        return [each["data"]["plugin"] for each in run(f"{{plugins: {rule}}}", *events).out[1:]]

    assert names("{names: [a]}") == ["a"]
    assert names("{names: [a], others: keep}") == ["a", "b"]
    assert names("{names: ['rrweb/canvas-webrtc@1']}") == []


@pytest.mark.parametrize(("rule", "expected"), [("drop", []), ("mask", ["*****"]), ("keep", ["Alice"])])
def test_annotations(rule: str, expected: list[str]) -> None:
    """Annotations are dropped, masked or kept."""
    annotation: Json = {"type": 8, "data": {"type": "caption", "text": "Alice"}, "timestamp": 200}
    passed = run(f"{{annotations: {rule}}}", snapshot(), annotation).out[1:]
    assert [each["data"]["text"] for each in passed] == expected
    annotation["data"]["type"] = "Alice"
    assert run(f"{{annotations: {rule}}}", snapshot(), annotation).dropped
