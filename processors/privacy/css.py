"""Addresses and words in CSS, changed so that what is around them still parses."""

from __future__ import annotations

import re

from processors.privacy.urls import Addresses
from processors.privacy.values import mask_text

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
    r"\s*[\"']?\s*(?:data:(?:image/|font/|application/(?:octet-stream|vnd\.ms-fontobject|(?:x-)?(?:font|truetype|opentype)))|#)",
    re.IGNORECASE,
)
_TARGET = re.compile(
    r"""(?P<open>\s*)(?:"(?P<double>(?:[^"\\\n]++|\\[\s\S])*+)"?|'(?P<single>(?:[^'\\\n]++|\\[\s\S])*+)'?"""
    r"""|(?P<bare>(?:[^)"'\\\s]++|\\[\s\S])*+))"""
)
# Strings that are addresses without url().
_IMPORT = re.compile(r"(@[iI][mM][pP][oO][rR][tT](?:\s|/\*(?>[\s\S]*?\*/))*+)([\"'])([^\"'\n]*)")
_SOURCE_MAP = re.compile(
    r"=(?<=[sS][oO][uU][rR][cC][eE][mM][aA][pP][pP][iI][nN][gG][uU][rR][lL]=)[^\s*]*",
)
# A string that is not closed ends with its line.
_QUOTED = r"""(?:"(?:[^"\\\n]++|\\[\s\S])*+"?|'(?:[^'\\\n]++|\\[\s\S])*+'?)"""
_STRING = re.compile(_QUOTED)
_IMAGE_SET = re.compile(rf"(?:image-set|\bsrc)\((?:[^;{{}}\"']|{_QUOTED})*", re.IGNORECASE)
# In an address without quotes "/*" begins no comment.
_WORDS = re.compile(
    r"""\((?<=[uU][rR][lL]\()\s*[^)"'(\s]+"""
    r"""|/\*[\s\S]*?(?:\*/|\Z)|"(?:[^"\\\n]|\\[\s\S])*"?|'(?:[^'\\\n]|\\[\s\S])*'?"""
)
# Where the recorder joined the texts of a `<style>`.
_SPLIT = "/* rr_split */"
_GAP = r"(?:\s|/\*(?>[\s\S]*?\*/))*+"
# Properties whose strings the page shows.
_SHOWN = re.compile(rf"{_GAP}(?:content|quotes|--[\w-]{{1,128}}){_GAP}:", re.IGNORECASE)
_PROPERTY = re.compile(r"--[^\s;:{}()\"']{0,128}|-?[A-Za-z][A-Za-z-]{0,63}")
# CSSOM, `setProperty()`: what may be said of a declaration besides its property and value.
PRIORITIES = frozenset({"important", "", None})
_ESCAPED = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|([\s\S]))")
# Unicode's private use areas, where icon fonts have their icons.
_ICON = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]+")


def is_property(name: object) -> bool:
    """True if CSS could have a property of this name."""
    return type(name) is str and _PROPERTY.fullmatch(name) is not None


def strip_css(css: str, addresses: Addresses) -> str:
    """A style sheet or a style whose addresses are cut."""
    if "(" in css:
        if "\\" in css and _ESCAPE.search(css):
            css = _ODD_URL.sub(_URL, css)
        css = _strip_urls(css, addresses)
    if "=" in css:
        css = _SOURCE_MAP.sub("=", css)
    if "@" in css:
        css = _IMPORT.sub(lambda match: match[1] + match[2] + addresses.strip(match[3]), css)
    return css


def mask_css(css: str) -> str:
    """A style sheet or a style without the words it shows and without comments; icons stay."""
    parts: list[str] = []
    done = declaration = seen = 0
    for match in _WORDS.finditer(css):
        start, end = match.span()
        # The start of the declaration, unless that was before the last string or comment.
        declaration = max([declaration, *(css.rfind(each, seen, start) + 1 for each in ";{}")])
        seen = end
        if css[start] == "/":
            new = _SPLIT if match[0] == _SPLIT else ""
        elif css[start] in "\"'" and _SHOWN.match(css, declaration):
            new = _mask_string(match[0])
        else:
            new = match[0]
        if new != match[0]:
            parts += css[done:start], new
            done = end
    return "".join([*parts, css[done:]]) if parts else css


def mask_css_value(name: str, value: str) -> str:
    """The value of one property, likewise."""
    return mask_css(f"{name}:{value}")[len(name) + 1 :]


def unescaped(text: str) -> str:
    """Text of CSS with its escapes read."""
    return _ESCAPED.sub(_unescape, text) if "\\" in text else text


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
            if match is not None and match.lastgroup is not None and match.lastgroup != "open":
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
        css = _IMAGE_SET.sub(lambda match: _STRING.sub(lambda text: _strip_string(text[0], addresses), match[0]), css)
    return css


def _strip_string(text: str, addresses: Addresses) -> str:
    quote = text[0]
    target = text[1:].removesuffix(quote)
    end = text[1 + len(target) :]
    return quote + ("" if "\\" in target else addresses.strip(target)) + end


def _mask_string(string: str) -> str:
    quote = string[0]
    text = unescaped(string[1:].removesuffix(quote))
    if _ICON.fullmatch(text) or not any(each.isalnum() for each in text):
        return string
    return quote + mask_text(" ".join(text.split())) + quote


def _unescape(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[2]
    code = int(match[1], 16)
    # CSS Syntax, section 4.3.7: what is no character becomes U+FFFD.
    return chr(code) if 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else "\ufffd"
