"""What the explanation says of events that carry no nodes: of the site's own code, plugins, style sheets."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from processors.privacy.explain.explain import explain
from tests.unit.processors.privacy.pages import change, element, incremental, meta, policy_of, snapshot

Json = dict[str, Any]
ADDRESS = "https://a.example/x?token=1"
CONSOLE: Json = {"level": "log", "trace": [f"at f ({ADDRESS})"], "payload": ['"secret"', '"more"']}
REQUEST: Json = {"name": ADDRESS, "method": "GET", "responseBody": "secret", "requestHeaders": {"cookie": "secret"}}


def _custom(tag: str, payload: Json) -> Json:
    return {"type": 5, "data": {"tag": tag, "payload": payload}, "timestamp": 200}


def _plugin(name: str, payload: Json) -> Json:
    return {"type": 6, "data": {"plugin": name, "payload": payload}, "timestamp": 200}


def _said(policy: str, *events: Json) -> list[tuple[str, str, str, str, int]]:
    """Action, subject, part, reason, times, of events after a page with one style sheet, node 5."""
    page = [meta(), snapshot(element(5, "style"))]
    findings = explain(map(orjson.dumps, [*page, *events]), policy_of(policy)).findings
    return [(what.action.value, what.subject, what.part, str(what.why), n) for what, n in findings.times.items()]


def test_an_emptied_custom_event_is_told_by_its_tag() -> None:
    """Each tag is told with how many of its events were emptied; a listed tag is not."""
    events = [_custom("cart", {"a": 1}), _custom("cart", {"a": 2}), _custom("page", {"b": 1}), _custom("empty", {})]
    assert _said("{custom: {tags: [page]}}", *events) == [
        ("removed", 'custom event "cart"', "payload", "custom.others: mask", 2)
    ]


@pytest.mark.parametrize(
    ("event", "subject", "why"),
    [
        (_custom("cart", {}), 'custom event "cart"', "custom.others: drop"),
        (_plugin("rrweb/console@1", CONSOLE), "plugin rrweb/console@1", "console.messages: drop"),
        (_plugin("rrweb/network@1", {"requests": []}), "plugin rrweb/network@1", "network.requests: drop"),
        (_plugin("rrweb/canvas-webrtc@1", {}), "plugin rrweb/canvas-webrtc@1", "always: never kept"),
        (_plugin("other@1", {}), "plugin other@1", "plugins.others: drop"),
        (incremental(11, **CONSOLE), "console, in rrweb's older form", "console.messages: drop"),
        ({"type": 8, "data": {"type": "caption", "text": "a"}, "timestamp": 200}, "annotation", "annotations: drop"),
    ],
)
def test_what_the_policy_does_not_allow_is_told_by_name_and_field(event: Json, subject: str, why: str) -> None:
    """A dropped event of the site or of a plugin names itself and the field of the policy that decides."""
    ((action, said_subject, _, said_why, times),) = _said("strict", event, event)
    assert (action, said_subject, said_why, times) == ("dropped", subject, why, 2)


def test_masked_console_messages_are_counted() -> None:
    """Each entry of a message and each line of its stack that changed counts."""
    assert _said("{console: {messages: mask}}", _plugin("rrweb/console@1", CONSOLE)) == [
        ("removed", "plugin rrweb/console@1", "payload.trace", "console.messages: mask", 1),
        ("masked", "plugin rrweb/console@1", "payload.payload", "console.messages: mask", 2),
    ]


def test_what_is_taken_from_requests_is_told_field_by_field() -> None:
    """Bodies, headers and addresses of requests are named, not shown."""
    said = _said("{network: {requests: mask}}", _plugin("rrweb/network@1", {"requests": [REQUEST, REQUEST]}))
    assert said == [
        ("cut", "plugin rrweb/network@1", "payload.requests.name", "urls: addresses are cut", 2),
        ("removed", "plugin rrweb/network@1", "payload.requests.responseBody", "network.requests: mask", 2),
        ("removed", "plugin rrweb/network@1", "payload.requests.requestHeaders", "network.requests: mask", 2),
    ]


def test_a_masked_annotation_is_told() -> None:
    """A caption that became stars is masked by its field."""
    event = {"type": 8, "data": {"type": "caption", "text": "a secret"}, "timestamp": 200}
    assert _said("{annotations: mask}", event) == [("masked", "annotation", "text", "annotations: mask", 1)]


def test_a_cut_style_rule_is_told_on_its_sheet() -> None:
    """Text that a script puts into a style sheet is told on the element that holds it."""
    rule = incremental(8, id=5, adds=[{"rule": f"a {{ background: url({ADDRESS}) }}", "index": 0}])
    assert _said("balanced", rule) == [
        ("cut", "html > body > style", "adds.rule of style_sheet_rule", "urls: addresses are cut", 1)
    ]


def test_fields_that_rrweb_does_not_define_are_told() -> None:
    """What is left out because nothing is known about it is not silent."""
    position = {"x": 0, "y": 0, "id": 5, "timeOffset": 0}
    events = [
        {**incremental(4, width=1, height=1, extra="secret"), "note": {"a": 1}},
        incremental(1, positions=[position], extra="secret"),
        incremental(0, adds=[], removes=[], texts=[], attributes=[change(5, id="x")], extra="secret"),
        {**meta(at=200), "data": {**meta()["data"], "extra": "secret"}},
        {"type": 1, "data": {"extra": "secret"}, "timestamp": 200},
        {"type": 1, "timestamp": 200},
        snapshot(at=200),
    ]
    names = ["viewport_resize", "mouse_move", "mutation", "load", "meta"]
    assert [part for _, _, part, why, _ in _said("balanced", *events) if why == "always: only known fields stay"] == [
        "extra of viewport_resize",
        "mark note of viewport_resize",
        *(f"extra of {name}" for name in names[1:]),
    ]
