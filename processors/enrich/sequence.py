"""Puts the payloads of one page load in order: each seq once, and a short wait for what is missing."""

from __future__ import annotations

import hashlib
from bisect import insort
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import orjson

from processors.enrich.cells import VERSION, pack_cell, unpack_cell
from processors.enrich.digests import NONE, Digests
from processors.enrich.limits import HoldLimits
from processors.outcome import Keep
from processors.state import State
from schemas import headers as h

# A payload that was counted as missing and came after all: it takes one off the gaps counted before.
LATE = "-1"


class Held(NamedTuple):
    """A payload ahead of the next seq; `size` is 0 if nothing is to be written for it."""

    seq: int
    until: int
    size: int


def page_name(window: str, page: str) -> str:
    """Short state name of a page load, 16 hex digits."""
    return hashlib.sha256(f"{window}/{page}".encode()).hexdigest()[:16]


class PageLoad:
    """The order of one page load, read from state when made and written by `save`."""

    def __init__(self, state: State, name: str) -> None:
        self._state = state
        self._name = name
        fields = unpack_cell(state.get(f"p{name}"), 4)
        self.is_new = fields is None
        following, missing, newest, held = fields or (0, 0, NONE, [])
        self._next: int = following
        self._missing: int = missing
        self._held = [Held(*entry[:3]) for entry in held]
        self.digests = Digests(state, name, newest)

    @property
    def until(self) -> int | None:
        """When what is held must be released, ms; None if nothing is."""
        return min((held.until for held in self._held), default=None)

    def accept(self, seq: int, digest: bytes, output: Keep | None, now: int, limits: HoldLimits) -> list[Keep]:
        """Take a payload not received before, and give what may be written now, in order.

        `output` is None for a payload of which nothing is written; its seq counts as received.
        """
        self.digests.add(seq, digest)
        if seq < self._next:
            return [] if output is None else [_with_gap(output, LATE)]
        insort(self._held, Held(seq, now + limits.milliseconds, len(output.value) if output else 0))
        released = list(self._release(now, limits, {seq: output}))
        if output is not None and seq >= self._next:
            self._state.set(self._value_name(seq), _freeze(output))
        return released

    def skip(self, seq: int, digest: bytes, until: int) -> None:
        """Note a payload not received before of which nothing will be written; what waits for it goes by `until`."""
        self.digests.add(seq, digest)
        if seq >= self._next:
            insort(self._held, Held(seq, until, 0))

    def release(self, now: int, limits: HoldLimits) -> list[Keep]:
        """What need not or must not wait any longer, in order."""
        return list(self._release(now, limits, {}))

    def save(self) -> None:
        """Write what changed back to state."""
        held = [tuple(each) for each in self._held]
        self._state.set(f"p{self._name}", pack_cell(self._next, self._missing, self.digests.newest, held))

    def forget(self) -> None:
        """Delete all state of the page load; what is held must have been released."""
        self.digests.forget()
        self._state.delete(f"p{self._name}")

    def _release(self, now: int, limits: HoldLimits, fresh: dict[int, Keep | None]) -> Iterator[Keep]:
        while self._held and (self._held[0].seq == self._next or self._is_over(now, limits)):
            head = self._held.pop(0)
            self._missing += head.seq - self._next
            self._next = head.seq + 1
            output = fresh[head.seq] if head.seq in fresh else self._thaw(head)
            if output is not None:
                yield _with_gap(output, str(self._missing)) if self._missing else output
                self._missing = 0

    def _is_over(self, now: int, limits: HoldLimits) -> bool:
        return (
            len(self._held) > limits.payloads
            or sum(held.size for held in self._held) > limits.bytes
            or any(held.until <= now for held in self._held)
        )

    def _thaw(self, held: Held) -> Keep | None:
        if held.size == 0:
            return None
        name = self._value_name(held.seq)
        frozen = self._state.get(name)
        self._state.delete(name)
        if frozen is None or frozen[:1] != VERSION:
            self._missing += 1
            return None
        head, _, value = frozen[1:].partition(b"\n")
        received, events, headers, *_ = orjson.loads(head)
        return Keep(value, headers, received, events)

    def _value_name(self, seq: int) -> str:
        return f"v{self._name}.{seq}"


def _freeze(output: Keep) -> bytes:
    return pack_cell(output.received, output.events, dict(output.headers)) + b"\n" + output.value


def _with_gap(output: Keep, gap: str) -> Keep:
    return replace(output, headers={**output.headers, h.GAP: gap})
