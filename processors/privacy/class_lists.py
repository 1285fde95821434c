"""What selectors find by an element's `class` alone, remembered: a page has few values of it, again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# Real pages have some hundred values, most of them short; others only take longer.
_VALUES = 4096
_CHARACTERS = 256


class ClassLists:
    """`find` is what is asked about a value that is new, in a document in quirks mode or not."""

    __slots__ = ("_find", "_plain", "_quirks")

    def __init__(self, find: Callable[[str, bool], int]) -> None:
        self._find = find
        self._plain: dict[str, int] = {}
        self._quirks: dict[str, int] = {}

    def matching(self, value: Any, quirks: bool) -> int:
        """As `Selectors.matches`; a value that is no text stands for no class."""
        if type(value) is not str:
            return 0
        known = self._quirks if quirks else self._plain
        found = known.get(value)
        if found is None:
            found = self._find(value, quirks)
            if len(value) <= _CHARACTERS:
                if len(known) >= _VALUES:
                    known.clear()
                known[value] = found
        return found
