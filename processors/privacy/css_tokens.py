"""Pieces of CSS found in one go: nothing here looks at a character more than a fixed number of times."""

from __future__ import annotations

import re
from typing import Final

# A string that is not closed ends with its line. Each pattern takes all it looked at, so none begins anew inside.
DOUBLE: Final = r'"(?:[^"\\\n]++|\\[\s\S])*+"?'
SINGLE: Final = r"'(?:[^'\\\n]++|\\[\s\S])*+'?"
QUOTED: Final = f"(?:{DOUBLE}|{SINGLE})"
# A comment that is not closed ends with the text.
COMMENT: Final = r"/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/)?"
# Alternatives at the outermost level that begin with one character each are found as fast as these characters.
STRING = re.compile(f"{DOUBLE}|{SINGLE}")
_SPACE = re.compile(r"\s*+")
_NAME = re.compile(r"(?:[\w-]|[^\x00-\x7f]|\\[0-9a-fA-F]{1,6}\s?|\\[^\n])++")
# What most declarations begin with.
_USUAL = re.compile(r"\s*+([a-z-]{1,64}+):")
_PROPERTY = re.compile(r"--[^\s;:{}()\"']{0,128}|-?[A-Za-z][A-Za-z-]{0,63}")
_ESCAPED = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|([\s\S]))")
# CSSOM, `setProperty()`: what may be said of a declaration besides its property and value.
PRIORITIES = frozenset({"important", "", None})
# More than any property that has words; the custom ones are known by how they begin.
_NAME_CHARACTERS: Final = 256


class Gaps:
    """Where white space and comments end, in one text, asked from left to right.

    A place may be asked about that stands in a comment of a gap seen before, so what was found is remembered.
    """

    __slots__ = ("_closing", "_css", "_first", "_from", "_last")

    def __init__(self, css: str) -> None:
        self._css = css
        # The first "*/" at or behind `_from`; -1 if there is none.
        self._from = self._closing = 0
        # The last run of comments: behind which the first of them ended, and where the gap is over.
        self._first = self._last = 0

    def end(self, at: int) -> int:
        """The first place from `at` on that is neither white space nor in a comment; one that is not closed is none."""
        css = self._css
        first = 0
        while True:
            space = _SPACE.match(css, at)
            at = space.end() if space else at
            if not css.startswith("/*", at):
                break
            closing = self._close(at + 2)
            if closing < 0:
                break
            at = closing + 2
            if self._first <= at <= self._last:
                at = self._last
                break
            first = first or at
        if first:
            self._first, self._last = first, at
        return at

    def _close(self, at: int) -> int:
        if not self._from <= at <= self._closing and self._closing >= 0:
            self._from, self._closing = at, self._css.find("*/", at)
        return self._closing


def is_property(name: object) -> bool:
    """True if CSS could have a property of this name."""
    return type(name) is str and _PROPERTY.fullmatch(name) is not None


def property_at(css: str, at: int, gaps: Gaps) -> tuple[str, int]:
    """The property of a declaration that begins at `at`, in lower case without escapes, and where its value begins;
    "" if there is none.
    """
    usual = _USUAL.match(css, at)
    if usual is not None:
        return usual[1], usual.end()
    name = _NAME.match(css, gaps.end(at))
    if name is None:
        return "", at
    end = gaps.end(name.end())
    if css[end : end + 1] != ":":
        return "", at
    return unescaped(css[name.start() : min(name.end(), name.start() + _NAME_CHARACTERS)]).lower(), end + 1


def unescaped(text: str) -> str:
    """Text of CSS with its escapes read."""
    return _ESCAPED.sub(_unescape, text) if "\\" in text else text


def _unescape(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[2]
    code = int(match[1], 16)
    # CSS Syntax, section 4.3.7: what is no character becomes U+FFFD.
    return chr(code) if 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else "\ufffd"
