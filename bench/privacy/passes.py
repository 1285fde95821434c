"""One pass over a recording: by the enforcer, or by reading and writing alone. Seconds are CPU time of this thread."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import repeat

import orjson

from bench.privacy.corpus import Recording
from processors.privacy.enforce import enforce
from processors.privacy.limits import Limits
from processors.privacy.mirror import Mirror
from processors.privacy.page import PageLoad
from processors.privacy.policy import Policy
from processors.privacy.scene import Scene
from schemas.event_line import event_line

Work = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds a pass over the whole recording took, and those of them that went into incremental events."""

    all: float
    incrementals: float


def bare(recording: Recording, times: int) -> Spent:
    """`orjson.loads` and `orjson.dumps` of each line, the recording `times` times; seconds for all of them."""

    def work(line: bytes) -> None:
        orjson.dumps(orjson.loads(line), option=orjson.OPT_APPEND_NEWLINE)

    return _timed(recording, repeat(work, times))


def enforced(recording: Recording, times: int, policy: Policy) -> Spent:
    """The same with the enforcer between the two, each time as a page load of its own."""
    return _timed(recording, (_enforcer(policy) for _ in range(times)))


def _enforcer(policy: Policy) -> Work:
    limits = Limits()
    page = PageLoad(Mirror(limits.levels))
    scene = Scene(page.mirror, policy, limits)

    def work(line: bytes) -> None:
        verdict = enforce(orjson.loads(line), page, scene)
        if verdict.event is not None:
            if verdict.meta is not None:
                event_line(verdict.meta.event)
            event_line(verdict.event)

    return work


def _timed(recording: Recording, works: Iterable[Work]) -> Spent:
    gc.collect()
    spent = {True: 0.0, False: 0.0}
    for work in works:
        before = time.thread_time()
        for stretch in recording.stretches:
            for line in stretch.lines:
                work(line)
            after = time.thread_time()
            spent[stretch.incremental] += after - before
            before = after
    return Spent(spent[True] + spent[False], spent[True])
