"""From outcomes to records: where each goes and what it carries."""

from __future__ import annotations

import time
from dataclasses import replace

import orjson
import pytest

from processors.outcome import Dead, Drop, Keep
from processors.record import Record
from processors.runtime.emit import Emitter
from processors.sink.rows import Row
from processors.sink.transform import to_row
from processors.topology import ENRICH, SPLIT, StageSpec
from schemas import headers as h
from schemas.identity import payload_id
from schemas.reasons import Reason
from schemas.topics import HEADER_ALLOWANCE, LOSSES
from service.metrics import Metrics
from tests.fakes.producer import MemoryProducer

SESSION = "0192f3c4-5d6e-7f80-9a1b-2c3d4e5f6071"
KEY = f"demo:{SESSION}"
HEADERS = {h.PROJECT: "demo", h.WINDOW: SESSION, h.PAGE: SESSION, h.SEQ: "3", h.IP: "203.0.113.9", h.USER_AGENT: "UA"}
RECORD = Record(KEY, HEADERS, b"payload", 1000, "topicid/replay.raw.v1/2/41")


@pytest.fixture
def log() -> MemoryProducer:
    """An empty log."""
    return MemoryProducer()


def emitter(log: MemoryProducer, spec: StageSpec = ENRICH) -> Emitter:
    """An emitter with a prefix, writing to the log."""
    return Emitter(spec, log, Metrics(process=False), "p.")


def test_what_is_kept_goes_to_the_stage_output_with_its_time(log: MemoryProducer) -> None:
    """Key, headers, bytes and the gateway's receive time arrive unchanged."""
    emitter(log).emit(KEY, RECORD, Keep(b"v", {h.SEQ: "3"}, 1000, 2))
    ((topic, record),) = log.records
    assert topic == "p.replay.enriched.v1"
    assert (record.key, record.headers, record.value, record.received) == (KEY, {h.SEQ: "3"}, b"v", 1000)


def test_a_drop_leaves_a_loss_that_names_the_payload(log: MemoryProducer) -> None:
    """The loss says stage, reason, counts and the id that the payload's 202 gave, and no content."""
    emitter(log).emit(KEY, RECORD, Drop(Reason.DUPLICATE, HEADERS, 1000, events=7))
    ((topic, record),) = log.records
    loss = orjson.loads(record.value)
    assert (topic, record.received, record.headers[h.PROJECT]) == ("p.replay.losses.v1", 1000, "demo")
    assert loss["id"] == payload_id("demo", SESSION, SESSION, SESSION, 3)
    assert (loss["stage"], loss["reason"], loss["kind"]) == ("enrich", "duplicate", "drop")
    assert (loss["payloads"], loss["events"], loss["source"]) == (1, 7, RECORD.coordinates)


def test_a_dead_letter_is_the_bytes_read_and_never_the_address(log: MemoryProducer) -> None:
    """Dead letter and loss travel together; the client's address and user agent stay behind."""
    emitter(log).emit(KEY, RECORD, Dead(Reason.BAD_JSON, HEADERS, 1000))
    (topic, dead), (_, loss) = log.records
    assert topic == "p.replay.dead.v1"
    assert dead.value == RECORD.value
    assert (dead.headers[h.STAGE], dead.headers[h.REASON], dead.headers[h.COORDINATES]) == (
        "enrich",
        "bad_json",
        RECORD.coordinates,
    )
    assert orjson.loads(loss.value)["kind"] == "dead"
    assert not h.FORBIDDEN_AFTER_ENRICH & (dead.headers.keys() | loss.headers.keys())
    assert b"203.0.113.9" not in dead.value + loss.value


def test_what_does_not_fit_its_topic_is_a_dead_letter_with_the_input(log: MemoryProducer) -> None:
    """Too large an output is never a produce error: the input's own bytes are set aside."""
    emitter(log, SPLIT).emit(KEY, RECORD, Keep(b"x" * 950_000, HEADERS, 1000, 4))
    assert [topic for topic, _ in log.records] == ["p.replay.dead.v1", "p.replay.losses.v1"]
    assert log.records[0][1].value == RECORD.value
    assert orjson.loads(log.records[1][1].value)["reason"] == "too_large"


ODD = {
    h.PROJECT: "demo",
    h.WINDOW: "w" * 100_000,
    h.PAGE: "\ufffd",
    h.SEQ: "9" * 18,
    h.SOURCE: "é",
    h.EXPIRES: "9999-12-31",
}


@pytest.mark.parametrize("received", [-1, 0, 253_402_300_799_000, 2**63 - 1])
def test_a_loss_can_always_be_written_and_stored(log: MemoryProducer, received: int) -> None:
    """Whatever the record was: the sink makes a row of it, and the broker takes its time."""
    record = Record("k" * 500_000, ODD, b"payload", received, RECORD.coordinates)
    emitter(log).emit(record.key, record, Dead(Reason.BAD_HEADERS, ODD, received, 2**70))
    (_, dead), (_, loss) = log.records
    assert (dead.key, loss.key) == ("", "")
    assert abs(dead.received - time.time() * 1000) < 60_000
    assert len(orjson.dumps(dead.headers)) < HEADER_ALLOWANCE
    row = to_row(LOSSES.name, replace(loss, coordinates="topicid/replay.losses.v1/0/0"))
    assert isinstance(row, Row)


def test_a_dead_letter_that_no_topic_takes_is_counted(log: MemoryProducer) -> None:
    """Compressed on the wire, a record may be larger than the topic for dead letters takes: its loss is a drop."""
    record = Record(KEY, HEADERS, bytes(27 << 20), 1000, RECORD.coordinates)
    emitter(log).emit(KEY, record, Dead(Reason.BAD_JSON, HEADERS, 1000))
    ((topic, loss),) = log.records
    assert (topic, orjson.loads(loss.value)["kind"]) == ("p.replay.losses.v1", "drop")


def test_headers_that_no_topic_takes_are_too_large(log: MemoryProducer) -> None:
    """The record is set aside with those of its headers that are what they should be."""
    emitter(log).emit(KEY, RECORD, Keep(b"v", {**HEADERS, "rs-x": "x" * HEADER_ALLOWANCE}, 1000))
    assert [record.headers.get(h.REASON) for _, record in log.records] == ["too_large", None]
    assert log.records[0][1].headers[h.SEQ] == "3"
