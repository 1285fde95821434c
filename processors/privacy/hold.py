"""A session whose sampling is undecided: its redacted payloads wait in state, and the facts the rules ask about.

| name               | holds                                          | written      | size      |
|--------------------|------------------------------------------------|--------------|-----------|
| `privacy:hold`     | until when, how many, how large; the facts     | each payload | < 0.2 KiB |
| `privacy:held:<n>` | one redacted payload: headers, then its value  | once         | ≤ 8 MiB   |

All of it is deleted when the session is decided, at most 120 s after it began.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from dataclasses import fields as dataclass_fields

import orjson

from processors.outcome import Drop, Keep, Outcome
from processors.privacy.cells import VERSION, pack_cell, unpack_cell
from processors.privacy.sampling import Facts
from processors.state import State
from schemas.project import HOLD_SECONDS
from schemas.reasons import Reason
from schemas.topics import MIB

_NAME = "privacy:hold"
MAX_BYTES = 8 * MIB


@dataclass(slots=True)
class Hold:
    """`until` is wall clock, ms; `size` is bytes of state that the `payloads` held take.

    `unreadable` says that another version wrote it, which this code does not know: the session cannot be decided.
    """

    until: int
    payloads: int
    size: int
    facts: Facts
    unreadable: bool = False

    @classmethod
    def begin(cls, now: int) -> Hold:
        """For a session whose first payload was read at `now`; nothing is in state yet."""
        return cls(now + HOLD_SECONDS * 1000, 0, 0, Facts())

    @classmethod
    def load(cls, state: State) -> Hold | None:
        """The hold in state; None if there is none."""
        value = state.get(_NAME)
        if value is None:
            return None
        fields = unpack_cell(value, 4)
        if fields is None:
            held = 0
            while state.get(f"privacy:held:{held}") is not None:
                held += 1
            return cls(0, held, 0, Facts(), unreadable=True)
        until, payloads, size, facts = fields
        return cls(until, payloads, size, Facts(*facts[: len(dataclass_fields(Facts))]))

    def add(self, state: State, outcomes: list[Outcome]) -> bool:
        """Hold what is kept of one payload, and ask to be woken; False, and nothing done, if it would be too much."""
        cells = [_pack(outcome) for outcome in outcomes if isinstance(outcome, Keep)]
        size = self.size + sum(map(len, cells))
        if size > MAX_BYTES:
            return False
        for number, cell in enumerate(cells, self.payloads):
            state.set(f"privacy:held:{number}", cell)
        self.payloads, self.size = self.payloads + len(cells), size
        state.set(_NAME, pack_cell(self.until, self.payloads, self.size, astuple(self.facts)))
        state.wake_at(self.until)
        return True

    @classmethod
    def end(cls, state: State, started: int) -> list[Outcome]:
        """Delete the hold, if there is one; the payloads held, in the order they came.

        For one that cannot be read, its loss; `started` is when the session began, ms.
        """
        hold = cls.load(state)
        held: list[Outcome] = []
        for number in range(hold.payloads if hold else 0):
            keep = _unpack(state.get(f"privacy:held:{number}"))
            held.append(keep or Drop(Reason.DEGRADED, {}, started))
            state.delete(f"privacy:held:{number}")
        state.delete(_NAME)
        return held


def _pack(keep: Keep) -> bytes:
    """Version byte, length of what describes the payload (4 bytes big-endian), that as JSON, then the value."""
    about = orjson.dumps([dict(keep.headers), keep.received, keep.events])
    return VERSION + len(about).to_bytes(4) + about + keep.value


def _unpack(cell: bytes | None) -> Keep | None:
    if cell is None or cell[:1] != VERSION:
        return None
    start = 5 + int.from_bytes(cell[1:5])
    headers, received, events, *_ = orjson.loads(cell[5:start])
    return Keep(cell[start:], headers, received, events)
