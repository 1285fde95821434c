"""Payloads as batch holds them, and the block that is made of some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from processors.outcome import Keep
from schemas import headers as h

BLOCKS = "blocks"
VERSION = b"\x01"
# What all payloads of a block have in common: they are of one page load, and cut when the policy changes.
_SHARED = (h.PROJECT, h.WINDOW, h.PAGE, h.STARTED, h.EXPIRES, h.POLICY)
# The user, context, counts and pages of payloads go into the session's summary, not into blocks.
_OPTIONAL = (h.ENCODING, h.PART)


@dataclass(frozen=True, slots=True)
class Payload:
    """One record of replay.parts.v1; `value` is never opened."""

    headers: Mapping[str, str]
    received: int
    value: bytes = field(repr=False)

    @property
    def seq(self) -> int:
        """Its number within the page load."""
        return int(self.headers[h.SEQ])

    @property
    def has_keyframe(self) -> bool:
        """True if it holds a full snapshot."""
        return self.headers[h.KEYFRAME] == "1"

    def number(self, name: str) -> int:
        """A header that is a number; 0 if absent."""
        return int(self.headers.get(name, "0"))

    def freeze(self) -> bytes:
        """Its state value: version byte, JSON `[received, headers]`, newline, value."""
        return VERSION + orjson.dumps([self.received, dict(self.headers)]) + b"\n" + self.value


def thaw(frozen: bytes | None) -> Payload | None:
    """The payload of a state value; None if there is none, or of a version this code does not know."""
    if frozen is None or frozen[:1] != VERSION:
        return None
    head, _, value = frozen[1:].partition(b"\n")
    received, headers, *_ = orjson.loads(head)
    return Payload(headers, received, value)


def make_block(payloads: Sequence[Payload]) -> Keep:
    """One record for replay.blocks.v1 of consecutive payloads of a page load, or of one part of a cut value."""
    first, last = payloads[0], payloads[-1]
    events = sum(payload.number(h.EVENTS) for payload in payloads)
    headers = {name: first.headers[name] for name in _SHARED}
    headers |= {name: first.headers[name] for name in _OPTIONAL if name in first.headers}
    headers |= {
        h.SEQ: f"{first.seq}-{last.seq}",
        h.SOURCE: ",".join(payload.headers[h.SOURCE] for payload in payloads),
        h.EVENTS: str(events),
        h.BYTES: str(sum(payload.number(h.BYTES) for payload in payloads)),
        h.FIRST: str(min(payload.number(h.FIRST) for payload in payloads)),
        h.LAST: str(max(payload.number(h.LAST) for payload in payloads)),
        h.KEYFRAME: "1" if any(payload.has_keyframe for payload in payloads) else "0",
        h.GENERATION: "0",
    }
    if gap := sum(payload.number(h.GAP) for payload in payloads):
        headers[h.GAP] = str(gap)
    return Keep(b"".join(payload.value for payload in payloads), headers, last.received, events, BLOCKS)
