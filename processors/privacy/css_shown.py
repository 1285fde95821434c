"""Strings of CSS that the page shows, masked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from processors.privacy.css_tokens import COMMENT, DOUBLE, SINGLE, Gaps, property_at, unescaped
from processors.privacy.plain_values import is_plain
from processors.privacy.values import mask_text

# In an address without quotes "/*" begins no comment.
_WORDS = re.compile(rf"\((?<=[uU][rR][lL]\()\s*+[^)\"'(\s]++|{COMMENT}|{DOUBLE}|{SINGLE}")
# Where the recorder joined the texts of a `<style>`.
_SPLIT: Final = "/* rr_split */"
# Unicode's private use areas, where icon fonts have their icons.
_ICON = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]+")
_LETTER = re.compile(r"[^\W_]")
_PREFIX = re.compile(r"-(?:webkit|moz|ms|o|epub|khtml|apple|ah|prince|ro)-")
# CSS Generated Content, Lists and Counters, Overflow, Text, Text Decoration, GCPM, Properties and Values: what prints
# strings. Custom properties hand them on.
_PROPERTIES = """
    content quotes list-style list-style-type text-overflow text-emphasis text-emphasis-style hyphenate-character
    string-set bookmark-label block-ellipsis block-overflow line-clamp initial-value
    symbols additive-symbols prefix suffix negative pad"""
_SHOWN: Final = frozenset(_PROPERTIES.split())
# Descriptors of `@counter-style` whose words are shown without quotes too.
_NAMED: Final = frozenset({"symbols", "additive-symbols", "prefix", "suffix", "negative", "pad"})
# These stand in its rule, whose name may be spelled with escapes, or come alone.
_COUNTER_STYLE = re.compile(r"@(?:(?i:counter-style)|[\w-]*+\\)")
_ALONE = re.compile(r"\s*+(?:additive-symbols|symbols|prefix|suffix|negative|pad|[\w-]*+\\)", re.IGNORECASE)
_PIECE = re.compile(rf"{DOUBLE}|{SINGLE}|\((?<=[uU][rR][lL]\()\s*+[^)\"'(\s]++|{COMMENT}|[;{{}}]")
_IDENTIFIER = re.compile(
    rf"{DOUBLE}|{SINGLE}|[\w-]++\([^()]*+\)?|{COMMENT}|[+-]?[0-9.][\w.+-]*+"
    r"|(?P<word>(?:[\w-]|[^\x00-\x7f]|\\[0-9a-fA-F]{1,6}\s?|\\[^\n])++)"
)


def mask_css(css: str) -> str:
    """A style sheet or a style without the words it shows and without comments; icons stay."""
    parts: list[str] = []
    done = declaration = seen = 0
    judged, shown = -1, False
    gaps = Gaps(css)
    for match in _WORDS.finditer(css):
        start, end = match.span()
        # The start of the declaration, unless that was before the last string or comment.
        declaration = max(
            declaration,
            css.rfind(";", seen, start) + 1,
            css.rfind("{", seen, start) + 1,
            css.rfind("}", seen, start) + 1,
        )
        old = new = match[0]
        if old[0] == "/":
            if old != _SPLIT:
                # What stands on both sides must not become the start of another.
                new = " " if css[start - 1 : start] == "/" else ""
        elif old[0] in "\"'":
            if judged != declaration:
                judged, shown = declaration, _is_shown(property_at(css, declaration, gaps)[0])
            if shown:
                new = _mask_string(old)
        seen = end
        if new != old:
            parts += css[done:start], new
            done = end
    if parts:
        css = "".join([*parts, css[done:]])
    return _mask_names(css)


def mask_css_value(name: str, value: str) -> str:
    """The value of one property, likewise."""
    # What a custom property is called does not matter, and could be read as more than a name.
    start = "--:" if name[:2] == "--" else f"{name}:"
    return mask_css(start + value)[len(start) :]


def hide_custom(css: str, *, whole: bool) -> str:
    """A style whose custom properties have no words: the `whole` of their values, or what is neither keywords nor
    measures.
    """
    if "--" not in css and "\\" not in css:
        return css
    parts: list[str] = []
    done = 0
    for name, value, end in _declarations(css):
        if name[:2] == "--":
            text = css[value:end]
            parts += css[done:value], "" if whole else text if is_plain(text) else mask_text(text)
            done = end
    return "".join([*parts, css[done:]]) if parts else css


def _declarations(css: str) -> Iterator[tuple[str, int, int]]:
    """The property of each declaration, and where its value begins and ends."""
    gaps = Gaps(css)
    start = 0
    for match in _PIECE.finditer(f"{css};"):
        if match[0] in ";{}":
            end = match.start()
            if start < end and match[0] != "{":
                name, value = property_at(css, start, gaps)
                if name:
                    yield name, value, end
            start = match.end()


def _is_shown(name: str) -> bool:
    if name[:1] == "-":
        return name[:2] == "--" or _PREFIX.sub("", name, count=1) in _SHOWN
    return name in _SHOWN


def _mask_string(string: str) -> str:
    if _LETTER.search(string) is None:
        return string
    quote = string[0]
    text = unescaped(string[1:].removesuffix(quote))
    if _ICON.fullmatch(text) or _LETTER.search(text) is None:
        return string
    return quote + mask_text(" ".join(text.split())) + quote


def _mask_names(css: str) -> str:
    """The words of a counter style that need no quotes, masked as strings."""
    if not _COUNTER_STYLE.search(css) and not _ALONE.match(css):
        return css
    parts: list[str] = []
    done = 0
    for name, value, end in _declarations(css):
        if name in _NAMED:
            parts += css[done:value], _IDENTIFIER.sub(_mask_name, css[value:end])
            done = end
    return "".join([*parts, css[done:]]) if parts else css


def _mask_name(match: re.Match[str]) -> str:
    word = match["word"]
    if word is None:
        return match[0]
    masked = _mask_string(f'"{word}"')
    return word if masked == f'"{word}"' else masked
