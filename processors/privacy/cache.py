"""Mirrors kept in memory between payloads."""

from __future__ import annotations

from collections import OrderedDict

from processors.privacy.mirror import Mirror


class MirrorCache:
    """Mirrors by session and page load, at most `most` nodes in all, the least recently used forgotten first."""

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
        self._mirrors[name] = (mirror, stamp, len(mirror.nodes))
        self._nodes += len(mirror.nodes)
        while self._nodes > self._most or len(self._mirrors) > self._most:
            self._nodes -= self._mirrors.popitem(last=False)[1][2]
