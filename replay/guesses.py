"""How often one address may show a token or a cookie that is wrong: token buckets in bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

# Buckets of about 200 bytes each.
MOST_ADDRESSES = 10_000
# What nobody tries out, however fast: with 32 random characters there are 2 to the power of 128 or more.
UNGUESSABLE_LENGTH = 32


class Guesses:
    """`rate` wrong ones a second, `burst` at once, per address group.

    `clock` gives seconds; when it goes back, nothing is added. A bucket that is full again tells nothing and is
    forgotten. While all of them tell something, new addresses share one, so that being many buys nobody more guesses.
    """

    def __init__(self, rate: float, burst: int, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._shared: tuple[float, float] = (self._burst, clock())

    def __len__(self) -> int:
        return len(self._buckets)

    def wait(self, address: str) -> float:
        """0.0 if the address may be wrong now, else seconds until it may."""
        left = self._left(self._bucket(address))
        return max(0.0, (1 - left) / self._rate)

    def failed(self, address: str) -> None:
        """The address was wrong once more."""
        known = self._bucket(address)
        bucket = max(0.0, self._left(known) - 1), self._clock()
        if address in self._buckets or self._makes_room():
            self._buckets[address] = bucket
            self._buckets.move_to_end(address)
        else:
            self._shared = bucket

    def _bucket(self, address: str) -> tuple[float, float]:
        known = self._buckets.get(address)
        if known is not None:
            return known
        return (self._burst, self._clock()) if self._makes_room() else self._shared

    def _makes_room(self) -> bool:
        """True if there is room for one more address, if need be in place of the one longest silent."""
        if len(self._buckets) < MOST_ADDRESSES:
            return True
        oldest = next(iter(self._buckets))
        if self._left(self._buckets[oldest]) < self._burst:
            return False
        del self._buckets[oldest]
        return True

    def _left(self, bucket: tuple[float, float]) -> float:
        tokens, at = bucket
        return min(self._burst, tokens + max(0.0, self._clock() - at) * self._rate)
