"""Gathers the payloads of a page load into blocks, and sums up the session with every block written.

A block ends before a keyframe, a jump in seq, a change of policy, or when it would be too large; when it is full;
and when it has grown old. A part of a cut value is a block of its own. Values are put one after the other unopened.
"""

from __future__ import annotations

from dataclasses import dataclass

from processors.batch.open_blocks import OpenBlock, OpenBlocks
from processors.batch.parts import read_part
from processors.batch.payloads import Payload, make_block
from processors.batch.totals import Totals
from processors.outcome import Dead, Keep, Outcome
from processors.record import Record
from processors.state import State
from schemas import headers as h
from schemas import topics
from schemas.header_forms import are_all, events_of
from schemas.reasons import Reason


@dataclass(frozen=True, slots=True)
class BlockLimits:
    """When a block is written: its bytes, its payloads, its age (wall clock), or too many others open."""

    bytes: int = topics.BLOCKS.value_limit
    payloads: int = 256
    age_ms: int = 500
    open_blocks: int = 8


class Batch:
    """The stage. `processors.batch.open_blocks` lists the state."""

    def __init__(self, limits: BlockLimits) -> None:
        self._limits = limits

    def on_record(self, record: Record, state: State, now: int) -> list[Outcome]:
        """See `processors.stage.Stage`."""
        if not are_all(topics.PARTS.name, record.headers):
            return [Dead(Reason.BAD_HEADERS, record.headers, record.received, events_of(record.headers))]
        payload = Payload(record.headers, record.received, record.value)
        if len(record.value) > self._limits.bytes:
            # Split writes none. As a block of its own it would be too large when nobody has its record at hand.
            return [Dead(Reason.TOO_LARGE, record.headers, record.received, payload.number(h.EVENTS))]
        started = payload.number(h.STARTED)
        table, before = OpenBlocks.load(state), list[Outcome]()
        if table is not None and table.started is None:
            table.give_up(started)
        if table is not None and table.started != started:
            # Enrich had forgotten the session and began another one under its id: their totals must not mix.
            before, table = self._end(table, state), None
        table = table or OpenBlocks(state, started, "", [])
        closed = [table.take(block) for block in self._due(table, now)]
        lost = before
        if h.PART not in record.headers:
            table.expected = ""
            closed += self._gather(table, payload, now)
        elif self._is_in_place(table, payload):
            closed += self._close_page(table, payload)
            closed.append([payload])
        else:
            lost.append(Dead(Reason.BAD_PART, record.headers, record.received, payload.number(h.EVENTS)))
        table.save(self._limits.age_ms)
        return [*lost, *table.lost, *self._write(state, closed)]

    def on_wake(self, key: str, state: State, now: int) -> list[Outcome]:
        """See `processors.stage.Stage`: blocks that grew old are written, and an old session is forgotten."""
        table = OpenBlocks.load(state)
        if table is None:
            return []
        if table.started is None:
            table.give_up(Totals(state).started)
        if table.is_over(now):
            return self._end(table, state)
        closed = [table.take(block) for block in self._due(table, now)]
        table.save(self._limits.age_ms)
        return [*table.lost, *self._write(state, closed)]

    def on_crashed(self, record: Record, state: State) -> None:
        """See `processors.stage.Stage`: the rest of a cut value that lost a part must not pass."""
        table = OpenBlocks.load(state)
        if table is not None and table.started is not None:
            table.expected = ""
            table.save(self._limits.age_ms)

    def _due(self, table: OpenBlocks, now: int) -> list[OpenBlock]:
        return [block for block in table.blocks if block.opened + self._limits.age_ms <= now]

    def _gather(self, table: OpenBlocks, payload: Payload, now: int) -> list[list[Payload]]:
        closed = []
        block = table.find(payload.headers[h.WINDOW], payload.headers[h.PAGE])
        if block is not None and not self._fits(block, payload):
            closed.append(table.take(block))
            block = None
        if block is None and len(table.blocks) >= self._limits.open_blocks:
            closed.append(table.take(table.blocks[0]))
        block = table.append(block, payload, now)
        if block.payloads >= self._limits.payloads:
            closed.append(table.take(block))
        return closed

    def _fits(self, block: OpenBlock, payload: Payload) -> bool:
        return (
            not payload.has_keyframe
            and payload.seq == block.last + 1
            and payload.headers[h.POLICY] == block.policy
            and block.size + len(payload.value) <= self._limits.bytes
        )

    def _is_in_place(self, table: OpenBlocks, payload: Payload) -> bool:
        """True for a first part and for the one that follows; remembers what must come after it."""
        text = payload.headers[h.PART]
        part = read_part(text)
        payload_name = "/".join(payload.headers[name] for name in (h.WINDOW, h.PAGE, h.SEQ))
        in_place = part is not None and (part.index == 0 or table.expected == f"{payload_name}/{text}")
        following = part.following if part is not None and in_place else ""
        table.expected = f"{payload_name}/{following}" if following else ""
        return in_place

    def _close_page(self, table: OpenBlocks, payload: Payload) -> list[list[Payload]]:
        block = table.find(payload.headers[h.WINDOW], payload.headers[h.PAGE])
        return [table.take(block)] if block is not None else []

    def _end(self, table: OpenBlocks, state: State) -> list[Outcome]:
        """Write what a session has open, and forget it."""
        outcomes = self._write(state, [table.take(block) for block in list(table.blocks)])
        Totals.forget(state)
        table.forget()
        return [*table.lost, *outcomes]

    def _write(self, state: State, closed: list[list[Payload]]) -> list[Keep]:
        blocks = [(make_block(payloads), payloads) for payloads in closed if payloads]
        return [*(block for block, _ in blocks), Totals(state).next_version(blocks)] if blocks else []
