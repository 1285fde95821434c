"""Query parameters: known ones only, each once, each in its form. Anything else is a 422 that names it."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl

from replay.errors import RefusalError, bad_filter
from replay.times import LATEST_MS, to_ms
from schemas.identity import is_uuid

MOST_PARAMETERS = 50
MOST_CHARACTERS = 1024


class Parameters:
    """The parameters of one request. Every reader raises RefusalError for a text that is not of its form."""

    def __init__(self, query: str, known: Iterable[str]) -> None:
        names = tuple(known)
        self._texts: dict[str, str] = {}
        try:
            pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS, errors="strict")
        except ValueError:
            raise RefusalError(422, "bad_filter", "The query cannot be read.") from None
        for name, text in pairs:
            if name not in names:
                shown = ascii(name[:40])
                detail = f"There is no parameter {shown}; known are {', '.join(names)}."
                raise RefusalError(422, "bad_filter", detail)
            if name in self._texts:
                raise RefusalError(422, "bad_filter", f"The parameter {name!r} stands there twice.")
            self._texts[name] = text

    def text(self, name: str) -> str:
        """A text of 1 to 1024 characters; empty if it was not given."""
        text = self._texts.get(name)
        if text is None:
            return ""
        if not 0 < len(text) <= MOST_CHARACTERS or "\0" in text:
            raise bad_filter(name, f"a text of 1 to {MOST_CHARACTERS} characters")
        return text

    def uuid(self, name: str) -> str:
        """A UUID in lower case; empty if it was not given."""
        text = self._texts.get(name, "").lower()
        if name in self._texts and not is_uuid(text):
            raise bad_filter(name, "a UUID")
        return text

    def time(self, name: str, absent: int) -> int:
        """Milliseconds of an RFC 3339 time."""
        if name not in self._texts:
            return absent
        try:
            return to_ms(self._texts[name])
        except ValueError:
            raise bad_filter(name, "a time as in RFC 3339, with its offset") from None

    def span(self) -> tuple[int, int]:
        """(from, to) in ms: everything if not given; `from` is not after `to`."""
        first, end = self.time("from", 0), self.time("to", LATEST_MS)
        if first > end:
            raise bad_filter("from", "no later than 'to'")
        return first, end

    def number(self, name: str, absent: int, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        text = self._texts.get(name)
        if text is None:
            return absent
        if not (text.isascii() and text.isdigit() and len(text) <= 9 and low <= int(text) <= high):
            raise bad_filter(name, f"a whole number from {low} to {high}")
        return int(text)

    def seconds(self, name: str) -> int:
        """A duration in seconds, fractions allowed, as milliseconds; 0 if it was not given."""
        text = self._texts.get(name)
        if text is None:
            return 0
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0 <= value <= 10_000_000:
            raise bad_filter(name, "a number of seconds")
        return round(value * 1000)

    def choice(self, name: str, choices: tuple[str, ...]) -> str | None:
        """One of some words; None if it was not given."""
        text = self._texts.get(name)
        if text is not None and text not in choices:
            raise bad_filter(name, f"one of {', '.join(choices)}")
        return text
