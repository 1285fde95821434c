"""Which dead letters are kept with their bytes: beyond a rate only samples, so that nobody can fill the disk with them.

A rate holds for each project and reason, in each process. What is not kept is a counted loss.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

MINUTE = 60.0
# Projects times reasons of a deployment, with room; the ones longest unused are forgotten, and start anew.
MOST_KINDS = 4096


class Samples:
    """`letters` and `size` (bytes) are kept a minute, and that much at once. `clock` is in seconds.

    The letter that goes over the bytes is kept, so that a large one can be a sample too.
    """

    def __init__(self, letters: int, size: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._letters = float(letters)
        self._size = float(size)
        self._clock = clock
        # Letters and bytes left, and when that was so.
        self._kinds: OrderedDict[tuple[str, str], tuple[float, float, float]] = OrderedDict()

    def take(self, project: str, reason: str, size: int) -> bool:
        """Whether a letter of so many bytes is kept."""
        now = self._clock()
        letters, room, at = self._kinds.pop((project, reason), (self._letters, self._size, now))
        share = max(now - at, 0.0) / MINUTE
        letters = min(letters + share * self._letters, self._letters)
        room = min(room + share * self._size, self._size)
        kept = letters >= 1 and room > 0
        if kept:
            letters, room = letters - 1, room - size
        self._kinds[project, reason] = (letters, room, now)
        if len(self._kinds) > MOST_KINDS:
            self._kinds.popitem(last=False)
        return kept
