"""Payloads as enrich writes them, and a stage to put them through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import orjson

from processors.outcome import Dead, Drop, Keep, Outcome
from processors.privacy.limits import Limits
from processors.privacy.transform import Privacy
from processors.record import Record
from processors.state import MemoryState
from schemas import headers as h
from schemas import lines
from schemas.policy import BALANCED, Policy
from schemas.project import Project, Projects
from schemas.reasons import Reason

Json = dict[str, Any]
# FNV-1a puts this session at 7 899 of 10 000: the last one out at 78.99 percent, in at 79.
SESSION = "0190a0a0-0000-7000-8000-000000000001"
WINDOW = "0190a0a0-0000-7000-8000-0000000000aa"
PAGE = "0190a0a0-0000-7000-8000-0000000000bb"
STARTED = 1_000_000


def projects(percent: float = 100.0, policy: Policy = BALANCED) -> Projects:
    """One project, `demo`."""
    return Projects(projects={"demo": Project(write_keys=("demo",), sampling_percent=percent, policy=policy)})


def payload(events: Sequence[Any], seq: int = 0, page: str = PAGE, window: str = WINDOW, **more: str) -> Record:
    """A record of `replay.enriched.v1`; bytes stand for lines as they are."""
    text = b"".join(each if isinstance(each, bytes) else orjson.dumps(each) + b"\n" for each in events)
    headers = {
        h.PROJECT: "demo",
        h.WINDOW: window,
        h.PAGE: page,
        h.SEQ: str(seq),
        h.SOURCE: f"id/replay.raw.v1/0/{seq}",
        h.STARTED: str(STARTED),
        h.EXPIRES: "2030-01-31",
        h.CONTEXT: "{}",
        h.HASH: "00",
        h.EVENTS: str(len(events)),
        h.FIRST: "0",
        h.LAST: "0",
        h.BYTES: str(len(text)),
        h.KEYFRAME: "0",
    }
    headers.update({f"rs-{name}": value for name, value in more.items()})
    return Record(f"demo:{SESSION}", headers, lines.pack(text), STARTED + seq, f"id/replay.enriched.v1/0/{seq}")


class Bench:
    """A stage, its state, and all its outcomes so far."""

    def __init__(self, policy: Policy = BALANCED, limits: Limits | None = None, percent: float = 100.0) -> None:
        self.policy = policy
        self.state = MemoryState()
        self.percent = percent
        self.limits = limits or Limits()
        self.restart(policy)
        self.outcomes: list[Outcome] = []

    def restart(self, policy: Policy = BALANCED) -> None:
        """A new process on the same state. What `policy` becomes later holds from the next payload on."""
        self.policy = policy
        self.stage = Privacy(lambda: projects(self.percent, self.policy), self.limits)

    def put(self, *records: Record) -> list[Outcome]:
        """Outcomes of these records."""
        new = [outcome for record in records for outcome in self.stage.on_record(record, self.state, STARTED)]
        self.outcomes += new
        return new

    def wake(self) -> list[Outcome]:
        """Outcomes of the end of the session."""
        assert self.state.wake is not None
        new = self.stage.on_wake(f"demo:{SESSION}", self.state, self.state.wake)
        self.outcomes += new
        return new

    @property
    def text(self) -> bytes:
        """Lines of everything kept."""
        return b"".join(lines.unpack(each.value, 10**8) for each in self.outcomes if isinstance(each, Keep))

    @property
    def kept(self) -> list[Json]:
        """Events of everything kept."""
        return [orjson.loads(line) for line in self.text.splitlines()]

    @property
    def lost(self) -> Counter[Reason]:
        """Events dropped or dead, by reason."""
        counts: Counter[Reason] = Counter()
        for outcome in self.outcomes:
            if isinstance(outcome, Drop | Dead):
                counts[outcome.reason] += outcome.events
        return counts
