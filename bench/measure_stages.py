"""How fast each stage is alone, beside a loop that only consumes and produces the same records.

The output of a stage is the next one's input. A stage is done when a reader of committed records has all of its
output; the sink, when ClickHouse answers with all rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from bench.broker import Watcher
from bench.process import Measured
from bench.records import Sample, under_more_sessions, volume
from bench.stack import Bench
from bench.store import Store
from bench.timing import LIMIT_SECONDS, Loop, Run, timed, timed_loop
from processors.topology import PRIVACY, SINK, STAGES, StageSpec
from schemas.topics import LOSSES

# What comes after privacy never opens a value and would be done in an instant.
FAST = 6

# Waits until so many events came out; what came out, and the moment of the last.
Finish = Callable[[int], tuple[list[Sample], float]]


def measure_stages(bench: Bench, loop: Loop, raw: Sequence[Sequence[Sample]]) -> Iterator[Run]:
    """Runs of every stage and of the loop, taking turns; `raw` has the raw records of each repetition."""
    inputs = [list(samples) for samples in raw]
    for spec in STAGES:
        bench.create_topics(spec.name)
        outputs = []
        with _finish(bench, spec) as finish, bench.role(spec.name, spec.name) as stage:
            for repetition, samples in enumerate(inputs):
                run, written = _timed_stage(bench, spec, stage, repetition, samples, finish)
                yield run
                yield timed_loop(bench, loop, spec.name, repetition, samples)
                outputs.append(written)
        inputs = [[sample for sample in written if sample.topic != LOSSES.name] for written in outputs]
        if spec is PRIVACY:
            inputs = [under_more_sessions(samples, FAST) for samples in inputs]


def _timed_stage(
    bench: Bench, spec: StageSpec, stage: Measured, repetition: int, samples: Sequence[Sample], finish: Finish
) -> tuple[Run, list[Sample]]:
    amount = volume(samples)
    written: list[Sample] = []

    def wait() -> float:
        found, moment = finish(amount.events)
        written.extend(found)
        return moment

    seconds, cpu = timed(bench, spec.name, samples, stage, [stage], wait)
    return Run(spec.name, repetition, False, amount, seconds, cpu), written


@contextmanager
def _finish(bench: Bench, spec: StageSpec) -> Iterator[Finish]:
    if spec is SINK:
        bench.create_tables(spec.name)
        store = Store(bench.clickhouse, bench.cluster(spec.name).clickhouse_database)
        try:
            yield lambda events: ([], store.wait_for_more(events, LIMIT_SECONDS))
        finally:
            store.close()
        return
    topics = [*(topic.name for topic in spec.writes.values()), LOSSES.name]
    watcher = Watcher(bench.brokers, bench.prefix(spec.name), topics)
    try:
        yield lambda events: watcher.read(events, lambda sample: sample.events, LIMIT_SECONDS)
    finally:
        watcher.close()
