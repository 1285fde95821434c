"""Words in CSS that are not its strings: values of attributes in selectors, and pictures written into a style."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote

from processors.privacy.attribute_rules import CODE, UNKNOWN, VALUE, rule_of
from processors.privacy.css_tokens import DOUBLE, QUOTED, SINGLE, unescaped
from processors.privacy.plain_values import is_drawing, is_plain
from processors.privacy.svg_attributes import DRAWING, NAMES

# No masked attribute has this value, since "#" would be a star: a rule for a value that is gone matches no other.
_NEVER = '"#"'
_SELECTOR = re.compile(
    rf"{DOUBLE}|{SINGLE}|url\([^)]*+\)?|\\[\s\S]|\[\s*+(?P<space>[\w-]*+\|)?(?P<name>(?:[^\s\"'\[\]=~|^$*\\]|\\\S){{1,128}}+)\s*+"
    rf"(?P<operator>[~|^$*]?=)\s*+(?P<value>{QUOTED}|(?:[^\s\"'\]\\]++|\\[\s\S])++)"
)
# `strip_css` was here before: "url(" is spelled in lower case. Browsers leave out white space in front of an address.
_PICTURE = re.compile(
    r"url\(\s*+(?:\"(?P<double>\s*+(?i:data:image/)(?:[^\"\\]++|\\[\s\S])*+)\"?"
    r"|'(?P<single>\s*+(?i:data:image/)(?:[^'\\]++|\\[\s\S])*+)'?"
    r"|(?P<bare>(?i:data:image/)(?:[^)\"'\\]++|\\[\s\S])*+))\s*+\)?"
)
# The same as a string alone, as an image set and src() have it.
_STRING = re.compile(
    r"\"(?P<double>\s*+(?i:data:image/)(?:[^\"\\]++|\\[\s\S])*+)\"?"
    r"|'(?P<single>\s*+(?i:data:image/)(?:[^'\\]++|\\[\s\S])*+)'?"
)
# Where one opens, also if its name is spelled with escapes. What begins with one certain character is found fast.
_SOURCE = re.compile(r"\((?<=-[sS][eE][tT]\()|\((?<=[sS][rR][cC]\()|\((?<=[iI][mM][aA][gG][eE]\()")
_ODD_SOURCE = re.compile(r"\\\w[\w\\ -]{0,64}\(\s*+[\"']")
_ADDRESS = re.compile(rf"{DOUBLE}|{SINGLE}|(?<=url\()(?:[^)\"'\\\s]++|\\[\s\S])++")
_DRAWING = "data:image/svg"
_ODD_DRAWING = re.compile(r"data:image/[^,;\"')]{0,64}\\")
# An address that is content says so in its first characters, each of which an escape could stand for.
_HEAD = 256
_IGNORED = re.compile(r"[\x00-\x20]+")
# What a drawing has words in, or other pictures.
_WORDED = re.compile(
    r"<\s*+(?:[\w-]++:)?(?:text|tspan|title|desc|foreignobject|image|metadata|script)\b|<!--|<!\[|aria-", re.IGNORECASE
)


def mask_selectors(css: str, masked_rules: frozenset[int]) -> str:
    """A style sheet without comments in which no selector has words of attributes that these rules mask."""
    if "[" not in css:
        return css

    def masked(match: re.Match[str]) -> str:
        if match["name"] is None or not _is_masked(unescaped(match["name"]).lower(), match["value"], masked_rules):
            return match[0]
        return f"[{match['space'] or ''}{match['name']}{match['operator']}{_NEVER}"

    return _SELECTOR.sub(masked, css)


def drop_pictures(css: str) -> str:
    """The style of one element without the pictures that are written into it."""
    return _PICTURE.sub("none", css)


def drop_sheets(css: str) -> str:
    """A style sheet without those that it has within itself, as content of an address."""
    if "data:" not in css.lower() and "\\" not in css:
        return css
    return _ADDRESS.sub(lambda match: '""' if _is_text(match[0]) else match[0], css)


def drop_worded_drawings(css: str) -> str:
    """A style sheet without the drawings in it that have words; other pictures of a style sheet are its design."""
    if _DRAWING not in css and not _may_draw(css):
        return css
    css = _PICTURE.sub(lambda match: "url()" if _has_words(match[match.lastgroup or 0]) else match[0], css)
    if _SOURCE.search(css) is None and _ODD_SOURCE.search(css) is None:
        return css
    return _STRING.sub(lambda match: '""' if _has_words(match[match.lastgroup or 0]) else match[0], css)


def _may_draw(css: str) -> bool:
    lower = css.lower()
    return _DRAWING in lower or ("\\" in css and _ODD_DRAWING.search(lower) is not None)


def _is_masked(name: str, value: str, masked_rules: frozenset[int]) -> bool:
    rule = rule_of(name)
    if rule not in masked_rules and rule != VALUE:
        return False
    text = unescaped(value[1:].removesuffix(value[0]) if value[0] in "\"'" else value)
    if not text or (rule == CODE and is_plain(text)):
        return False
    return rule != UNKNOWN or not (name in NAMES or (name in DRAWING and is_drawing(name, text)))


def _is_text(address: str) -> bool:
    return _IGNORED.sub("", unescaped(address[:_HEAD])).lower().lstrip("\"'").startswith("data:text/")


def _has_words(address: str) -> bool:
    if not _IGNORED.sub("", unescaped(address[:_HEAD])).lower().startswith(_DRAWING):
        return False
    head, _, body = unquote(unescaped(address)).partition(",")
    if head.lower().rstrip().endswith(";base64"):
        try:
            body = base64.b64decode(body).decode("utf-8", "replace")
        except binascii.Error:
            return True
    return _WORDED.search(body) is not None
