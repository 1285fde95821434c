r"""Patterns for segments of a URL's path: regular expressions small enough that no address makes them slow.

A pattern is characters, `.`, `\d \w \s` (and their opposites), `[…]`, each perhaps with `? * + {n} {m,n}`, and `|`
between alternatives. Groups, anchors, references and lazy repeats are refused: a pattern always covers the whole
segment. A repeat of variable length multiplies the ways in which a segment can be divided, `[^@]{1,64}@.{1,128}` has
64 x 128; the product is bounded, and so is the segment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

PATTERN_CHARACTERS = 128
# A longer segment is no word of a page's address but a token.
SEGMENT_CHARACTERS = 256
# A few milliseconds for the worst pattern on the worst segment.
MAX_DIVISIONS = 65_536

_PART = re.compile(
    r"(?:\\[dDwWsS]|\\[^\w\s]|\[\^?(?:\\[dDwWsS]|\\[^\w\s]|[^\\\[\]])+\]|[^\\\[\](){}*+?|^$])"
    r"(?P<repeat>[*+?]|\{(?P<least>\d{1,3})(?P<range>,(?P<most>\d{0,3}))?\})?"
)


class SegmentPatterns:
    """Checked patterns, compiled."""

    def __init__(self, patterns: Iterable[str]) -> None:
        texts = tuple(patterns)
        self._any = re.compile("|".join(texts)) if texts else None
        # Without any of these signs no segment is hidden; None: signs do not tell.
        needed = {sign for text in texts for sign in _needed(text)}
        self._needed = None if None in needed else frozenset(filter(None, needed | {"%"}))

    def spares(self, path: str) -> bool:
        """True if it is plain that none of a path's segments is hidden; False says nothing."""
        needed = self._needed
        if needed is None or len(path) > SEGMENT_CHARACTERS:
            return False
        return not any(map(path.__contains__, needed))

    def hides(self, segment: str) -> bool:
        """True if a pattern covers the whole segment, as it is or percent-decoded, or if it is too long to tell."""
        if self._any is None:
            return False
        if len(segment) > SEGMENT_CHARACTERS or self._any.fullmatch(segment):
            return True
        return "%" in segment and self._any.fullmatch(unquote(segment)) is not None


def checked_pattern(text: str) -> str:
    """The pattern as it is; ValueError with the reason if it is not one or could become slow."""
    if not 0 < len(text) <= PATTERN_CHARACTERS:
        raise ValueError(f"a pattern has 1 to {PATTERN_CHARACTERS} characters")
    at, divisions = 0, 1
    while at < len(text):
        if text[at] == "|":
            at, divisions = at + 1, 1
            continue
        part = _PART.match(text, at)
        if part is None:
            raise ValueError(
                f"character {at + 1}: only characters, classes, repeats and '|' are understood; "
                "no groups, anchors, references or lazy repeats"
            )
        divisions *= _lengths(part)
        if divisions > MAX_DIVISIONS:
            raise ValueError(
                f"character {at + 1}: repeats of variable length could divide a segment in more than "
                f"{MAX_DIVISIONS} ways; bound them, as in {{1,64}}"
            )
        at = part.end()
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error.msg}") from None
    if re.fullmatch(text, ""):
        raise ValueError("it would match the empty segment")
    return text


def _needed(pattern: str) -> list[str | None]:
    """For each alternative of a checked pattern a sign that is in all it covers; None if there is none.

    Letters and digits would do too, but they are in most addresses.
    """
    signs: list[str | None] = [None]
    at = 0
    while part := _PART.match(pattern, at):
        sign = part[0].removesuffix(part["repeat"] or "")
        is_there = part["repeat"] not in ("?", "*") and int(part["least"] or 1) > 0
        if is_there and len(sign) == 1 and sign != "." and not sign.isalnum():
            signs[-1] = sign
        at = part.end()
        if pattern[at : at + 1] == "|":
            signs.append(None)
            at += 1
    return signs


def _lengths(part: re.Match[str]) -> int:
    """How many lengths a part can have."""
    repeat = part["repeat"]
    if repeat is None or (part["least"] and part["range"] is None):
        return 1
    if repeat == "?":
        return 2
    if repeat in ("*", "+") or not part["most"]:
        return SEGMENT_CHARACTERS
    return max(1, int(part["most"]) - int(part["least"]) + 1)
