"""How fast records pass all stages, from the raw topic to rows that ClickHouse answers with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from bench.process import Measured
from bench.records import Sample, volume
from bench.stack import Bench
from bench.store import Store
from bench.timing import LIMIT_SECONDS, Loop, Run, timed, timed_loop
from processors.topology import ENRICH, STAGES

PATH = "path"


def measure_path(
    bench: Bench, loop: Loop, stages: Mapping[str, Measured], store: Store, raw: Sequence[Sequence[Sample]]
) -> Iterator[Run]:
    """Runs of all stages together and of the loop, taking turns; `raw` has the raw records of each repetition."""
    measured = [stages[spec.name] for spec in STAGES]
    for repetition, samples in enumerate(raw):
        amount = volume(samples)
        finish = partial(store.wait_for_more, amount.events, LIMIT_SECONDS)
        seconds, cpu = timed(bench, PATH, samples, stages[ENRICH.name], measured, finish)
        yield Run(PATH, repetition, False, amount, seconds, cpu)
        yield timed_loop(bench, loop, PATH, repetition, samples)
