"""What single values become: masked text and field values."""

from __future__ import annotations

import re

from processors.privacy.nodes import BUTTON, PLAIN

# Eight, whatever was typed: the length of a password is information too.
FIELD_STARS = "********"

# JavaScript's `\s` (ECMA-262, WhiteSpace and LineTerminator), which is not Python's.
_JS_SPACE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_WORD = re.compile(f"[^{_JS_SPACE}]+")
_ASCII = {code: chr(code) if chr(code) in "\t\n\v\f\r " else "*" for code in range(128)}
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def mask_text(text: str) -> str:
    """Every UTF-16 unit that is no JavaScript whitespace becomes "*", so offsets of selections stay right."""
    if text.isascii():
        return text.translate(_ASCII)
    return _WORD.sub(lambda word: "*" * len(word[0]), _ASTRAL.sub("**", text))


def mask_field(value: str, kind: int) -> str:
    """A field's value by its input kind; idempotent."""
    if kind == BUTTON:
        return mask_text(value)
    if kind == PLAIN:
        return FIELD_STARS if value else ""
    return ""
