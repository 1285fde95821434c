"""What batch remembers of a session: its open blocks, and which part of a cut value must come next.

| state name   | holds                                              | written          | bound             |
|--------------|----------------------------------------------------|------------------|-------------------|
| `open`       | the table of open blocks, when to forget           | per payload      | 2 KiB             |
| `b<slot>.<n>`| payload n of the open block in a slot              | once per payload | 900 KiB a block   |
| `t`, `u`     | totals and pages of the session, see `totals`      | per block        | 6 KiB, 0.6 MiB    |

A payload is a value of its own because a growing one would be written again, whole, with each payload.
All of it is forgotten 26 h after the session's first receipt. Fields may be added at the end of a list: readers take
those they know. What is of an unknown version is given up, and its payloads are counted as lost.
"""

from __future__ import annotations

from typing import NamedTuple

import orjson

from processors.batch.payloads import VERSION, Payload, thaw
from processors.outcome import Drop
from processors.state import State
from schemas import headers as h
from schemas.reasons import Reason

FORGET_MS = 26 * 3_600_000
# More than the settings allow to be open.
_SLOTS = 65


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


_FIELDS = len(OpenBlock._fields)


class OpenBlocks:
    """The open blocks of one session, oldest first. `expected` names the part that must come next, or is "".

    `lost` are payloads that were in state and cannot be read any more.
    """

    def __init__(self, state: State, started: int, expected: str, blocks: list[OpenBlock]) -> None:
        self._state = state
        # First receipt of the session, ms; None in a table of another version.
        self.started: int | None = started
        self.expected = expected
        self.blocks = blocks
        self.lost: list[Drop] = []

    @classmethod
    def load(cls, state: State) -> OpenBlocks | None:
        """None for a session not seen before."""
        value = state.get("open")
        if value is None:
            return None
        if value[:1] != VERSION:
            table = cls(state, 0, "", [])
            table.started = None
            return table
        started, expected, blocks, *_ = orjson.loads(value[1:])
        return cls(state, started, expected, [OpenBlock(*fields[:_FIELDS]) for fields in blocks])

    def is_over(self, now: int) -> bool:
        """True when the session is to be forgotten."""
        return now >= (self.started or 0) + FORGET_MS

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
        """Close an open block: its payloads, which are no longer in state. Those that cannot be read are `lost`."""
        self.blocks.remove(block)
        payloads = []
        for index in range(block.payloads):
            name = f"b{block.slot}.{index}"
            payload = thaw(self._state.get(name))
            self._state.delete(name)
            if payload is not None:
                payloads.append(payload)
            else:
                place = {h.WINDOW: block.window, h.PAGE: block.page, h.SEQ: str(block.first + index)}
                self.lost.append(Drop(Reason.DEGRADED, place, block.opened))
        return payloads

    def save(self, age_ms: int) -> None:
        """Write the table, and wake the session when its oldest block has the given age."""
        table = [self.started, self.expected, [tuple(block) for block in self.blocks]]
        self._state.set("open", VERSION + orjson.dumps(table))
        oldest = min((block.opened + age_ms for block in self.blocks), default=None)
        self._state.wake_at((self.started or 0) + FORGET_MS if oldest is None else oldest)

    def give_up(self, started: int) -> None:
        """For a table of another version: what it listed is lost, as far as it can be found, and it begins anew."""
        self.started = started
        for slot in range(_SLOTS):
            index = 0
            while (value := self._state.get(f"b{slot}.{index}")) is not None:
                self._state.delete(f"b{slot}.{index}")
                index += 1
                payload = thaw(value)
                headers, received = (payload.headers, payload.received) if payload else ({}, started)
                events = payload.number(h.EVENTS) if payload else 0
                self.lost.append(Drop(Reason.DEGRADED, headers, received, events=events))

    def forget(self) -> None:
        """Delete the table; every block must have been taken."""
        self._state.delete("open")
        self._state.wake_at(None)
