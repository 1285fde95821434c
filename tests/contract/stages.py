"""The real stages, built as their processes build them but for what lies outside: projects, place database, clock."""

from __future__ import annotations

from pathlib import Path

from processors.batch.settings import BatchSettings
from processors.batch.transform import Batch
from processors.enrich.geo import NoGeo
from processors.enrich.settings import EnrichSettings
from processors.enrich.transform import Enrich
from processors.enrich.user_agent import UserAgentParser
from processors.outcome import Outcome
from processors.privacy.settings import PrivacySettings
from processors.privacy.transform import Privacy
from processors.record import Record
from processors.runtime.emit import Emitter
from processors.split.transform import Split
from processors.stage import Stage
from processors.state import MemoryState
from processors.topology import StageSpec
from schemas.project import parse_projects
from service.metrics import Metrics
from tests.fakes.producer import MemoryProducer

PROJECTS = parse_projects((Path(__file__).parents[2] / "deploy/local/projects.yaml").read_text())
# A wake-up further away than this forgets a session; nearer ones flush what is held.
FLUSH_MS = 60_000


def run(spec: StageSpec, record: Record) -> list[tuple[str, Record]]:
    """What a fresh stage writes for one record and the wake-ups that follow it, as (topic, record)."""
    stage, state, producer = build(spec), MemoryState(), MemoryProducer()
    emitter = Emitter(spec, producer, Metrics(process=False), "")
    now = record.received
    emit(emitter, record, list(stage.on_record(record, state, now)))
    while state.wake is not None and state.wake <= now + FLUSH_MS:
        now, state.wake = state.wake, None
        for outcome in stage.on_wake(record.key, state, now):
            emitter.emit(record.key, None, outcome)
    return producer.records


def build(spec: StageSpec) -> Stage:
    """A stage with its default limits; no place is known, so that examples do not change with a database."""
    match spec.name:
        case "enrich":
            settings = EnrichSettings()
            return Enrich(settings.limits(), lambda: PROJECTS, UserAgentParser(100), NoGeo())
        case "privacy":
            return Privacy(lambda: PROJECTS, PrivacySettings().limits())
        case "split":
            return Split()
        case "batch":
            return Batch(BatchSettings().limits())
    raise ValueError(f"{spec.name} does not stand between topics")


def emit(emitter: Emitter, record: Record, outcomes: list[Outcome]) -> None:
    """Write the outcomes of a record."""
    for outcome in outcomes:
        emitter.emit(record.key, record, outcome)
