"""How often one address may try to log in: token buckets in bounded memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

# Buckets of 100 bytes each; the oldest is forgotten, which forgives at most one burst.
MOST_ADDRESSES = 10_000


class Attempts:
    """`rate` attempts a second, `burst` at once, per address."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> float:
        """0.0 if the address may try now, else seconds until it may."""
        with self._lock:
            now = self._clock()
            tokens, filled_at = self._buckets.pop(address, (self._burst, now))
            tokens = min(self._burst, tokens + (now - filled_at) * self._rate)
            wait = max(0.0, (1 - tokens) / self._rate)
            self._buckets[address] = (tokens if wait else tokens - 1, now)
            if len(self._buckets) > MOST_ADDRESSES:
                self._buckets.popitem(last=False)
            return wait
