"""Addresses within other text: labels, values of options, JSON that a page keeps in an attribute, words on a canvas.

Where an address ends cannot be told for sure, so what is cut goes on to the next white space, double quote or angle
bracket; where a whole string begins like an address, to its end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

Strip = Callable[[str], str]

# What may be cut stands behind one of these, or is spelled with escapes.
ODD: Final = re.compile(r"[?#@;\\]")
_STRING = re.compile(r'[^"<>]+')
_WORD = re.compile(r"\S+")
_START = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.\-]{0,31}:)?[/\\]{2}\S|\.{0,2}/[^\s/]|(?:blob|filesystem):")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]{0,31}$")
_LONGEST_SCHEME = 32
# JSON's escapes; a slash needs none, but has one often. Those of a string within a string come off one by one.
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/]))')
_NESTED = 3
_BACKSLASH = "\\"
# What a fragment that is a route, or an answer to a login, begins with or has.
_ROUTES = ("/", "!/", "?")
_BASE64 = re.compile(r"[A-Za-z0-9+/=]*")


def strip_words(words: str, strip: Strip) -> str:
    """The text with each address in it as `strip` leaves it."""
    return _STRING.sub(lambda match: _strip_string(match[0], strip), words)


def strip_all(value: Any, strip: Callable[[str], str]) -> Any:
    """A JSON value, changed in place, with `strip` applied to all of its strings and names."""
    if type(value) is str:
        return strip(value)
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        if type(holder) is list:
            for index, each in enumerate(holder):
                if type(each) is str:
                    holder[index] = strip(each)
                elif type(each) in (list, dict):
                    waiting.append(each)
        elif type(holder) is dict:
            for name, each in list(holder.items()):
                if type(each) is str:
                    holder[name] = strip(each)
                elif type(each) in (list, dict):
                    waiting.append(each)
                new = strip(name)
                if new != name:
                    holder[new] = holder.pop(name)
    return value


def is_base64(text: str) -> bool:
    """True if the text can only be bytes."""
    return _BASE64.fullmatch(text) is not None


def _strip_string(text: str, strip: Strip) -> str:
    core = text.strip()
    # Before a quote that is escaped itself.
    core = core.rstrip(_BACKSLASH)
    plain = _unescaped(core) if _BACKSLASH in core else core
    new = strip(plain) if _START.match(plain) else _WORD.sub(lambda match: _strip_word(match[0], strip), plain)
    if new == plain:
        return text
    if plain is not core:
        new = json.dumps(new, ensure_ascii=False)[1:-1]
    start = len(text) - len(text.lstrip())
    return text[:start] + new + text[start + len(core) :]


def _strip_word(word: str, strip: Strip) -> str:
    at = word.find("://")
    if at > 0:
        scheme = _SCHEME.search(word[max(at - _LONGEST_SCHEME, 0) : at])
        if scheme is not None:
            start = at - len(scheme[0])
            return word[:start] + strip(word[start:])
    if _START.match(word):
        return strip(word)
    address, has_fragment, fragment = word.partition("#")
    _, has_query, query = address.partition("?")
    if has_query and "=" in query:
        return strip(word)
    if has_fragment and ("=" in fragment or fragment.startswith(_ROUTES)):
        return strip(word)
    return strip(word) if ";" in address and "=" in address else word


def _unescaped(text: str) -> str:
    for _ in range(_NESTED):
        plain = _ESCAPE.sub(_character, text)
        if plain == text:
            break
        text = plain
    return text


def _character(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[2]
    code = int(match[1], 16)
    return match[0] if 0xD800 <= code <= 0xDFFF else chr(code)
