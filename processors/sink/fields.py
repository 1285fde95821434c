"""Reading header texts and JSON members with their bounds: a value in range, or an error of one of two kinds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson

from schemas.header_forms import MAX_CLIENT_MS, MAX_RULES, is_expiry, is_rule
from schemas.identity import MAX_SEQ, is_uuid

UINT64 = 2**64
UINT32 = 2**32
UINT16 = 2**16


NO_WINDOW = "00000000-0000-0000-0000-000000000000"
_is_word = re.compile(r"[a-z][a-z0-9_]{0,63}").fullmatch


class UnreadableError(ValueError):
    """A JSON member is missing or is not what the schema says."""


def seq_range(text: str) -> tuple[int, int]:
    """ "first-last", or one number for a block of one payload."""
    first, _, last = text.partition("-")
    low, high = bounded(first, MAX_SEQ + 1), bounded(last or first, MAX_SEQ + 1)
    if low > high:
        raise ValueError("a range runs upwards")
    return low, high


def expiry(text: str, received: int) -> date:
    """The last day of what was received at `received` (ms); ValueError if nothing of that time has it."""
    if not is_expiry(text, received):
        raise ValueError("not a last day")
    return date.fromisoformat(text)


def part_of(text: str | None, size: int) -> tuple[int, int, int, str]:
    """(index, count, total bytes, SHA-256) of a header rs-part; a value of `size` bytes is whole without one."""
    if text is None:
        return 0, 1, size, ""
    index, count, total, digest = text.split("/")
    place, pieces = bounded(index, UINT16), bounded(count, UINT16)
    if place >= pieces or len(digest) != 64:
        raise ValueError("not a part")
    return place, pieces, bounded(total, UINT64), digest


def bounded(text: str, limit: int) -> int:
    """A decimal number from 0 to below `limit`; ValueError otherwise."""
    if not (text.isascii() and text.isdigit()) or len(text) > 20 or int(text) >= limit:
        raise ValueError("not a number in range")
    return int(text)


def uuid_text(text: str) -> str:
    """The same text if it is a lower-case UUID; ValueError otherwise."""
    if not is_uuid(text):
        raise ValueError("not a UUID")
    return text


def client_ms(value: int) -> int:
    """A client time in ms, cut to what JSON numbers hold exactly: client clocks may say anything."""
    return max(-MAX_CLIENT_MS, min(MAX_CLIENT_MS, value))


def json_object(value: bytes) -> dict[str, Any]:
    """A JSON object; orjson.JSONDecodeError or UnreadableError."""
    parsed = orjson.loads(value)
    if not isinstance(parsed, dict):
        raise UnreadableError
    return parsed


def member(holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object inside an object, empty if it is not there; UnreadableError."""
    value = holder.get(name, {})
    if not isinstance(value, dict):
        raise UnreadableError
    return value


def members(holder: Mapping[str, Any], name: str) -> list[Any]:
    """A list inside an object, empty if it is not there; UnreadableError."""
    value = holder.get(name, [])
    if not isinstance(value, list):
        raise UnreadableError
    return value


def integer(holder: Mapping[str, Any], name: str, absent: int | None = None) -> int:
    """An integer inside an object, `absent` if it is not there; UnreadableError."""
    value = holder.get(name, absent)
    if not isinstance(value, int) or isinstance(value, bool):
        raise UnreadableError
    return value


def count(holder: Mapping[str, Any], name: str, limit: int = UINT64, absent: int | None = None) -> int:
    """An integer from 0 to below `limit` inside an object, `absent` if it is not there; UnreadableError."""
    value = integer(holder, name, absent)
    if not 0 <= value < limit:
        raise UnreadableError
    return value


def text_of(holder: Mapping[str, Any], name: str, absent: str | None = None) -> str:
    """A text inside an object, `absent` if it is not there; UnreadableError."""
    value = holder.get(name, absent)
    if not isinstance(value, str):
        raise UnreadableError
    return value


def word_of(holder: Mapping[str, Any], name: str, absent: str | None = None) -> str:
    """A word of a list that a newer writer may have made longer, `absent` if it is not there; UnreadableError."""
    value = text_of(holder, name, absent)
    if _is_word(value) is None:
        raise UnreadableError
    return value


def captures_of(summary: Mapping[str, Any]) -> list[str]:
    """What the recorder told throughout; empty where that is not known; UnreadableError."""
    words = summary.get("captures") or []
    if not isinstance(words, list) or not all(isinstance(word, str) and _is_word(word) for word in words):
        raise UnreadableError
    return words


def removed_of(summary: Mapping[str, Any]) -> tuple[list[str], list[int]]:
    """(rules, how much each removed); UnreadableError."""
    removed = summary.get("removed") or {}
    if not isinstance(removed, dict) or len(removed) > MAX_RULES or not all(map(is_rule, removed)):
        raise UnreadableError
    return list(removed), [count(removed, rule) for rule in removed]


def known(summary: Mapping[str, Any], name: str) -> int:
    """A number, or true or false as 1 or 0; -1 where it is not known; UnreadableError."""
    value = summary.get(name)
    return -1 if value is None else count({name: int(value) if isinstance(value, bool) else value}, name, 2**63)


_PLAYABLE = {"True": 1, "False": 2}


def window_of(value: Any) -> tuple[str, int, int, int]:
    """(id, first ms, last ms, playable) of a schemas.summary.WindowSummary; UnreadableError.

    1 is playable, 2 is not, 0 is not known.
    """
    if not isinstance(value, dict) or not is_uuid(text_of(value, "window")):
        raise UnreadableError
    first, last = span_of(value)
    return value["window"], first, last, _PLAYABLE.get(str(value.get("playable")), 0)


def span_of(holder: Mapping[str, Any]) -> tuple[int, int]:
    """(first, last), client ms, of a session or a window; one that is not there is the other; UnreadableError."""
    known = next((holder[name] for name in ("first", "last") if name in holder), 0)
    return client_ms(integer(holder, "first", known)), client_ms(integer(holder, "last", known))


def page_of(value: Any) -> tuple[int, str, str, str]:
    """(client ms, URL, window, kind) of an entry of SessionSummary.pages; UnreadableError.

    Where they are not known, the window is zero and the kind empty.
    """
    match value:
        case [int() as at, str() as url, str() as window, str() as kind, *_] if not isinstance(at, bool):
            if not is_uuid(window) or _is_word(kind) is None:
                raise UnreadableError
            return client_ms(at), url, window, kind
        case [int() as at, str() as url, *_] if not isinstance(at, bool):
            return client_ms(at), url, NO_WINDOW, ""
        case _:
            raise UnreadableError
