"""Attributes of one element, changed in place, each as its rule in `attribute_rules.py` asks."""

from __future__ import annotations

import re
from typing import Any

from processors.privacy.address_words import ODD
from processors.privacy.attribute_rules import (
    CODE,
    CSS,
    DATA,
    KEPT,
    META_CONTENT,
    NAME,
    PIXELS,
    REMOVED,
    RULES,
    SRCSET,
    STATE,
    STYLE,
    UNKNOWN,
    URL,
    VALUE,
    rule_of,
)
from processors.privacy.css import strip_css
from processors.privacy.css_shown import hide_custom, mask_css, mask_css_value
from processors.privacy.css_tokens import PRIORITIES, is_property
from processors.privacy.css_words import drop_pictures
from processors.privacy.nodes import (
    BUTTON,
    CANVAS,
    CHECKABLE,
    CUSTOM,
    FIELD,
    FIELDS,
    GUARDED,
    HIDDEN,
    INPUT,
    LINK,
    META,
    OPTION,
    PLAIN,
    SVG,
    TEXTAREA,
    input_kind,
    is_field,
    tag_of,
)
from processors.privacy.plain_values import is_drawing, is_plain
from processors.privacy.policy import Policy
from processors.privacy.refusal import Json
from processors.privacy.spelling import is_recorders
from processors.privacy.svg_attributes import DRAWING, NAMES
from processors.privacy.texts import clean_css
from processors.privacy.urls import is_route
from processors.privacy.values import mask_field, mask_text

_SCALARS = frozenset({str, int, float, bool, type(None)})
# `<meta>` whose content the browser acts on when the page is rebuilt; others may hold tokens.
_HARMLESS_META = frozenset({"viewport", "color-scheme", "theme-color"})
# Without escapes, as they are used: a parenthesis may stand in quotes, and what is not closed ends with the style.
_STYLE_URL = re.compile(r"url\(\s*+(?:\"[^\"]*+\"?|'[^']*+'?|[^)]*+)\s*+\)?", re.IGNORECASE)
_STYLE_STRING = re.compile(r"\"[^\"]*+\"?|'[^']*+'?")
# Functions whose strings are addresses.
_STYLE_SOURCE = re.compile(r"(?:image-set|\bsrc)\(", re.IGNORECASE)
_WORDS = re.compile(r"[\s@]")
# Where pages copy what is typed into a field, as Angular does into ng-reflect-model, and what screen readers say of it.
_COPIES = frozenset({UNKNOWN, DATA})
_SPOKEN = frozenset({"aria-valuenow", "aria-valuetext"})
# The page's own words, but tooltips and their like may repeat what was typed.
_LABELS = frozenset({"title", "alt", "label", "placeholder", "aria-label", "aria-description", "aria-placeholder"})
# Names under which custom elements have what is typed into them.
_CURRENT = re.compile(
    r"value$|^aria-valuenow$|^(?:data-|ng-reflect-)?(?:model|model-?value|value|text)$", re.IGNORECASE
)
# Cut, not masked, outside masked elements.
_CUT = frozenset({URL, SRCSET, STYLE, CSS})


def clean(attributes: Json, kind: int, masked: bool, policy: Policy) -> int:
    """Enforce `policy` on the attributes of an element of `kind`; `masked` counts its own mask.

    Returns how many values were masked. Under a mask unknown attributes are masked too, but for those in which SVG
    has its geometry.
    """
    removed = []
    count = 0
    free = KEPT if masked or _may_be_typed(kind, policy) else policy.free
    if kind & GUARDED and is_field(kind) and (kind & FIELD or "value" in attributes):
        count += hide_echoes(attributes, None if kind & FIELD else attributes["value"])
    for name, value in attributes.items():
        rule = RULES.get(name)
        if rule is None:
            rule = rule_of(name)
            if rule <= CODE and kind & SVG and not (name.islower() or is_recorders(name)):
                # SVG tells "CLASS" from "class".
                rule = UNKNOWN
        if type(value) is str:
            if (
                rule <= free
                and "?" not in value
                and (rule <= CODE or ("/" not in value and "#" not in value and not ODD.search(value)))
            ):
                continue
        elif type(value) not in _SCALARS:
            if rule == STYLE and type(value) is dict:
                _clean_style_changes(value, masked, kind, policy)
                if value:
                    continue
            removed.append(name)
            continue
        new = _cleaned(rule, name, value, attributes, kind, masked, policy)
        if new is _GONE:
            removed.append(name)
        elif new != value:
            attributes[name] = new
            count += rule not in _CUT or (masked and rule in (STYLE, CSS))
    for name in removed:
        del attributes[name]
    return count


