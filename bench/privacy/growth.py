"""What a session costs as it grows: time an event, and bytes of state."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import orjson

from bench.privacy.corpus import Recording
from bench.recording import Recording as MadeUp
from processors.privacy.enforce import enforce
from processors.privacy.limits import Limits
from processors.privacy.policy import Policy
from processors.privacy.scene import Scene
from processors.privacy.store import PageStore
from processors.state import MemoryState
from schemas.event_line import event_line

# A payload of a recorder that gathers for a few seconds; its size decides how often state is written.
EVENTS_OF_A_PAYLOAD = 50
PLACE = ("session", "window", "page")


@dataclass(frozen=True, slots=True)
class Payload:
    """After one payload: CPU seconds it took with its state read and written, its events, nodes and bytes of state."""

    seconds: float
    events: int
    nodes: int
    state: int


def made_up(payloads: int) -> list[list[bytes]]:
    """A page of about 2 800 nodes and a person at work on it, from a fixed seed; lines by payload."""
    return [[orjson.dumps(event) for event in events] for events in MadeUp(1).payloads(payloads)]


def cut(recording: Recording) -> list[list[bytes]]:
    """The lines of a recording by payload."""
    lines = recording.text.splitlines()
    return [lines[at : at + EVENTS_OF_A_PAYLOAD] for at in range(0, len(lines), EVENTS_OF_A_PAYLOAD)]


def session(payloads: Iterable[Sequence[bytes]], policy: Policy) -> list[Payload]:
    """A session payload by payload, its page load read from state before each and written after it."""
    key, window, page_id = PLACE
    limits, state = Limits(), MemoryState()
    store = PageStore(limits)
    passed = []
    for lines in payloads:
        before = time.thread_time()
        loaded = store.load(key, state, window, page_id, policy.version)
        scene = Scene(loaded.page.mirror, policy, limits)
        for line in lines:
            verdict = enforce(orjson.loads(line), loaded.page, scene)
            if verdict.event is not None:
                event_line(verdict.event)
        store.save(key, state, window, page_id, loaded)
        seconds = time.thread_time() - before
        size = sum(len(name) + len(value) for name, value in state.values.items())
        passed.append(Payload(seconds, len(lines), len(loaded.page.mirror.nodes), size))
    return passed
