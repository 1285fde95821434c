"""What is left of a blocked element: a box of its size."""

from __future__ import annotations

import re

from processors.privacy.refusal import Json

_FLAGS = ("isShadow", "isShadowHost", "isSVG", "isCustom")
_PIXELS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?px")
_STYLE_SIZE = re.compile(r"(?:^|;)\s*+(width|height)\s*+:\s*+([0-9]{1,6}(?:\.[0-9]{1,6})?px)\s*+(?=;|$)")
_NUMBER = re.compile(r"[0-9]{1,6}")
_SIZED = frozenset({"img", "canvas", "video", "iframe", "svg", "object", "embed"})


def empty(node: Json) -> None:
    """Turn a serialized element into its placeholder, in place: the form the recorder itself gives blocked elements.

    Its size is what the recorder measured, else what the inline style or the size attributes say in pixels.
    """
    attributes = node.get("attributes")
    attributes = attributes if type(attributes) is dict else {}
    size = {f"rr_{name}": _declared(name, attributes, node["tagName"]) for name in ("width", "height")}
    kept: Json = {
        "type": node["type"],
        "tagName": node["tagName"],
        "attributes": {name: pixels for name, pixels in size.items() if pixels} | slim(attributes),
        "childNodes": [],
        "id": node["id"],
    }
    kept.update({flag: True for flag in _FLAGS if node.get(flag) is True})
    if type(node.get("rootId")) is int:
        kept["rootId"] = node["rootId"]
    node.clear()
    node.update(kept)


def slim(attributes: Json) -> Json:
    """The attributes a placeholder may be given: class and measured size."""
    slimmed: Json = {}
    if "class" in attributes and type(attributes["class"]) in (str, type(None)):
        slimmed["class"] = attributes["class"]
    for name in ("rr_width", "rr_height"):
        value = attributes.get(name)
        if type(value) is str and _PIXELS.fullmatch(value):
            slimmed[name] = value
    return slimmed


def _declared(name: str, attributes: Json, tag_name: str) -> str:
    style = attributes.get("style")
    if type(style) is str:
        for match in _STYLE_SIZE.finditer(style):
            if match[1] == name:
                return match[2]
    value = attributes.get(name)
    if tag_name in _SIZED and type(value) in (str, int) and _NUMBER.fullmatch(str(value)):
        return f"{value}px"
    return ""
