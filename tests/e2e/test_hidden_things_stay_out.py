"""One payload for each way in which something private was once let through: behind privacy none of it is anywhere."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.e2e.needles import found_in
from tests.e2e.payloads import BUTTON, Event, PageLoad, click, now_ms, packed
from tests.e2e.reading import Reader, query, raw_query, wait_for
from tests.e2e.stack import Stack
from tests.e2e.topics import read
from tests.unit.processors.privacy.pages import (
    add,
    change,
    element,
    incremental,
    meta,
    mutation,
    snapshot,
    words,
)

Way = Callable[[str], list[Event]]
AFTER_PRIVACY = ("replay.redacted.v1", "replay.parts.v1", "replay.blocks.v1")


def _page(*children: Event) -> Event:
    return snapshot(element(BUTTON, "button", words(6, "Press")), *children)


def _spelled(node_id: int, tag: str, *children: Event, **attributes: Any) -> Event:
    return {**element(node_id, tag, *children), "attributes": attributes}


def _typed(node_id: int, text: str) -> Event:
    return incremental(5, id=node_id, text=text, isChecked=False)


def _addresses(needle: str) -> list[Event]:
    signed = f"https://u:{needle}@cdn.example/a.png?signature={needle}#{needle}"
    state = json.dumps({"next": f"/reset?token={needle}", "deep": json.dumps({"at": signed})}).replace("/", "\\/")
    names = ("title", "alt", "aria-label", "data-next", "made-up", "name", "placeholder")
    holders = [_spelled(20, "p", **dict.fromkeys(names, signed)), _spelled(21, "iframe", name=f"blob:{signed}")]
    chosen = element(23, "option", value=f"/go?token={needle}", data_state=state)
    holders += [element(22, "select", chosen), element(24, "button", value=signed), element(25, "canvas")]
    picture = {"rr_type": "HTMLImageElement", "src": signed}
    return [
        _page(*holders),
        incremental(9, id=25, type=0, commands=[{"property": "drawImage", "args": [picture, 0, 0]}]),
        incremental(9, id=25, type=0, property="fillText", args=[f"open {signed}", 0, 0]),
        incremental(10, family="F", fontSource=f"URL(/f.woff?{needle})", buffer=False),
        mutation(attributes=[change(20, title=signed, **{"data-state": state})]),
    ]


def _wrapper(needle: str) -> list[Event]:
    inside = [element(21, "input", value=needle, data_copy=needle), element(22, "textarea", words(23, needle))]
    form = element(20, "form", *inside, class_="rr-ignore")
    return [_page(form), _typed(21, needle), mutation(adds=[add(20, element(24, "input", value=needle))])]


def _editable(needle: str) -> list[Event]:
    lines = element(21, "div", element(22, "p", words(23, needle)), contenteditable="plaintext-only")
    later = mutation(texts=[{"id": 23, "value": f"{needle} more"}])
    return [_page(element(20, "section", lines, class_="rr-ignore")), later]


def _slotted(needle: str) -> list[Event]:
    wall = element(21, "div", element(22, "slot"), class_="rr-block") | {"isShadow": True}
    held = element(23, "p", words(24, needle), title=needle)
    host = element(20, "x-card", held, wall) | {"isShadowHost": True}
    return [_page(host), mutation(texts=[{"id": 24, "value": needle}]), mutation(adds=[add(20, words(25, needle))])]


def _codes(needle: str) -> list[Event]:
    boxes = [element(20 + at, "input", maxlength="1", value=needle) for at in range(6)]
    return [_page(*boxes), *(_typed(20 + at, needle) for at in range(6))]


def _named(needle: str) -> list[Event]:
    names = ("cardNumber", "cvc", "otp-code", "exp_month")
    held = [element(20 + at, "input", name=name, value=needle) for at, name in enumerate(names)]
    return [_page(*held, element(30, "input", id="card_number", value=needle)), _typed(20, needle), _typed(30, needle)]


def _spellings(needle: str) -> list[Event]:
    held = [
        _spelled(20, "input", TYPE="password", VALUE=needle),
        _spelled(21, "div", words(22, needle), CLASS="rr-block"),
        _spelled(23, "input", value=needle, type="text", Type="password"),
        element(24, "input"),
    ]
    late = [{"id": 24, "attributes": {"TYPE": "password", "Value": needle}}]
    return [_page(*held), mutation(attributes=late), _typed(24, needle), _typed(20, needle)]


def _other_elements(needle: str) -> list[Event]:
    held = [
        element(20, "html:input", type="password", value=needle),
        element(21, "x-password", words(22, needle), type="password", value=needle),
    ]
    return [_page(*held), mutation(attributes=[change(21, value=needle)], texts=[{"id": 22, "value": needle}])]


def _typed_text(needle: str) -> list[Event]:
    """What people type, into fields that say nothing of themselves."""
    held = [
        element(20, "input", value=needle, title=f"Name: {needle}"),
        element(21, "textarea", words(22, needle), value=needle),
        element(23, "div", element(24, "p", words(25, needle)), contenteditable="true"),
        element(26, "div", words(27, needle), role="textbox"),
        element(28, "input", type="file", value=f"C:\\fakepath\\{needle}.pdf", data_name=needle),
        element(29, "x-field", value=needle),
        element(30, "td", words(31, "12")),
        element(32, "canvas"),
    ]
    later = mutation(attributes=[change(30, contenteditable=""), change(20, placeholder=needle)])
    texts = mutation(texts=[{"id": node_id, "value": f"{needle} more"} for node_id in (22, 25, 27, 31)])
    drawn = incremental(9, id=32, type=0, property="fillText", args=[needle, 0, 0])
    return [_page(*held), *(_typed(node_id, needle) for node_id in (20, 21, 28)), later, texts, drawn]


def _marks(needle: str) -> list[Event]:
    return [_page(), {**incremental(4, width=800, height=600), "note": needle, "windowId": f"a-{needle}"}]


WAYS: dict[str, Way] = {
    way.__name__[1:]: way
    for way in (
        _addresses,
        _wrapper,
        _editable,
        _slotted,
        _codes,
        _named,
        _spellings,
        _other_elements,
        _typed_text,
        _marks,
    )
}


@pytest.fixture(scope="module")
def needles() -> dict[str, str]:
    """A text for each way in; digits and letters, as a mark of the envelope could have."""
    return {name: f"Robin{secrets.token_hex(8)}" for name in WAYS}


@pytest.fixture(scope="module")
def sessions(stack: Stack, needles: dict[str, str]) -> dict[str, str]:
    """A session for each, ended with a click."""
    sent = {}
    for number, (name, way) in enumerate(WAYS.items()):
        load = PageLoad(stack.gateway)
        events = [meta("https://shop.example/page"), *way(needles[name]), click(number, number)]
        at = now_ms()
        load.send([{**event, "timestamp": at + step} for step, event in enumerate(events)])
        sent[name] = load.session
    return sent


@pytest.mark.parametrize("name", WAYS)
def test_it_is_not_read(sessions: dict[str, str], needles: dict[str, str], demo: Reader, name: str) -> None:
    """The recording is there, with what followed the hidden thing, and without that."""
    session = sessions[name]
    wait_for(f"the click of {name}", partial(demo.marks, session))
    paths = (f"/api/recordings/{session}/events", f"/api/recordings/{session}", "/api/recordings", "/api/losses")
    for path in paths:
        assert not found_in(demo.get(path).content, needles), path


def test_it_is_not_stored(stack: Stack, sessions: dict[str, str], needles: dict[str, str], demo: Reader) -> None:
    """It was sent, so it is on the raw topic; it is on no topic behind privacy and in no table."""
    for name, session in sessions.items():
        wait_for(f"the click of {name}", partial(demo.marks, session))
    keys = {f"demo:{session}" for session in sessions.values()}
    raw = b"".join(found.value for found in read(stack.brokers, ["replay.raw.v1"]) if found.key in keys)
    assert found_in(raw, needles) == set(needles)
    for topic in AFTER_PRIVACY:
        after = b"".join(found.value + repr(found.headers).encode() for found in read(stack.brokers, [topic]))
        assert not found_in(after, needles), topic
    for table in query(stack, "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine != 'View'"):
        assert not found_in(raw_query(stack, f"SELECT * FROM `{table['name']}` FORMAT RowBinary"), needles), table


def test_who_sends_the_signal_is_not_recorded(stack: Stack, demo: Reader) -> None:
    """A project that says nothing honours Global Privacy Control: no recording, and a loss that says why."""
    load = PageLoad(stack.gateway)
    answer = load.post(packed([meta(), _page(), click(1, 1)]), headers={"Sec-GPC": "1"})
    assert answer.status_code == 202
    load.send([click(2, 2)])
    losses = wait_for("both losses", lambda: found if len(found := demo.losses(session=load.session)) > 1 else None)
    assert {loss["reason"] for loss in losses} == {"opted_out"}
    assert demo.get(f"/api/recordings/{load.session}").status_code == 404
