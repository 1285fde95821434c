"""Records as split writes them, and a run of batch with a clock."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from processors.batch.transform import Batch, BlockLimits
from processors.outcome import Dead, Keep, Outcome
from processors.record import Record
from processors.state import MemoryState
from schemas import headers as h
from schemas import lines
from schemas.summary import SessionSummary

KEY = "shop:01890a5d-ac96-774b-bcce-b302099a8057"
NOON = 1_795_348_800_000
HOUR = 3_600_000


def payload(
    seq: int = 0, *, window: str = "w", page: str = "p", value: bytes | None = None, received: int = NOON, **own: Any
) -> Record:
    """A record of replay.parts.v1 with two events; `own` headers are named without `rs-`."""
    text = f"[{window},{page},{seq},1]\n[{window},{page},{seq},2]\n".encode()
    headers = {
        h.PROJECT: "shop",
        h.WINDOW: window,
        h.PAGE: page,
        h.SEQ: str(seq),
        h.SOURCE: f"id/replay.raw.v1/0/{seq}",
        h.STARTED: str(NOON),
        h.EXPIRES: "2026-12-22",
        h.EVENTS: "2",
        h.FIRST: str(1000 + seq),
        h.LAST: str(1001 + seq),
        h.BYTES: str(len(text)),
        h.KEYFRAME: "0",
        h.CONTEXT: '{"country":"DE"}',
        h.POLICY: "v1",
        h.COUNTS: '{"events":2,"clicks":1}',
        h.ENCODING: "zstd",
        **{f"rs-{name}": text for name, text in own.items()},
    }
    return Record(KEY, headers, lines.pack(text) if value is None else value, received, "id/replay.parts.v1/0/1")


def parts(value: bytes, size: int, seq: int = 0, **own: Any) -> list[Record]:
    """A value cut as split cuts it."""
    starts = range(0, len(value), size)
    whole = f"{len(starts)}/{len(value)}/{hashlib.sha256(value).hexdigest()}"
    told_once: dict[str, Any] = {"events": "0", "bytes": "0", "counts": "{}"}
    return [
        payload(seq, value=value[at : at + size], part=f"{index}/{whole}", **{**own, **(told_once if index else {})})
        for index, at in enumerate(starts)
    ]


class Run:
    """The stage, its state and a clock that wakes it when it asked to be woken."""

    def __init__(self, limits: BlockLimits | None = None) -> None:
        self.stage = Batch(limits or BlockLimits())
        self.state = MemoryState()
        self.now = NOON
        self.outcomes: list[Outcome] = []

    def wait(self, milliseconds: int) -> None:
        """Let time pass, with every wake-up that falls into it."""
        self.now += milliseconds
        asked: list[int] = []
        while self.state.wake is not None and self.state.wake <= self.now:
            assert self.state.wake not in asked, "asked to be woken again for the same"
            asked.append(self.state.wake)
            self.state.wake = None
            self.outcomes += self.stage.on_wake(KEY, self.state, self.now)

    def send(self, *records: Record) -> None:
        """Records, one after the other."""
        for record in records:
            self.outcomes += self.stage.on_record(record, self.state, self.now)

    @property
    def blocks(self) -> list[Keep]:
        """The blocks written so far."""
        return self._kept("blocks")

    @property
    def summaries(self) -> list[SessionSummary]:
        """The versions of the summary written so far."""
        return [json.loads(keep.value) for keep in self._kept("sessions")]

    @property
    def dead(self) -> list[Dead]:
        """The dead letters so far."""
        return [outcome for outcome in self.outcomes if isinstance(outcome, Dead)]

    def _kept(self, to: str) -> list[Keep]:
        return [outcome for outcome in self.outcomes if isinstance(outcome, Keep) and outcome.to == to]


def seqs(blocks: Iterable[Keep]) -> list[str]:
    """The rs-seq of blocks."""
    return [block.headers[h.SEQ] for block in blocks]
