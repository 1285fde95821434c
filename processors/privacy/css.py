"""Addresses in CSS, cut so that what is around them still parses."""

from __future__ import annotations

import re

from processors.privacy.css_tokens import QUOTED, STRING, Gaps
from processors.privacy.urls import Addresses

_URL = "url("
# Where an address, an image set or src() opens. What begins with one certain character is found as fast as that
# character.
_OPENING = re.compile(r"\((?<=[uU][rR][lL]\()|\((?<=-[sS][eE][tT]\()|\((?<=[sS][rR][cC]\()")
# Nobody spells url( with escapes but to hide it, and then it is spelled out.
_ODD_URL = re.compile(
    r"(?:[uU]|\\0{0,4}[57]5\s?|\\[uU])(?:[rR]|\\0{0,4}[57]2\s?|\\[rR])(?:[lL]|\\0{0,4}[46][cC]\s?|\\[lL])\("
)
# The first escape of one, with room for two letters more, and some others.
_ESCAPE = re.compile(r"\\(?:0{0,4}(?:[57][25]|[46][cC])|[uUrRlL])[^(]{0,17}\(")
# The start of what is no address; embedded fonts and images are most of some style sheets.
_CONTENT = re.compile(
    r"\s*+[\"']?\s*+(?:data:(?:image/|font/|application/(?:octet-stream|vnd\.ms-fontobject|(?:x-)?(?:font|truetype|opentype)))|#)",
    re.IGNORECASE,
)
_TARGET = re.compile(
    r"""\s*+(?:"(?P<double>(?:[^"\\\n]++|\\[\s\S])*+)"?|'(?P<single>(?:[^'\\\n]++|\\[\s\S])*+)'?"""
    r"""|(?P<bare>(?:[^)"'\\\s]++|\\[\s\S])*+))"""
)
# Strings that are addresses without url().
_IMPORT = re.compile(r"@[iI][mM][pP][oO][rR][tT]")
_IMPORTED = re.compile(r"[\"']([^\"'\n]*+)")
_SOURCE_MAP = re.compile(
    r"=(?<=[sS][oO][uU][rR][cC][eE][mM][aA][pP][pP][iI][nN][gG][uU][rR][lL]=)[^\s*]*+",
)
_IMAGE_SET = re.compile(rf"(?:image-set|\bsrc)\((?:[^;{{}}\"']++|{QUOTED})*+", re.IGNORECASE)


def strip_css(css: str, addresses: Addresses) -> str:
    """A style sheet or a style whose addresses are cut."""
    if "(" in css:
        if "\\" in css and _ESCAPE.search(css):
            css = _ODD_URL.sub(_URL, css)
        css = _strip_urls(css, addresses)
    if "=" in css:
        css = _SOURCE_MAP.sub("=", css)
    if "@" in css:
        css = _strip_imports(css, addresses)
    return css


def _strip_urls(css: str, addresses: Addresses) -> str:
    parts: list[str] = []
    done = at = 0
    has_set = False
    for opening in _OPENING.finditer(css):
        if css[opening.start() - 1] not in "lL":
            has_set = True
            continue
        if opening.end() < at:
            continue
        at = opening.end()
        if _CONTENT.match(css, at) is None:
            match = _TARGET.match(css, at)
            if match is not None and match.lastgroup is not None:
                start, end = match.span(match.lastgroup)
                target = css[start:end]
                # What an escape stands for could be the "?" that is looked for.
                new = "" if "\\" in target else addresses.strip(target)
                if match.lastgroup == "bare" and "/*" in new:
                    # Without quotes the player's parser may see a comment begin.
                    new = f'"{new}"'
                if new != target:
                    parts += css[done:start], new
                    done = end
                at = end
    if parts:
        css = "".join([*parts, css[done:]])
    if has_set:
        css = _IMAGE_SET.sub(lambda match: STRING.sub(lambda text: _strip_string(text[0], addresses), match[0]), css)
    return css


def _strip_imports(css: str, addresses: Addresses) -> str:
    gaps = Gaps(css)
    parts: list[str] = []
    done = 0
    for name in _IMPORT.finditer(css):
        if name.start() < done:
            continue
        imported = _IMPORTED.match(css, gaps.end(name.end()))
        if imported is not None:
            start, end = imported.span(1)
            parts += css[done:start], addresses.strip(imported[1])
            done = end
    return "".join([*parts, css[done:]]) if parts else css


def _strip_string(text: str, addresses: Addresses) -> str:
    quote = text[0]
    target = text[1:].removesuffix(quote)
    end = text[1 + len(target) :]
    return quote + ("" if "\\" in target else addresses.strip(target)) + end
