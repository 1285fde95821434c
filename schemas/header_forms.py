"""What each header must look like, whoever wrote the record, and whether all of them together make a record of a topic.

Raw records are enrich's own to read. From there on only stages of ours write, so that a record of another form is
nobody's payload: it is set aside before a stage builds on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import orjson

from schemas import headers as h
from schemas import topics
from schemas.identity import MAX_SEQ, is_project, is_uuid
from schemas.summary import CAPTURES

# ClickHouse's Date.
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2149, 6, 6)
# A project keeps sessions for ten years at most; a payload comes up to two days after its session began. What expired
# a month before it was received is nobody's: every day is a ClickHouse partition of its own, so that days are few.
LONGEST_KEPT, LONG_EXPIRED = timedelta(days=3652), timedelta(days=31)
# Server times beyond 2200 are nobody's clock, and DateTime64(3) ends in 2299.
MAX_SERVER_MS = 7_258_118_400_000
# What JSON numbers hold exactly.
MAX_CLIENT_MS = 2**53
# Longer than any payload has, and sums of a session's counts still fit 64 bits.
MAX_COUNT = 2**40
MAX_EVENTS = 2**32
MAX_USER = 256
# More rules than a policy has.
MAX_RULES = 32
CONTEXT_TEXTS = ("country", "region", "city", "browser", "os", "device")
_DAY_MS = 24 * 60 * 60 * 1000
_EPOCH = FIRST_DAY.toordinal()
_DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII).fullmatch
_CLIENT_MS = re.compile(r"-?[0-9]{1,16}", re.ASCII).fullmatch
_GAP = re.compile(r"-?[0-9]{1,12}", re.ASCII).fullmatch
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII).fullmatch
_HASH = re.compile(r"[0-9a-f]{64}").fullmatch
_RULE = re.compile(r"[a-z][a-z0-9_.]{0,63}").fullmatch
_WORD = re.compile(r"[!-~]{0,128}").fullmatch
_PLACE = re.compile(r"[\w-]{1,32}/[\w.-]{1,64}/[0-9]{1,6}/[0-9]{1,19}", re.ASCII).fullmatch


def is_day(text: str) -> bool:
    """True for YYYY-MM-DD of a day that ClickHouse can store."""
    if not _DAY(text):
        return False
    try:
        return FIRST_DAY <= date.fromisoformat(text) <= LAST_DAY
    except ValueError:
        return False


def is_expiry(text: str, received: int) -> bool:
    """True for a last day that a session may have of which something was received at `received`, ms until 2200."""
    return _is_expiry(text, received // _DAY_MS)


@lru_cache(64)
def _is_expiry(text: str, days: int) -> bool:
    if not is_day(text):
        return False
    today = date.fromordinal(_EPOCH + days)
    return today - LONG_EXPIRED <= date.fromisoformat(text) <= min(today + LONGEST_KEPT, LAST_DAY)


def is_rule(text: str) -> bool:
    """True for what may be the name of a rule of a policy."""
    return _RULE(text) is not None


def is_place(text: str) -> bool:
    """True for a record's coordinates, as in rs-src."""
    return _PLACE(text) is not None


def _below(limit: int) -> Callable[[str], bool]:
    return lambda text: _DIGITS(text) is not None and int(text) < limit


def _is_user(text: str) -> bool:
    user = _json(text)
    return isinstance(user, str) and len(user) <= MAX_USER


# Visitors of a minute share few; 64 of the largest are 4 MiB.
@lru_cache(64)
def _is_context(text: str) -> bool:
    context = _json(text)
    return isinstance(context, dict) and all(isinstance(context.get(name), str) for name in CONTEXT_TEXTS)


def _is_counts(text: str) -> bool:
    counts = _json(text)
    return isinstance(counts, dict) and all(type(each) is int and 0 <= each < MAX_COUNT for each in counts.values())


def _are_pages(text: str) -> bool:
    pages = _json(text)
    return isinstance(pages, list) and all(_is_page(page) for page in pages)


def _is_page(page: Any) -> bool:
    match page:
        case [int() as at, str()] | [int() as at, str(), "load" | "route"] if not isinstance(at, bool):
            return -MAX_CLIENT_MS <= at <= MAX_CLIENT_MS
        case _:
            return False


def _are_captures(text: str) -> bool:
    words = text.split(",") if text else []
    return len(words) <= len(CAPTURES) and words == sorted(set(words)) and all(word in CAPTURES for word in words)


def _is_removed(text: str) -> bool:
    removed = _json(text)
    return (
        isinstance(removed, dict)
        and len(removed) <= MAX_RULES
        and all(_RULE(rule) for rule in removed)
        and all(type(each) is int and 0 <= each < MAX_COUNT for each in removed.values())
    )


def _json(text: str) -> Any:
    """orjson refuses what other readers take: NaN, and half characters that can be written nowhere."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


FORMS: Mapping[str, Callable[[str], object]] = {
    h.PROJECT: is_project,
    h.WINDOW: is_uuid,
    h.PAGE: is_uuid,
    h.SEQ: _below(MAX_SEQ + 1),
    h.SENT: _below(10**16),
    h.KEYFRAME: frozenset({"0", "1"}).__contains__,
    h.SOURCE: is_place,
    h.STARTED: _below(MAX_SERVER_MS),
    h.EXPIRES: is_day,
    h.GAP: _GAP,
    h.HASH: _HASH,
    h.CONTEXT: _is_context,
    h.USER: _is_user,
    h.EVENTS: _below(MAX_EVENTS),
    h.FIRST: _CLIENT_MS,
    h.LAST: _CLIENT_MS,
    h.BYTES: _below(MAX_COUNT),
    h.POLICY: _WORD,
    h.COUNTS: _is_counts,
    h.PAGES: _are_pages,
    h.CAPTURES: _are_captures,
    h.REMOVED: _is_removed,
    h.CLOCK: frozenset({"0", "1"}).__contains__,
}
# The last day is looked at together with the time of receipt.
_CHECKS = {name: form for name, form in FORMS.items() if name != h.EXPIRES}
# Blocks and what follows them are read, column by column, by the sink; raw records by enrich.
_FORMED = frozenset({topics.ENRICHED.name, topics.REDACTED.name, topics.PARTS.name})


def are_legal(topic: str, key: str, headers: Mapping[str, str], received: int) -> bool:
    """Whether the headers that a record of `topic` (its name in `schemas.topics`) has are what they should be.

    `key` is a session's, `received` the record's time in ms. Which headers there must be, a stage knows: `are_all`.
    """
    if topic not in _FORMED:
        return True
    return (
        (h.PROJECT not in headers or key.startswith(f"{headers[h.PROJECT]}:"))
        and (h.EXPIRES not in headers or is_expiry(headers[h.EXPIRES], received))
        and all(_CHECKS[name](text) for name, text in headers.items() if name in _CHECKS)
    )


def are_all(topic: str, headers: Mapping[str, str]) -> bool:
    """Whether a record of `topic` has every header that its writers set."""
    return h.REQUIRED[topic] <= headers.keys()


def legal_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Of headers those that name a payload and look as they must: safe to be written anywhere."""
    return {name: text for name, text in headers.items() if name in FORMS and FORMS[name](text)}


def events_of(headers: Mapping[str, str]) -> int:
    """Events a record says it holds, 0 if it does not say."""
    text = headers.get(h.EVENTS, "")
    return int(text) if FORMS[h.EVENTS](text) else 0
