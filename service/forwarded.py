"""`Forwarded` (RFC 7239), read from its end.

The end is what the nearest proxy wrote. What stands left of it may be the client's own text, with a quote that is
never closed: read from the left, that would swallow what the proxy said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_BARE = re.compile(r'[^\s",;]+')
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def hops_from_the_end(line: str) -> Iterator[str | None]:
    """The `for` of each element of a header line, last first.

    "" is an element that is empty; None is one without a `for`, with two of them, or with a form that is no element.
    """
    for element in _split_from_the_end(line, ","):
        yield _for_of(element) if element.strip(" \t") else ""


def _for_of(element: str) -> str | None:
    found: str | None = None
    for pair in _split_from_the_end(element, ";"):
        if not pair.strip(" \t"):
            continue
        name, equals, value = pair.strip(" \t").partition("=")
        text = _value(value)
        if not equals or text is None or _NAME.fullmatch(name) is None:
            return None
        if name.lower() == "for":
            if found is not None:
                return None
            found = text
    # An empty value names nobody; an empty element is something else.
    return found or None


def _value(text: str) -> str | None:
    """The text of a value, quoted or not. Unquoted colons and brackets are against the RFC, and common."""
    quoted = _QUOTED.fullmatch(text)
    if quoted is not None:
        return _ESCAPED.sub(r"\1", quoted[1])
    return text if _BARE.fullmatch(text) else None


def _split_from_the_end(text: str, separator: str) -> Iterator[str]:
    """The parts of `text` between separators outside quotes, last first; each character is looked at twice at most."""
    end = position = len(text)
    inside = False
    while position > 0:
        position -= 1
        character = text[position]
        if character == separator and not inside:
            yield text[position + 1 : end]
            end = position
        elif character == '"':
            before = position
            while before > 0 and text[before - 1] == "\\":
                before -= 1
            # After an odd number of backslashes the quote belongs to the text it stands in.
            if not inside or (position - before) % 2 == 0:
                inside = not inside
            position = before
    yield text[:end]
