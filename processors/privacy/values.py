"""What single values become: masked text, field values, text by the element it stands in."""

from __future__ import annotations

import re

from processors.privacy.nodes import BUTTON, NOSCRIPT, PLAIN, SCRIPT, STYLE, TEXTAREA

# Eight, whatever was typed: the length of a password is information too.
FIELD_STARS = "********"
SCRIPT_PLACEHOLDER = "SCRIPT_PLACEHOLDER"

# JavaScript's `\s` (ECMA-262, WhiteSpace and LineTerminator), which is not Python's.
_JS_SPACE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_VISIBLE = re.compile(f"[^{_JS_SPACE}]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def mask_text(text: str) -> str:
    """Every UTF-16 unit that is no JavaScript whitespace becomes "*", so offsets of selections stay right."""
    if not text.isascii():
        text = _ASTRAL.sub("**", text)
    return _VISIBLE.sub("*", text)


def mask_field(value: str, kind: int) -> str:
    """A field's value by its input kind; idempotent."""
    if kind == BUTTON:
        return mask_text(value)
    if kind == PLAIN:
        return FIELD_STARS if value else ""
    return ""


def text_below(text: str, tag: int, masked: bool, always: bool) -> str:
    """Text of a node whose parent has this tag number; `masked` says that the parent or one above it is masked."""
    if tag == SCRIPT:
        return SCRIPT_PLACEHOLDER if always and text else text
    if tag == NOSCRIPT and always:
        return ""
    if not masked:
        return text
    if tag == STYLE:
        return ""
    if tag == TEXTAREA:
        return FIELD_STARS if text else ""
    return mask_text(text)
