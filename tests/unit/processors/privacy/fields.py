"""Every place of an event whose text some rule reads, as an event with a text put there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.unit.processors.privacy.pages import (
    BODY,
    Json,
    add,
    change,
    document,
    element,
    incremental,
    meta,
    mutation,
    snapshot,
    words,
)

Build = Callable[[str], Json]

# Elements of the page the events are about, by id.
FIELD, PASSWORD, AREA, SELECT, OPTION, TEXT, STYLE, CANVAS, VIDEO, MASKED, BLOCKED, HOST, LINK, SVG, META = range(
    10, 25
)
OPEN_SHEET, MASKED_SHEET = 1, 2
NEW = 100


def page() -> list[Json]:
    """Events after which all others may come."""
    sheets = (
        incremental(15, id=BODY, styleIds=[OPEN_SHEET], styles=[{"styleId": OPEN_SHEET, "rules": []}]),
        incremental(15, id=MASKED, styleIds=[MASKED_SHEET], styles=[{"styleId": MASKED_SHEET, "rules": []}]),
    )
    elements = [
        element(FIELD, "input", type="text"),
        element(PASSWORD, "input", type="password"),
        element(AREA, "textarea"),
        element(SELECT, "select", element(OPTION, "option")),
        element(TEXT, "p", words(50, "x")),
        element(STYLE, "style", words(51, "a{}")),
        element(CANVAS, "canvas"),
        element(VIDEO, "video"),
        element(MASKED, "div", words(52, "x"), element(60, "svg"), class_="rr-mask"),
        element(BLOCKED, "div", class_="rr-block"),
        element(HOST, "x-host"),
        element(LINK, "link", rel="stylesheet"),
        element(SVG, "svg"),
        element(META, "meta"),
        element(61, "noscript", words(53, "x")),
        element(62, "script", words(54, "x")),
    ]
    return [meta(), snapshot(*elements), *sheets]


_NAMES = """
    class id name for is type role sizes autocomplete href action src poster srcset imagesrcset rrweb-original-srcset
    xlink:href data style _cssText rr_dataURL rr_width width value checked content title alt placeholder label
    aria-label aria-valuetext data-x data-rr-is-password ng-x onclick srcdoc d fill http-equiv"""
_ATTRIBUTES = _NAMES.split()
_OF_ELEMENTS = ("style", "href", "d", "value", "content", "data-x", "ng-x", "type", "autocomplete")
_ELEMENTS = {
    "a": (TEXT, "a", {}),
    "input": (FIELD, "input", {"type": "text"}),
    "password": (PASSWORD, "input", {"type": "password"}),
    "masked": (MASKED, "p", {"class": "rr-mask"}),
    "svg": (SVG, "svg", {}),
    "meta": (META, "meta", {"name": "viewport"}),
    "link": (LINK, "link", {"rel": "stylesheet"}),
}


def _new(tag: str, given: Json, name: str) -> Build:
    def build(value: str) -> Json:
        node = element(NEW, tag)
        node["attributes"] = {**given, name: value}
        node["isSVG"] = tag == "svg"
        return mutation(adds=[add(BODY, node)])

    return build


def _changed(node_id: int, name: str) -> Build:
    return lambda value: mutation(attributes=[change(node_id, **{name: value})])


def _text_in(parent: int) -> Build:
    return lambda value: mutation(adds=[add(parent, words(NEW, value))])


def _custom(**data: Any) -> Json:
    return {"type": 5, "data": data, "timestamp": 200}


def _plugin(name: str, payload: Any) -> Json:
    return {"type": 6, "data": {"plugin": name, "payload": payload}, "timestamp": 200}


def _log(**data: Any) -> Json:
    return _plugin("rrweb/console@1", {"level": "log", "trace": [], "payload": [], **data})


def _request(**data: Any) -> Json:
    return _plugin("rrweb/network@1", {"requests": [{"name": "/", "method": "GET", **data}]})


def _full(value: str, **node: Any) -> Json:
    event = snapshot(element(NEW, "p"))
    event["data"]["node"]["childNodes"].insert(0, {"type": 1, "id": 99, "name": "html", **node})
    return event


def fields() -> dict[str, Build]:
    """The places, by name."""
    found: dict[str, Build] = {}
    for kind, (node_id, tag, given) in _ELEMENTS.items():
        # By name alone, but for what hangs on the element.
        for name in _ATTRIBUTES if kind == "a" else _OF_ELEMENTS:
            found[f"{kind}[{name}]"] = _new(tag, given, name)
        for name in ("class", "style", "value") if kind in ("a", "masked", "password") else ():
            found[f"{kind}[{name}] changed"] = _changed(node_id, name)
    for name in ("color", "content", "background", "--x", "list-style"):
        for node_id in (TEXT, MASKED, PASSWORD):
            found[f"{node_id} style.{name}"] = lambda value, n=name, i=node_id: mutation(  # type: ignore[misc]
                attributes=[change(i, style={n: value})]
            )
            found[f"{node_id} style.{name} with priority"] = lambda value, n=name, i=node_id: mutation(  # type: ignore[misc]
                attributes=[change(i, style={n: [value, "important"]})]
            )
    found["style property"] = lambda value: mutation(attributes=[change(TEXT, style={value: "x"})])
    found["attribute name"] = lambda value: mutation(attributes=[change(TEXT, **{value: "x"})])
    found["tag name"] = lambda value: mutation(adds=[add(BODY, element(NEW, value))])
    found["box"] = lambda value: mutation(adds=[add(BODY, element(NEW, "p", class_="rr-block", style=value))])
    for name in ("compatMode",):
        found[f"document {name}"] = lambda value, n=name: (
            _full(value)
            | {  # type: ignore[misc]
                "data": {**snapshot()["data"], "node": {**document(1), n: value}}
            }
        )
    for name in ("name", "publicId", "systemId"):
        found[f"doctype {name}"] = lambda value, n=name: _full(value, **{n: value})  # type: ignore[misc]
    texts = {
        "p": TEXT,
        "style": STYLE,
        "textarea": AREA,
        "option": OPTION,
        "mask": MASKED,
        "noscript": 61,
        "script": 62,
    }
    for tag, parent in texts.items():
        found[f"text in {tag}"] = _text_in(parent)
    for node_id in (50, 51, 52, 53, 54):
        found[f"text {node_id} changed"] = lambda value, i=node_id: mutation(texts=[{"id": i, "value": value}])  # type: ignore[misc]
    for type_ in (4, 5):
        found[f"node of type {type_}"] = lambda value, t=type_: mutation(  # type: ignore[misc]
            adds=[add(BODY, {"type": t, "textContent": value, "id": NEW})]
        )
    for node_id in (FIELD, PASSWORD, AREA, SELECT):
        found[f"typed into {node_id}"] = lambda value, i=node_id: incremental(5, id=i, text=value, isChecked=False)  # type: ignore[misc]
    for sheet in (OPEN_SHEET, MASKED_SHEET):
        found[f"rule of {sheet}"] = lambda value, s=sheet: incremental(8, styleId=s, adds=[{"rule": value, "index": 0}])  # type: ignore[misc]
        for name in ("replace", "replaceSync"):
            found[f"{name} {sheet}"] = lambda value, s=sheet, n=name: incremental(8, styleId=s, **{n: value})  # type: ignore[misc]
        for name in ("color", "content", "--x", "symbols"):
            found[f"{name} of {sheet}"] = lambda value, s=sheet, n=name: incremental(  # type: ignore[misc]
                13, styleId=s, index=[0], set={"property": n, "value": value, "priority": ""}
            )
        for name in ("property", "priority"):
            found[f"{name} of {sheet}"] = lambda value, s=sheet, n=name: incremental(  # type: ignore[misc]
                13, styleId=s, index=[0], set={"property": "color", "value": "x", "priority": "", n: value}
            )
            found[f"{name} removed of {sheet}"] = lambda value, s=sheet, n=name: incremental(  # type: ignore[misc]
                13, styleId=s, index=[0], remove={"property": "color", n: value}
            )
    for node_id in (BODY, MASKED):
        found[f"adopted by {node_id}"] = lambda value, i=node_id: incremental(  # type: ignore[misc]
            15, id=i, styleIds=[3], styles=[{"styleId": 3, "rules": [{"rule": value, "index": 0}]}]
        )
    found["rule of an element"] = lambda value: incremental(8, id=STYLE, adds=[{"rule": value}])
    for kind in ("url", "buffer"):
        found[f"font {kind}"] = lambda value, k=kind: incremental(  # type: ignore[misc]
            10, family="f", fontSource=value, buffer=k == "buffer"
        )
    found["font family"] = lambda value: incremental(10, family=value, fontSource="/x", buffer=False)
    found["font descriptor"] = lambda value: incremental(
        10, family="f", fontSource="/x", buffer=False, descriptors={"style": value, value: "x"}
    )
    found["canvas property"] = lambda value: incremental(
        9, id=CANVAS, type=0, commands=[{"property": value, "args": ["x"]}]
    )
    found["canvas argument"] = lambda value: incremental(
        9, id=CANVAS, type=0, property="fillText", args=[value, {"src": value}]
    )
    found["canvas picture"] = lambda value: incremental(
        9, id=CANVAS, type=0, property="drawImage", args=[{"rr_type": "HTMLImageElement", "src": value}]
    )
    found["href"] = meta
    found["href of a page"] = lambda value: meta(f"https://site.example/{value}")
    found["tag"] = lambda value: _custom(tag=value, payload={})
    found["custom"] = lambda value: _custom(tag="t", payload={"x": value})
    found["plugin"] = lambda value: _plugin(value, {})
    found["plugin's payload"] = lambda value: _plugin("other", value)
    found["console level"] = lambda value: _log(level=value)
    found["console entry"] = lambda value: _log(payload=[value])
    found["console trace"] = lambda value: _log(trace=[value])
    found["log"] = lambda value: incremental(11, level="log", payload=[value], trace=[value])
    for name in ("name", "method", "initiatorType", "contentType", "requestBody", "responseBody", "isInitial"):
        found[f"request {name}"] = lambda value, n=name: _request(**{n: value})  # type: ignore[misc]
    found["request header"] = lambda value: _request(requestHeaders={"content-type": value, value: "x"})
    found["request field"] = lambda value: _request(**{value: "x"})
    found["annotation"] = lambda value: {"type": 7, "data": {"type": "caption", "text": value}, "timestamp": 200}
    found["custom element"] = lambda value: incremental(16, define={"name": value})
    found["mark"] = lambda value: incremental(4, width=1, height=1) | {"windowId": value}
    found["name of a mark"] = lambda value: incremental(4, width=1, height=1) | {value: "x1"}
    found["field"] = lambda value: {"type": 3, "data": {"source": 4, "width": 1, value: "x"}, "timestamp": 200}
    return found