_GONE: Any = object()


def _cleaned(rule: int, name: str, value: Any, attributes: Json, kind: int, masked: bool, policy: Policy) -> Any:
    is_open = not (masked or policy.mask_text)
    if rule in (KEPT, NAME) or (rule == CODE and (type(value) is not str or is_open or is_plain(value))):
        return _without_addresses(value, policy)
    if (rule in _COPIES or name in _SPOKEN) and _may_be_typed(kind, policy):
        masked = masked or tag_of(kind) != CUSTOM or bool(kind & GUARDED) or _CURRENT.search(name) is not None
    if rule == REMOVED:
        return _GONE if policy.always else value
    if rule == VALUE:
        return _field_value(value, kind, masked, policy)
    if rule == STATE:
        hidden = _is_secret_state(kind, masked) or (masked and type(value) is not bool)
        return _GONE if hidden else _without_addresses(value, policy)
    if rule == PIXELS:
        hidden = masked or policy.mask_text or (tag_of(kind) == CANVAS and not policy.keep_canvas)
        if hidden:
            return _GONE
        return _address(URL, name, value, kind, masked, policy) if type(value) is str else value
    if type(value) in (int, float) and (masked or rule in policy.masked_names):
        value = str(value)
    if type(value) is not str:
        return value
    if rule in (URL, SRCSET):
        return _address(rule, name, value, kind, masked, policy)
    if rule == STYLE:
        return _style(value, masked, kind, policy)
    if rule == CSS:
        return "" if masked else clean_css(value, policy)
    if rule == META_CONTENT:
        if tag_of(kind) == META:
            return "" if policy.always and not (_is_harmless_meta(attributes) and is_plain(value)) else value
        rule = UNKNOWN
    if not masked and rule not in policy.masked_names:
        if rule == DATA and policy.data_words and _WORDS.search(value):
            return mask_text(value)
        return _without_addresses(value, policy)
    if rule == UNKNOWN and kind & SVG:
        lower = name.lower()
        if lower in NAMES or (lower in DRAWING and is_drawing(lower, value)):
            return value
    return mask_text(value)


def _field_value(value: Any, kind: int, masked: bool, policy: Policy) -> Any:
    """`value` belongs to fields, but also to options, buttons, list items and meters."""
    if value is None or type(value) is bool:
        return value
    tag = tag_of(kind)
    if tag == META and policy.always:
        return ""
    if kind & FIELD:
        return mask_field(str(value), PLAIN) if masked or kind & GUARDED else value
    if tag not in FIELDS:
        # A custom element may be a field, and what a list suggests is a value too.
        hidden = masked or policy.mask_text or kind & GUARDED or (tag == CUSTOM and policy.mask_typed)
        return mask_text(str(value)) if hidden else _without_addresses(value, policy)
    if tag == INPUT and policy.always and input_kind(kind) == HIDDEN:
        return ""
    if masked or kind & GUARDED:
        return mask_field(str(value), input_kind(kind))
    # What a button says is text.
    if tag == INPUT and input_kind(kind) == BUTTON and policy.mask_text:
        return mask_text(str(value))
    is_typed = tag == TEXTAREA or (tag == INPUT and input_kind(kind) not in (BUTTON, CHECKABLE))
    return value if is_typed else _without_addresses(value, policy)


