"""From outcomes to records: what is kept goes on, what is not leaves a loss, and a dead letter its bytes.

All of it goes through the checkpoint's own producer, so that outcomes, state and input offset are one transaction.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Protocol

import orjson

from processors.outcome import Dead, Drop, Keep, Outcome
from processors.record import Record
from processors.runtime.samples import Samples
from processors.topology import StageSpec
from schemas import headers as h
from schemas.header_forms import MAX_EVENTS, is_expiry, legal_headers
from schemas.identity import is_session_key, payload_id
from schemas.reasons import LossKind, Reason
from schemas.summary import Loss, unknown_expiry
from schemas.topics import DEAD, HEADER_ALLOWANCE, LOSSES
from service.metrics import Metrics

# Kafka 4 refuses records further ahead of its clock, which would end the transaction and not the record.
MAX_AHEAD_MS = 60 * 60 * 1000
# ClickHouse's UInt32.
_MAX_SEQ_COLUMN = 2**32 - 1


class Producer(Protocol):
    """The checkpoint's producer."""

    def produce(
        self,
        topic: str,
        value: bytes,
        key: bytes,
        headers: list[tuple[str, bytes]],
        *,
        timestamp: int,
    ) -> None: ...


class Emitter:
    """Writes the outcomes of one stage. `prefix` is the deployment's topic prefix, `clock` the wall clock in seconds.

    What is set aside or lost can always be written, whatever the record was; so the sink can always read the loss.
    Without `samples` every dead letter is kept.
    """

    def __init__(
        self,
        spec: StageSpec,
        producer: Producer,
        metrics: Metrics,
        prefix: str,
        samples: Samples | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._spec = spec
        self._producer = producer
        self._metrics = metrics
        self._prefix = prefix
        self._samples = samples
        self._clock = clock
        self._version = version("reelstream")

    def emit(self, key: str, record: Record | None, outcome: Outcome) -> None:
        """Write one outcome of session `key`; `record` is None for what a wake-up brought about."""
        match outcome:
            case Keep() if (
                len(outcome.value) > self._spec.writes[outcome.to].value_limit
                or _size(outcome.headers) > HEADER_ALLOWANCE
            ):
                value = None if record is not None else outcome.value
                self._dead(
                    key,
                    record,
                    Dead(Reason.TOO_LARGE, outcome.headers, outcome.received, outcome.events, value),
                )
            case Keep():
                topic = self._spec.writes[outcome.to].name
                self._produce(topic, key, outcome.value, outcome.headers, outcome.received)
                self._count("keep", "", outcome.events)
            case Drop():
                self._loss(key, record, outcome, LossKind.DROP, outcome.payloads, 0)
                self._count("drop", outcome.reason, outcome.events)
            case Dead():
                self._dead(key, record, outcome)

    def lost(self, loss: Loss) -> None:
        """Write a loss of nobody knows whose records."""
        self._produce(LOSSES.name, "", orjson.dumps(loss), {h.PROJECT: loss["project"]}, loss["received"])

    def _dead(self, key: str, record: Record | None, dead: Dead) -> None:
        value = dead.value
        if value is None:
            if record is None:
                raise RuntimeError("a dead letter without bytes needs the record it came from")
            value = record.value
        project = key.partition(":")[0] if is_session_key(key) else ""
        if self._samples is not None and not self._samples.take(project, dead.reason.value, len(value)):
            # Its bytes are not kept, so that it cannot be put back: what a drop says.
            self._loss(key, record, dead, LossKind.DROP, 1, 0)
            self._count("drop", dead.reason, dead.events)
            return
        source = _source(record, dead.headers)
        extra = {
            h.STAGE: self._spec.name,
            h.REASON: dead.reason.value,
            h.VERSION: self._version,
            h.COORDINATES: record.coordinates if record else source,
            h.SOURCE: source,
        }
        kept = {name: text for name, text in dead.headers.items() if name not in h.FORBIDDEN_AFTER_ENRICH}
        if not all(map(str.isascii, kept.values())) or _size(kept) > HEADER_ALLOWANCE - _size(extra):
            kept = legal_headers(dead.headers)
        if len(value) > DEAD.value_limit:
            # Compressed on the wire, a record may be larger than any topic takes it back: only its counts remain.
            self._loss(key, record, dead, LossKind.DROP, 1, len(value))
            self._count("drop", dead.reason, dead.events)
            return
        self._produce(DEAD.name, key, value, {**kept, **extra}, dead.received)
        self._loss(key, record, dead, LossKind.DEAD, 1, len(value))
        self._count("dead", dead.reason, dead.events)

    def _loss(
        self, key: str, record: Record | None, outcome: Drop | Dead, kind: LossKind, payloads: int, size: int
    ) -> None:
        headers = outcome.headers
        legal = legal_headers(headers)
        project, _, session = key.partition(":") if is_session_key(key) else ("", "", "")
        window, page = legal.get(h.WINDOW, ""), legal.get(h.PAGE, "")
        first = headers.get(h.SEQ, "").partition("-")[0]
        seq = int(first) if first.isascii() and first.isdigit() and len(first) <= 18 else 0
        received, expires = self._received(outcome.received), headers.get(h.EXPIRES, "")
        loss: Loss = {
            "stage": self._spec.name,
            "reason": outcome.reason.value,
            "kind": kind.value,
            "project": project,
            "session": session,
            "window": window,
            "page": page,
            "seq": min(seq, _MAX_SEQ_COLUMN),
            "id": payload_id(project, session, window, page, seq),
            "payloads": payloads,
            "events": min(outcome.events, MAX_EVENTS),
            "bytes": size,
            "source": _source(record, headers),
            "received": received,
            "expires": expires if is_expiry(expires, received) else unknown_expiry(received),
        }
        self._produce(LOSSES.name, key, orjson.dumps(loss), {h.PROJECT: project}, received)

    def _produce(self, topic: str, key: str, value: bytes, headers: Mapping[str, str], received: int) -> None:
        self._producer.produce(
            self._prefix + topic,
            value,
            key.encode() if is_session_key(key) else b"",
            [(name, text.encode("ascii")) for name, text in headers.items()],
            timestamp=self._received(received),
        )
        self._metrics.counter("reelstream_stage_bytes_total", self._spec.name, "out").inc(len(value))

    def _received(self, received: int) -> int:
        """A receive time that the broker and ClickHouse take: the given one, or now if it is impossible."""
        now = int(self._clock() * 1000)
        return received if 0 < received <= now + MAX_AHEAD_MS else now

    def _count(self, outcome: str, reason: str, events: int) -> None:
        self._metrics.counter("reelstream_stage_records_total", self._spec.name, outcome, reason).inc()
        self._metrics.counter("reelstream_stage_events_total", self._spec.name, outcome, reason).inc(events)


def _size(headers: Mapping[str, str]) -> int:
    return sum(len(name) + len(text) for name, text in headers.items())


def _source(record: Record | None, headers: Mapping[str, str]) -> str:
    """The raw records that the payload came from; where that is no text of ours, the record at hand."""
    source = headers.get(h.SOURCE, "")
    if source and source.isascii() and len(source) <= HEADER_ALLOWANCE // 2:
        return source
    return record.coordinates if record is not None else ""
