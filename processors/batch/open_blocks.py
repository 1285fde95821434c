"""What batch remembers of a session: its open blocks, and which part of a cut value must come next.

| state name   | holds                                              | written          | bound             |
|--------------|----------------------------------------------------|------------------|-------------------|
| `open`       | the table of open blocks, when to forget           | per payload      | 2 KiB             |
| `b<slot>.<n>`| payload n of the open block in a slot              | once per payload | 900 KiB a block   |
| `t`, `u`     | totals and pages of the session, see `totals`      | per block        | 6 KiB, 0.6 MiB    |

A payload is a value of its own because a growing one would be written again, whole, with each payload.
All of it is forgotten 26 h after the session's first receipt.
"""

from __future__ import annotations

from typing import NamedTuple

import orjson

from processors.batch.payloads import VERSION, Payload, thaw
from processors.state import State
from schemas import headers as h

FORGET_MS = 26 * 3_600_000


class OpenBlock(NamedTuple):
    """Payloads `first` to `last` of a page load, `size` bytes in all; `opened` is when the first arrived here, ms."""

    slot: int
    window: str
    page: str
    policy: str
    first: int
    last: int
    size: int
    opened: int

    @property
    def payloads(self) -> int:
        """How many it has: their numbers are consecutive."""
        return self.last - self.first + 1


class OpenBlocks:
    """The open blocks of one session, oldest first. `expected` names the part that must come next, or is ""."""

    def __init__(self, state: State, started: int, expected: str, blocks: list[OpenBlock]) -> None:
        self._state = state
        self._started = started
        self.expected = expected
        self.blocks = blocks

    @classmethod
    def load(cls, state: State) -> OpenBlocks | None:
        """None for a session not seen before, or known only to another version of this code."""
        value = state.get("open")
        if value is None or value[:1] != VERSION:
            return None
        started, expected, blocks = orjson.loads(value[1:])
        return cls(state, started, expected, [OpenBlock(*fields) for fields in blocks])

    def is_over(self, now: int) -> bool:
        """True when the session is to be forgotten."""
        return now >= self._started + FORGET_MS

    def find(self, window: str, page: str) -> OpenBlock | None:
        """The open block of a page load."""
        return next((block for block in self.blocks if (block.window, block.page) == (window, page)), None)

    def append(self, block: OpenBlock | None, payload: Payload, now: int) -> OpenBlock:
        """Add a payload to an open block, or (None) open one with it."""
        size, seq = len(payload.value), payload.seq
        if block is None:
            taken = {open_block.slot for open_block in self.blocks}
            slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)
            window, page, policy = (payload.headers[name] for name in (h.WINDOW, h.PAGE, h.POLICY))
            grown = OpenBlock(slot, window, page, policy, seq, seq, size, now)
            self.blocks.append(grown)
        else:
            grown = block._replace(last=seq, size=block.size + size)
            self.blocks[self.blocks.index(block)] = grown
        self._state.set(f"b{grown.slot}.{grown.payloads - 1}", payload.freeze())
        return grown

    def take(self, block: OpenBlock) -> list[Payload]:
        """Close an open block: its payloads, which are no longer in state."""
        self.blocks.remove(block)
        names = [f"b{block.slot}.{index}" for index in range(block.payloads)]
        payloads = [thaw(self._state.get(name)) for name in names]
        for name in names:
            self._state.delete(name)
        return payloads

    def save(self, age_ms: int) -> None:
        """Write the table, and wake the session when its oldest block has the given age."""
        table = [self._started, self.expected, [tuple(block) for block in self.blocks]]
        self._state.set("open", VERSION + orjson.dumps(table))
        oldest = min((block.opened + age_ms for block in self.blocks), default=None)
        self._state.wake_at(self._started + FORGET_MS if oldest is None else oldest)

    def forget(self) -> None:
        """Delete the table; every block must have been taken."""
        self._state.delete("open")
        self._state.wake_at(None)