def hide_echoes(changes: Json, typed: object = None) -> int:
    """Mask labels of a masked field that repeat what is `typed`; without it all of them, where what the field holds is
    not known or a label changes: a page has little else to say in it then. Returns how many.
    """
    words = None if typed is None else str(typed).strip()
    hidden = [
        name
        for name in _LABELS.intersection(changes)
        if type(changes[name]) is str and (words is None or (words and words in changes[name]))
    ]
    for name in hidden:
        changes[name] = mask_text(changes[name])
    return len(hidden)


def _may_be_typed(kind: int, policy: Policy) -> bool:
    """True for a field whose value is masked, and for an element that may be one."""
    return bool(kind & GUARDED and is_field(kind)) or (policy.mask_typed and tag_of(kind) == CUSTOM)


def _without_addresses(value: Any, policy: Policy) -> Any:
    return policy.addresses.strip_within(value) if type(value) is str and policy.addresses is not None else value


def _is_secret_state(kind: int, masked: bool) -> bool:
    tag = tag_of(kind)
    if tag == INPUT and input_kind(kind) == CHECKABLE:
        return masked or bool(kind & GUARDED)
    return masked and tag == OPTION


def _address(rule: int, name: str, value: str, kind: int, masked: bool, policy: Policy) -> str:
    if masked and (tag_of(kind) != LINK or name.lower() != "href"):
        return value if value.startswith("#") and not is_route(value) else ""
    if masked and value.lstrip()[:5].lower() == "data:":
        # A style sheet within the page may show words.
        return ""
    if policy.addresses is None:
        return value
    return policy.addresses.strip(value) if rule == URL else policy.addresses.strip_set(value)


def _is_guarded(kind: int, masked: bool) -> bool:
    """True for a field whose value is masked: sliders and their like have it in a custom property as well."""
    return tag_of(kind) in FIELDS and (masked or bool(kind & GUARDED))


def _style(value: str, masked: bool, kind: int, policy: Policy) -> str:
    if (masked or policy.mask_text) and ":" not in value:
        # No style at all.
        return ""
    if _is_guarded(kind, masked):
        value = hide_custom(value, whole=True)
    if not masked:
        value = clean_css(value, policy)
        return drop_pictures(value) if policy.mask_text else value
    # An escape could spell "url" in ways a pattern does not see.
    if "\\" in value:
        return ""
    value = _STYLE_URL.sub("none", value)
    value = mask_css(_STYLE_STRING.sub('""', value) if _STYLE_SOURCE.search(value) else value)
    return hide_custom(value, whole=False)


def _is_harmless_meta(attributes: Json) -> bool:
    name, equivalent = attributes.get("name"), attributes.get("http-equiv")
    if type(name) is str:
        return name.strip().lower() in _HARMLESS_META
    return type(equivalent) is str and equivalent.strip().lower() == "content-type"


def _may_load(value: str) -> bool:
    return "\\" in value or "url(" in value.lower() or _STYLE_SOURCE.search(value) is not None


def _clean_style_changes(changes: Json, masked: bool, kind: int, policy: Policy) -> None:
    """A style given as changes: false removes a property, else a value or [value, priority]."""
    guarded = _is_guarded(kind, masked)
    for name in list(changes):
        value = changes[name]
        pair = type(value) is list and len(value) == 2 and {type(value[0]), type(value[1])} == {str}
        text = value[0] if pair else value
        if not is_property(name) or (pair and value[1] not in PRIORITIES):
            del changes[name]
            continue
        if text is False:
            continue
        if type(text) is not str or (masked and _may_load(text)):
            del changes[name]
            continue
        new = strip_css(text, policy.addresses) if policy.addresses is not None else text
        if masked or policy.mask_text:
            new = mask_css_value(name, drop_pictures(new))
        if name[:2] == "--" and (guarded or masked):
            new = "" if guarded else new if is_plain(new) else mask_text(new)
        if new != text:
            changes[name] = [new, value[1]] if pair else new
