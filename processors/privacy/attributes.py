"""Attributes of one element, changed in place. A table says what each name needs; the rest of the code asks it."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from typing import Any

from processors.privacy.nodes import (
    CHECKABLE,
    FIELDS,
    HIDDEN,
    IGNORE,
    INPUT,
    LINK,
    META,
    OPTION,
    SECRET,
    SVG,
    input_kind,
    tag_of,
)
from processors.privacy.policy import Policy
from processors.privacy.refusal import Json
from processors.privacy.urls import strip_srcset, strip_url
from processors.privacy.values import mask_field, mask_text


class Rule(IntEnum):
    """What a name asks for. PLAIN_TEXT and UNKNOWN are masked under a mask; KEPT never is."""

    KEPT = 0
    UNKNOWN = 1
    PLAIN_TEXT = 2
    REMOVED = 3
    URL = 4
    SRCSET = 5
    VALUE = 6
    STATE = 7
    META_CONTENT = 8
    STYLE = 9
    CSS = 10
    PIXELS = 11


_NAMES: dict[Rule, str] = {
    # Layout and behaviour of the page, not words about a person.
    Rule.KEPT: """
        class id type role width height size rows cols colspan rowspan span scope headers start for name method target
        rel media as charset http-equiv autocomplete inputmode contenteditable draggable spellcheck dir lang tabindex
        hidden disabled readonly required multiple open maxlength minlength min max step wrap align valign bgcolor color
        border cellpadding cellspacing face loop muted controls playsinline preload crossorigin loading decoding
        referrerpolicy sandbox allow allowfullscreen frameborder scrolling marginwidth marginheight xmlns slot is part
        enctype novalidate popover inert translate enterkeyhint accept reversed sizes
        rr_width rr_height rr_scrollleft rr_scrolltop rr_mediastate rr_mediacurrenttime rr_mediaplaybackrate
        rr_mediamuted rr_medialoop rr_mediavolume rr_open_mode data-rr-is-password""",
    Rule.PLAIN_TEXT: "placeholder title alt label summary xlink:title",
    Rule.REMOVED: "srcdoc nonce integrity",
    Rule.URL: """
        href action formaction src poster cite data background xlink:href rr_src ping manifest longdesc codebase
        classid profile usemap icon rrweb-original-src""",
    Rule.SRCSET: "srcset imagesrcset rrweb-original-srcset",
    Rule.VALUE: "value",
    Rule.STATE: "checked selected",
    Rule.META_CONTENT: "content",
    Rule.STYLE: "style",
    Rule.CSS: "_csstext",
    Rule.PIXELS: "rr_dataurl",
}
_RULES = {name: rule for rule, names in _NAMES.items() for name in names.split()}
_SCALARS = frozenset({str, int, float, bool, type(None)})
# `<meta>` whose content the browser acts on when the page is rebuilt; others may hold tokens.
_HARMLESS_META = frozenset({"viewport", "color-scheme", "theme-color"})
_STYLE_URL = re.compile(r"url\([^)]*\)?", re.IGNORECASE)


# Real pages use a few hundred names; a page that makes them up only makes this slower.
@lru_cache(maxsize=4096)
def rule_of(name: str) -> int:
    """The rule for an attribute name of any case."""
    lower = name.lower()
    if lower.startswith("on"):
        return Rule.REMOVED
    if lower.startswith(("aria-", "data-")) and lower not in _RULES:
        return Rule.PLAIN_TEXT
    return _RULES.get(lower, Rule.UNKNOWN)


def clean(attributes: Json, kind: int, masked: bool, policy: Policy) -> int:
    """Enforce `policy` on the attributes of an element of `kind`; `masked` counts its own mask.

    Returns how many values were masked. Under a mask unknown attributes are masked too, but for SVG, whose geometry
    is all in attributes.
    """
    removed = []
    count = 0
    for name, value in attributes.items():
        rule = rule_of(name)
        if type(value) not in _SCALARS:
            if rule == Rule.STYLE and type(value) is dict:
                _clean_style_changes(value, masked)
                if value:
                    continue
            removed.append(name)
            continue
        if rule == Rule.KEPT or (rule <= Rule.PLAIN_TEXT and not masked):
            continue
        new = _cleaned(rule, value, attributes, kind, masked, policy)
        if new is _GONE:
            removed.append(name)
        elif new != value:
            attributes[name] = new
            count += rule not in (Rule.URL, Rule.SRCSET)
    for name in removed:
        del attributes[name]
    return count


_GONE: Any = object()


def _cleaned(rule: int, value: Any, attributes: Json, kind: int, masked: bool, policy: Policy) -> Any:
    if rule == Rule.REMOVED:
        return _GONE if policy.always else value
    if rule == Rule.VALUE:
        return _field_value(value, kind, masked, policy)
    if rule == Rule.STATE:
        return _GONE if _is_secret_state(kind, masked) else value
    if rule == Rule.PIXELS:
        return _GONE if masked else value
    if masked and type(value) in (int, float):
        value = str(value)
    if type(value) is not str:
        return value
    if rule in (Rule.URL, Rule.SRCSET):
        return _address(rule, value, kind, masked, policy)
    if rule == Rule.META_CONTENT and tag_of(kind) == META:
        return "" if policy.always and not _is_harmless_meta(attributes) else value
    if not masked:
        return value
    if rule == Rule.STYLE:
        # An escape could spell "url" in ways a pattern does not see.
        return "" if "\\" in value else _STYLE_URL.sub("none", value)
    if rule == Rule.CSS:
        return ""
    return value if rule == Rule.UNKNOWN and kind & SVG else mask_text(value)


def _field_value(value: Any, kind: int, masked: bool, policy: Policy) -> Any:
    """`value` belongs to fields, but also to options, buttons, list items and meters."""
    if value is None or type(value) is bool:
        return value
    tag = tag_of(kind)
    if tag not in FIELDS:
        return mask_text(value) if masked and type(value) is str else value
    if tag == INPUT and policy.always and input_kind(kind) == HIDDEN:
        return ""
    return mask_field(str(value), input_kind(kind)) if masked or kind & (SECRET | IGNORE) else value


def _is_secret_state(kind: int, masked: bool) -> bool:
    tag = tag_of(kind)
    if tag == INPUT and input_kind(kind) == CHECKABLE:
        return masked or bool(kind & (SECRET | IGNORE))
    return masked and tag == OPTION


def _address(rule: int, value: str, kind: int, masked: bool, policy: Policy) -> str:
    if masked and tag_of(kind) != LINK:
        return value if value.startswith("#") else ""
    if not policy.strip_urls:
        return value
    return strip_url(value) if rule == Rule.URL else strip_srcset(value)


def _is_harmless_meta(attributes: Json) -> bool:
    name, equivalent = attributes.get("name"), attributes.get("http-equiv")
    if type(name) is str:
        return name.strip().lower() in _HARMLESS_META
    return type(equivalent) is str and equivalent.strip().lower() == "content-type"


def _clean_style_changes(changes: Json, masked: bool) -> None:
    """A style given as changes: false removes a property, else a value or [value, priority]."""
    for name in list(changes):
        value = changes[name]
        pair = type(value) is list and len(value) == 2 and type(value[0]) is str and type(value[1]) is str
        text = value[0] if pair else value
        if text is False:
            continue
        if type(text) is not str or (masked and ("\\" in text or "url(" in text.lower())):
            del changes[name]
