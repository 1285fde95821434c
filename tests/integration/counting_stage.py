"""A small stage for tests of the runtime, run as a process of its own: `python counting_stage.py`.

It stands where privacy stands. Per session it numbers its records in state. `hold` makes it keep the record and
emit it on a wake-up; `crash` raises; `sleep` never ends, `spin` never releases the interpreter either, and `late`
never ends when it is woken; `big` writes more than the output topic takes; everything else is passed on
with its number.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable

from processors.outcome import Drop, Keep, Outcome
from processors.record import Record
from processors.runtime.run import run_stage
from processors.runtime.settings import StageSettings
from processors.state import State
from processors.topology import PRIVACY
from schemas.reasons import Reason
from service.environment import ClusterSettings, role_config

HOLD_MS = 300


class CountingSettings(StageSettings):
    """Nothing of its own."""

    model_config = role_config("privacy")


class Counting:
    """See the module."""

    def on_record(self, record: Record, state: State, now: int) -> Iterable[Outcome]:
        """Number the record, then do what its value says."""
        number = int(state.get("n") or b"0") + 1
        state.set("n", b"%d" % number)
        if record.value == b"crash":
            raise ValueError("SECRET-in-an-exception")
        if record.value == b"sleep":
            time.sleep(3600)
        if record.value == b"spin":
            re.match(r"(a+)+$", "a" * 64 + "b")
        if record.value == b"late":
            state.set("late", b"1")
            state.wake_at(now + 1)
            return [Keep(b"%d" % number, record.headers, record.received)]
        if record.value == b"drop":
            return [Drop(Reason.BLOCKED, record.headers, record.received, payloads=1, events=2)]
        if record.value == b"big":
            return [Keep(b"x" * (25 << 20), record.headers, record.received)]
        if record.value == b"hold":
            held = state.get("held") or b""
            # Longer than one changelog record takes, so that pieces are tried too.
            state.set("held", held + b"%d," % number)
            state.set("ballast", b"b" * (2 << 20))
            state.wake_at(now + HOLD_MS)
            return []
        return [Keep(b"%d" % number, record.headers, record.received)]

    def on_wake(self, key: str, state: State, now: int) -> Iterable[Outcome]:
        """Emit what is held."""
        if state.get("late"):
            time.sleep(3600)
        held = state.get("held") or b""
        state.delete("held")
        if len(state.get("ballast") or b"") != 2 << 20:
            raise RuntimeError("ballast lost")
        state.delete("ballast")
        return [Keep(number, {}, now) for number in held.split(b",") if number]

    def on_crashed(self, record: Record, state: State) -> None:
        """Mark that it happened; stumble over what says so."""
        if record.value == b"worse":
            raise ValueError("SECRET-in-an-exception")
        state.set("n", b"1000")


def build(settings: CountingSettings, cluster: ClusterSettings) -> Counting:
    """The stage."""
    return Counting()


if __name__ == "__main__":
    run_stage(PRIVACY, CountingSettings, build)
