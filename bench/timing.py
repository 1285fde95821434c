"""One pass of a process over prepared records."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

from bench.broker import StalledError, Watcher, produce_all
from bench.process import Measured
from bench.records import Sample, Volume, volume
from bench.stack import Bench
from schemas.topics import DEAD, RAW

LIMIT_SECONDS = 120.0
# Less would be over before it can be timed.
LOOP_BYTES = 64_000_000
LOOP = "loop"
# Any two topics would do that take the largest records.
LOOP_SOURCE, LOOP_TARGET = RAW.name, DEAD.name


@dataclass(frozen=True, slots=True)
class Run:
    """`name` is the stage, or the path, whose records these are; `cpu` in seconds, of the process measured."""

    name: str
    repetition: int
    bare: bool
    input: Volume
    seconds: float
    cpu: float

    def __str__(self) -> str:
        side = "bare loop" if self.bare else self.name
        return f"{self.name} {self.repetition + 1}: {side} {self.json_rate / 1e6:.1f} MB/s of JSON"

    @property
    def json_rate(self) -> float:
        """Bytes of JSON a second."""
        return self.input.json / self.seconds

    @property
    def wire_rate(self) -> float:
        """Bytes of record values a second."""
        return self.input.wire / self.seconds


def timed(
    bench: Bench,
    name: str,
    samples: Sequence[Sample],
    frozen: Measured,
    measured: Sequence[Measured],
    finish: Callable[[], float],
) -> tuple[float, float]:
    """Wall clock and CPU seconds from letting `frozen` go until the moment that `finish` returns.

    The records are on the topics of deployment `name` before the clock starts, so that writing them costs nothing.
    """
    frozen.freeze()
    try:
        produce_all(bench.brokers, bench.prefix(name), samples)
        before = sum(process.cpu_seconds() for process in measured)
        start = time.monotonic()
    finally:
        frozen.thaw()
    try:
        end = finish()
    except StalledError:
        # A process that ended says more in its log.
        for process in measured:
            process.check()
        raise
    return end - start, sum(process.cpu_seconds() for process in measured) - before


@dataclass(frozen=True, slots=True)
class Loop:
    """The bare loop of a run, and the reader of its output."""

    process: Measured
    watcher: Watcher


@contextmanager
def bare_loop(bench: Bench) -> Iterator[Loop]:
    """One for the whole run, as it keeps nothing between passes."""
    bench.create_topics(LOOP)
    with (
        bench.loop(LOOP, LOOP_SOURCE, LOOP_TARGET) as process,
        closing(Watcher(bench.brokers, bench.prefix(LOOP), [LOOP_TARGET])) as watcher,
    ):
        yield Loop(process, watcher)


def timed_loop(bench: Bench, loop: Loop, name: str, repetition: int, samples: Sequence[Sample]) -> Run:
    """The bare loop over the same records, as many times as make LOOP_BYTES."""
    times = max(math.ceil(LOOP_BYTES / volume(samples).wire), 1)
    copies = [replace(sample, topic=LOOP_SOURCE) for sample in samples] * times

    def finish() -> float:
        return loop.watcher.read(len(copies), lambda _: 1, LIMIT_SECONDS)[1]

    seconds, cpu = timed(bench, LOOP, copies, loop.process, [loop.process], finish)
    return Run(name, repetition, True, volume(copies), seconds, cpu)
