"""Which addresses of a write key take no more than their part of it, while others of the same key need some too.

An address may be told apart from an attacker only by how much it takes. So the rate of a key is divided among all the
addresses that used it lately and one more, for who comes next: whoever stays within that part is served as long as the
key has anything left, however many others ask for more.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from gateway.meters import Allowance

# An address that has sent nothing for so long does not count any longer.
LATELY_SECONDS = 600.0


@dataclass(slots=True)
class _Share:
    tokens: float
    filled_at: float
    used_at: float


class FairShares:
    """Shares by key and address. Of more than `most`, the one not used for longest is forgotten.

    Asking remembers nothing; only taking does.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._shares: OrderedDict[tuple[str, str], _Share] = OrderedDict()
        self._addresses: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._shares)

    def is_within(self, key: str, address: str, allowance: Allowance, clock: float) -> bool:
        """True while an address has not used up its part of what flows into a bucket of the key, at `clock` seconds."""
        share = self._shares.get((key, address))
        if share is None:
            return True
        self._fill(share, key, allowance, clock)
        return share.tokens > 0

    def take(self, key: str, address: str, size: float, allowance: Allowance, clock: float) -> None:
        """Take `size` out of the share, if need be as a debt, and forget those who have been gone for long."""
        self._forget_before(clock - LATELY_SECONDS)
        share = self._shares.get((key, address))
        if share is None:
            self._addresses[key] = self._addresses.get(key, 0) + 1
            share = self._shares[key, address] = _Share(allowance.burst, clock, clock)
            if len(self._shares) > self._most:
                self._forget_oldest()
        else:
            self._shares.move_to_end((key, address))
        self._fill(share, key, allowance, clock)
        share.tokens -= size
        share.used_at = clock

    def _fill(self, share: _Share, key: str, allowance: Allowance, clock: float) -> None:
        parts = self._addresses[key] + 1
        flown = (clock - share.filled_at) * allowance.per_second / parts
        share.tokens = min(allowance.burst / parts, share.tokens + flown)
        share.filled_at = clock

    def _forget_before(self, clock: float) -> None:
        while self._shares and next(iter(self._shares.values())).used_at < clock:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        (key, _), _ = self._shares.popitem(last=False)
        left = self._addresses[key] - 1
        if left:
            self._addresses[key] = left
        else:
            del self._addresses[key]
