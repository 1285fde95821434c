"""Who holds how much of this process at once, and who gives way when it is short. Pure but for the clock it is given.

What counts is what a payload has cost: the bytes it holds times how long it has held them. A body that drips holds
little and costs little; it is only in the way of others when it has come to hold much, and then it is the first to go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.errors import Code

# Keyframes may fill so much more than the others: without one a recording cannot be played.
KEYFRAME_SHARE = 1.1
# Nobody counts as holding more than a fair share below these parts of the whole.
SMALLEST_KEY_SHARE = 1 / 4
SMALLEST_ADDRESS_SHARE = 1 / 8
# Who holds more than a fair share is refused above this, so that there is room for the others.
GREEDY_SHARE = 0.75
# Making room takes a look at everybody, so a good deal is made at once, and not again soon if nothing came of it.
ROOM = 1 / 16
PAUSE_SECONDS = 0.1
# A keyframe goes when others that cost a quarter of it have gone.
KEYFRAME_WORTH = 4


@dataclass(eq=False, slots=True)
class Holder:
    """One payload being received: whose it is, and what it holds in bytes."""

    key: str
    address: str
    keyframe: bool
    since: float
    stop: Callable[[Code], None]
    held: int = field(default=0, init=False)


class Shares:
    """The payloads being received, and their bytes, up to `most`; bytes of payloads that are whole count too."""

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self._most = most
        self._clock = clock
        self._held = 0
        self._by_key: dict[str, int] = {}
        self._by_address: dict[str, int] = {}
        self._receiving: dict[Holder, None] = {}
        self._barren_until = 0.0

    @property
    def held(self) -> int:
        """All bytes held."""
        return self._held

    def enter(self, holder: Holder) -> None:
        """A payload begins."""
        self._receiving[holder] = None

    def hold(self, holder: Holder, size: int) -> bool:
        """`holder` holds `size` bytes more; False if there is no room for it. Others may be stopped to make some."""
        if self._held + size > self._limit(holder) and not self._make_room(holder, size):
            return False
        self._add(holder, size)
        return True

    def complete(self, holder: Holder) -> None:
        """The payload is whole: it cannot be asked to give way any longer."""
        self._receiving.pop(holder, None)

    def leave(self, holder: Holder) -> None:
        """It holds nothing any longer."""
        self.complete(holder)
        self._add(holder, -holder.held)

    def receiving(self) -> list[Holder]:
        """Those that are not yet whole."""
        return list(self._receiving)

    def _limit(self, holder: Holder) -> float:
        if self._above_share(holder):
            return self._most * GREEDY_SHARE
        return self._most * KEYFRAME_SHARE if holder.keyframe else self._most

    def _above_share(self, holder: Holder) -> bool:
        by_key, by_address = self._by_key, self._by_address
        of_key = self._most * max(SMALLEST_KEY_SHARE, 1 / max(1, len(by_key)))
        of_address = self._most * max(SMALLEST_ADDRESS_SHARE, 1 / max(1, len(by_address)))
        return by_key.get(holder.key, 0) > of_key or by_address.get(holder.address, 0) > of_address

    def _make_room(self, asking: Holder, size: int) -> bool:
        """Stop those who go before `asking`; whoever would go first goes, also if it is the one that asks."""
        now = self._clock()
        if now < self._barren_until:
            return False
        limit = self._limit(asking)
        wanted = self._held + size + self._most * ROOM - limit
        freed = 0
        for holder in sorted(self._receiving, key=lambda one: self._rank(one, now)):
            if freed >= wanted or holder is asking:
                break
            freed += holder.held
            self.leave(holder)
            holder.stop(Code.OVERLOADED)
        if not freed:
            self._barren_until = now + PAUSE_SECONDS
        return self._held + size <= limit

    def _rank(self, holder: Holder, now: float) -> tuple[bool, float]:
        """Those above their share go first, and among them those that have cost most."""
        cost = holder.held * (now - holder.since)
        return not self._above_share(holder), -(cost / KEYFRAME_WORTH if holder.keyframe else cost)

    def _add(self, holder: Holder, size: int) -> None:
        self._held += size
        holder.held += size
        for held, name in ((self._by_key, holder.key), (self._by_address, holder.address)):
            left = held.get(name, 0) + size
            if left:
                held[name] = left
            else:
                held.pop(name, None)
