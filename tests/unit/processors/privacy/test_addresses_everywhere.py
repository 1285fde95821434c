"""Every string that can hold an address loses the secret parts of it, wherever the protocol has room for one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.processors.privacy.pages import (
    Run,
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
SECRET = "s3cr3t"
OPEN = policy_of("open")
SIGNED = f"https://u:{SECRET}@cdn.example/a.png?X-Amz-Signature={SECRET}#{SECRET}"


@pytest.mark.parametrize(
    "address",
    [
        SIGNED,
        f"blob:https://a.example/0190a0a0?{SECRET}",
        f"//u:{SECRET}@a.example/x?token={SECRET}",
        f"see https://a.example/x?token={SECRET} and https://b.example/#token={SECRET}",
        f"https://a.example/x?ids[]={SECRET}&name=O'{SECRET}(1)",
        f"/reset?token={SECRET}",
        f"reset?token={SECRET}",
        f"../reset?{SECRET}",
        f"?token={SECRET}",
        f"#access_token={SECRET}",
        f"page.html#token={SECRET}",
        f"#/reset?{SECRET}",
        f"/x;jsessionid={SECRET}",
        json.dumps({"next": f"/reset?token={SECRET}", "n": [f"x?a={SECRET}"], "who": f"/x?name={SECRET} {SECRET}"}),
        json.dumps({"next": f"https://a.example/x?token={SECRET}"}).replace("/", "\\/"),
        '{"next":"\\/reset\\u003ftoken=' + SECRET + '"}',
        json.dumps({"deep": json.dumps({"next": f"/reset?token={SECRET}"}).replace("/", "\\/")}),
        f"mailto:a@b.example?body={SECRET}&cc={SECRET}",
    ],
)
@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("p", "title"),
        ("img", "alt"),
        ("input", "placeholder"),
        ("p", "aria-label"),
        ("p", "aria-description"),
        ("p", "data-next"),
        ("p", "made-up"),
        ("option", "value"),
        ("button", "value"),
        ("li", "value"),
        ("iframe", "name"),
        ("option", "label"),
    ],
)
def test_in_attributes(tag: str, name: str, address: str) -> None:
    """An address in any attribute, in the snapshot and in a change, alone, in a sentence or in JSON."""
    page = snapshot(element(10, "div", {**element(11, tag), "attributes": {name: address}}))
    run = Run().feed(meta(), page, mutation(attributes=[change(11, **{name: address})]))
    assert SECRET not in str(run.out)
    assert len(run.out) == 3


@pytest.mark.parametrize("name", ["class", "id", "slot", "for", "part", "type", "rel", "target", "role", "checked"])
def test_in_names_and_keywords(name: str) -> None:
    """Also where a page has names and keywords, a query is cut."""
    attributes = {name: f"https://a.example/x?token={SECRET}"}
    run = Run().feed(meta(), snapshot({**element(11, "p"), "attributes": dict(attributes)}))
    assert SECRET not in str(run.feed(mutation(attributes=[{"id": 11, "attributes": attributes}])).out)


@pytest.mark.parametrize(("kind", "value"), [("submit", "value"), ("button", "value"), ("radio", "value")])
def test_in_values_of_the_page_s_own(kind: str, value: str) -> None:
    """Buttons and boxes have values that the page chose, and a list tells the value of the option that was chosen."""
    address = f"/act?token={SECRET}"
    field = element(10, "input", type=kind, **{value: address})
    chosen = element(12, "select", element(13, "option", words(14, "x"), value=address), value=address)
    run = Run().feed(meta(), snapshot(field, chosen), incremental(5, id=12, text=address, isChecked=False))
    run.feed(incremental(5, id=10, text=address, isChecked=True))
    assert SECRET not in str(run.out)
    assert run.out[2]["data"]["text"] == "/act"


@pytest.mark.parametrize(
    "words_of_the_page",
    [
        "a/b?c",
        "really?",
        "Who? Me = you; and/or #1 50% a@b.example",
        "w-1/2 md:[&>a]:p-1 bg-[#fff]",
        '{"a":[1,2.50,"x\\u00e9\\/y"],"b":"#fff"}',
        "C:\\new\\table",
        "rgb(1 2 3); x: y",
        "what # = ?",
    ],
)
def test_what_is_no_address_stays(words_of_the_page: str) -> None:
    """Words, JSON and names without addresses stay as they are, character by character."""
    given = dict.fromkeys(("title", "aria-label", "data-x", "class", "made-up"), words_of_the_page)
    run = Run().feed(meta(), snapshot({**element(10, "p"), "attributes": dict(given)}))
    assert shown(run, 10)["attributes"] == given


def test_what_remains_of_json_can_be_read() -> None:
    """JSON in an attribute is JSON afterwards too, with all but the secret parts."""
    inner = json.dumps({"next": f"/reset?token={SECRET}", "n": 1})
    page = json.dumps({"a": f"/x?q={SECRET}", "b": inner, "c": [f"https:\\/\\/a.example\\/é?q={SECRET}", None, 2.50]})
    run = Run().feed(meta(), snapshot(element(10, "p", data_state=page.replace("\\\\/", "\\/"))))
    left = json.loads(shown(run, 10)["attributes"]["data-state"])
    assert SECRET not in str(left)
    assert json.loads(left["b"]) == {"next": "/reset", "n": 1}
    assert left["c"] == ["https://a.example/é", None, 2.5]


PICTURE = {"rr_type": "HTMLImageElement", "src": SIGNED}


@pytest.mark.parametrize(
    "command",
    [
        {"property": "drawImage", "args": [PICTURE, 0, 0]},
        {"property": "drawImage", "args": [{"rr_type": "ImageBitmap", "args": [PICTURE]}, 0, 0]},
        {
            "property": "createPattern",
            "args": [{"rr_type": "ImageBitmap", "args": [{"rr_type": "Blob", "data": [PICTURE]}]}],
        },
        {"property": "fillText", "args": [f"open {SIGNED}", 0, 0]},
        {"property": "filter", "args": [f"url(/f.svg?token={SECRET})"], "setter": True},
        {"property": "texImage2D", "args": [[[{"deep": [{"src": f"/a.png?{SECRET}"}]}]]]},
        {"property": "shaderSource", "args": ["$1", f"// {SIGNED}\nx = a?b=1.:2."]},
        {"property": SIGNED, "args": [{SIGNED: 1}]},
    ],
)
@pytest.mark.parametrize("inlined", [True, False])
def test_on_a_canvas(command: Json, inlined: bool) -> None:
    """Addresses of pictures that are drawn, and in words that are, however deep they are packed."""
    data = command if inlined else {"commands": [command, command]}
    run = Run(OPEN).feed(meta(), snapshot(element(10, "canvas")), incremental(9, id=10, type=0, **data))
    assert SECRET not in str(run.out)
    assert run.last["source"] == 9


def test_what_is_drawn_stays() -> None:
    """Bytes, colours, numbers, programs and pictures within the recording are drawn as they were."""
    args = [
        {"rr_type": "ArrayBuffer", "base64": "/9j/4AAQ;"[:8] + "=="},
        {"rr_type": "HTMLImageElement", "src": "data:image/png;base64,iVBO/x+="},
        "#fff",
        1.5,
        None,
        "12px serif",
    ]
    program = {"property": "shaderSource", "args": ["$1", "a=b?c=1.:d=2.; // x"]}
    event = incremental(9, id=10, type=1, commands=[{"property": "fill", "args": args}, program])
    assert Run(OPEN).feed(meta(), snapshot(element(10, "canvas")), event).out[-1] == event


@pytest.mark.parametrize(
    "source",
    [f"URL(/f.woff?{SECRET})", f'Url("/f.woff?{SECRET}")', f"/f.woff?{SECRET}", f"local(x), UrL( '{SIGNED}' )"],
)
def test_in_fonts(source: str) -> None:
    """A font's source is cut however url() is spelled; so are its family and descriptors; its bytes are bytes."""
    font: Json = {"family": SIGNED, "buffer": False, "descriptors": {"variant": SIGNED}}
    run = Run().feed(meta(), snapshot(), incremental(10, fontSource=source, **font))
    assert SECRET not in str(run.out)
    assert run.last["source"] == 10
    run.feed(
        incremental(10, family="F", fontSource=source, buffer=True),
        incremental(10, family="F", fontSource="[1,2]", buffer=True),
    )
    assert run.last["fontSource"] == "[1,2]"
    assert SECRET not in str(run.out)


