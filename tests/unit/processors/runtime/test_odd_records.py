"""The odd records of the integration test, through reading, the real stages and emission, without a broker."""

from __future__ import annotations

import time

import pytest

from processors.outcome import Dead, Keep, Outcome
from processors.runtime.emit import Emitter
from processors.runtime.reading import read_record
from processors.sink.rows import Row
from processors.sink.transform import to_row
from processors.state import MemoryState
from processors.topology import SINK, STAGES, StageSpec
from schemas.reasons import Reason
from service.metrics import Metrics
from tests.contract.stages import build
from tests.fakes.producer import MemoryProducer
from tests.integration.odd_records import good_record, odd_records

BETWEEN = [stage for stage in STAGES if stage is not SINK]
SEED = 8


@pytest.mark.parametrize("spec", BETWEEN, ids=lambda spec: str(spec.name))
def test_a_stage_has_an_outcome_for_any_record(spec: StageSpec) -> None:
    """Nothing raises; what must be set aside is, and of everything else something is written, at once or when woken."""
    topic, now = spec.reads[0].name, int(time.time() * 1000)
    stage = build(spec)
    for odd in odd_records(topic, good_record(topic, now), 1, SEED):
        log, state = MemoryProducer(), MemoryState()
        emitter = Emitter(spec, log, Metrics(process=False), "")
        record, sound = read_record(topic, odd.key, odd.headers, odd.value, odd.received, "id/t/0/1", now)
        outcomes: list[Outcome] = (
            [*stage.on_record(record, state, now)] if sound else [Dead(Reason.BAD_HEADERS, {}, now)]
        )
        if state.wake is not None:
            outcomes += stage.on_wake(record.key, state, state.wake)
        for outcome in outcomes:
            emitter.emit(record.key, record, outcome)
        assert log.records, odd.case
        if odd.dead:
            assert [type(outcome) for outcome in outcomes] == [Dead], odd.case
        if spec.name == "batch":
            # What it adds up must be what the sink can read.
            for outcome in outcomes:
                if isinstance(outcome, Keep):
                    name = spec.writes[outcome.to].name
                    headers = [(each, text.encode()) for each, text in outcome.headers.items()]
                    read, _ = read_record(name, odd.key, headers, outcome.value, outcome.received, "id/t/0/1", now)
                    assert isinstance(to_row(name, read), Row), odd.case


@pytest.mark.parametrize("topic", [topic.name for topic in SINK.reads])
def test_the_sink_has_a_row_or_a_dead_letter_for_any_record(topic: str) -> None:
    """Nothing raises."""
    now = int(time.time() * 1000)
    for odd in odd_records(topic, good_record(topic, now), 1, SEED):
        record, sound = read_record(topic, odd.key, odd.headers, odd.value, odd.received, "id/t/0/1", now)
        row = to_row(topic, record) if sound else Dead(Reason.BAD_HEADERS, {}, now)
        assert isinstance(row, Dead) or not odd.dead, odd.case
