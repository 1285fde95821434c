"""Mirrors kept in memory between payloads."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from processors.privacy.mirror import Mirror

# What a mirror costs besides its nodes, in nodes: its own tables, its name and its stamp are some 2.5 kB.
MIRROR_COST: Final = 10


class MirrorCache:
    """Mirrors by session and page load, at most `most` nodes in all, the least recently used forgotten first.

    A mirror counts as its nodes and MIRROR_COST more, so that many empty ones are as much as a few full ones.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._mirrors: OrderedDict[tuple[str, str], tuple[Mirror, str, int]] = OrderedDict()
        self._nodes = 0

    def take(self, name: tuple[str, str]) -> tuple[Mirror | None, str]:
        """A mirror and its stamp, out of the cache: only `put` brings it back, after it was stored."""
        mirror, stamp, nodes = self._mirrors.pop(name, (None, "", 0))
        self._nodes -= nodes
        return mirror, stamp

    def put(self, name: tuple[str, str], mirror: Mirror, stamp: str) -> None:
        """Keep a mirror as it is stored."""
        cost = MIRROR_COST + mirror.size
        self._mirrors[name] = (mirror, stamp, cost)
        self._nodes += cost
        while self._nodes > self._most:
            self._nodes -= self._mirrors.popitem(last=False)[1][2]