@pytest.mark.parametrize(
    "event",
    [
        {
            "type": 5,
            "data": {"tag": "t", "payload": {"$current_url": SIGNED, "deep": [{SIGNED: [SIGNED]}]}},
            "timestamp": 9,
        },
        {"type": 5, "data": {"tag": SIGNED, "payload": SIGNED}, "timestamp": 9},
        {"type": 6, "data": {"plugin": "mine", "payload": [{"at": SIGNED}]}, "timestamp": 9},
        {"type": 8, "data": {"type": "caption", "text": f"at {SIGNED}"}, "timestamp": 9},
        {
            "type": 6,
            "data": {
                "plugin": "rrweb/console@1",
                "payload": {
                    "level": "log",
                    "payload": [json.dumps(f"GET /x?token={SECRET}")],
                    "trace": [f"f ({SIGNED}:1:2)"],
                },
            },
            "timestamp": 9,
        },
    ],
)
def test_in_what_the_site_sends_itself(event: Json) -> None:
    """What `open` keeps of custom events, plugins, captions and the console has its addresses cut."""
    run = Run(OPEN).feed(meta(), snapshot(), event)
    assert SECRET not in str(run.out)
    assert len(run.out) == 3


def test_in_headers_and_bodies() -> None:
    """So has what a policy keeps of requests."""
    policy = policy_of("{preset: open, network: {requests: keep, headers: [location, content-type]}}")
    request = {"name": SIGNED, "responseHeaders": {"location": SIGNED}, "responseBody": json.dumps({"next": SIGNED})}
    event = {"type": 6, "data": {"plugin": "rrweb/network@1", "payload": {"requests": [request]}}, "timestamp": 9}
    run = Run(policy).feed(meta(), snapshot(), event)
    assert SECRET not in str(run.out)
    assert set(run.last["payload"]["requests"][0]) == set(request)


@pytest.mark.parametrize(
    ("name", "value"),
    [("note", "alice1980"), ("user", 4711), ("ok", True), ("v", "alice1"), ("windowId", "alice-1980-xyz")],
)
def test_marks_of_the_envelope(name: str, value: Any) -> None:
    """Of what others add to the envelope only known marks pass, and only in their form."""
    assert name not in Run().feed(incremental(4, width=1, height=1) | {name: value}).out[0]
