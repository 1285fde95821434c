"""From outcomes to records: where each goes and what it carries."""

from __future__ import annotations

from dataclasses import dataclass, field

import orjson
import pytest

from processors.outcome import Dead, Drop, Keep
from processors.record import Record
from processors.runtime.emit import Emitter
from processors.topology import ENRICH, SPLIT
from schemas import headers as h
from schemas.identity import payload_id
from schemas.reasons import Reason
from service.metrics import Metrics

SESSION = "0192f3c4-5d6e-7f80-9a1b-2c3d4e5f6071"
KEY = f"demo:{SESSION}"
HEADERS = {h.PROJECT: "demo", h.WINDOW: SESSION, h.PAGE: SESSION, h.SEQ: "3", h.IP: "203.0.113.9", h.USER_AGENT: "UA"}
RECORD = Record(KEY, HEADERS, b"payload", 1000, "topicid/replay.raw.v1/2/41")


@dataclass
class Log:
    """A producer that keeps what it is given."""

    records: list[tuple[str, bytes, bytes, dict[str, str], int]] = field(default_factory=list)

    def produce(
        self, topic: str, value: bytes, key: bytes, headers: list[tuple[str, bytes]], *, timestamp: int
    ) -> None:
        self.records.append((topic, value, key, {name: text.decode() for name, text in headers}, timestamp))


@pytest.fixture
def log() -> Log:
    """An empty log."""
    return Log()


def emitter(log: Log, spec: object = ENRICH) -> Emitter:
    """An emitter with a prefix, writing to the log."""
    return Emitter(spec, log, Metrics(process=False), "p.")  # type: ignore[arg-type]


def test_what_is_kept_goes_to_the_stage_output_with_its_time(log: Log) -> None:
    """Key, headers, bytes and the gateway's receive time arrive unchanged."""
    emitter(log).emit(KEY, RECORD, Keep(b"v", {h.SEQ: "3"}, 1000, 2))
    assert log.records == [("p.replay.enriched.v1", b"v", KEY.encode(), {h.SEQ: "3"}, 1000)]


def test_a_drop_leaves_a_loss_that_names_the_payload(log: Log) -> None:
    """The loss says stage, reason, counts and the id that the payload's 202 gave, and no content."""
    emitter(log).emit(KEY, RECORD, Drop(Reason.DUPLICATE, HEADERS, 1000, events=7))
    ((topic, value, _, headers, timestamp),) = log.records
    loss = orjson.loads(value)
    assert (topic, timestamp, headers[h.PROJECT]) == ("p.replay.losses.v1", 1000, "demo")
    assert loss["id"] == payload_id("demo", SESSION, SESSION, SESSION, 3)
    assert (loss["stage"], loss["reason"], loss["kind"]) == ("enrich", "duplicate", "drop")
    assert (loss["payloads"], loss["events"], loss["source"]) == (1, 7, RECORD.coordinates)


def test_a_dead_letter_is_the_bytes_read_and_never_the_address(log: Log) -> None:
    """Dead letter and loss travel together; the client's address and user agent stay behind."""
    emitter(log).emit(KEY, RECORD, Dead(Reason.BAD_JSON, HEADERS, 1000))
    (dead, loss) = log.records
    assert dead[0] == "p.replay.dead.v1"
    assert dead[1] == RECORD.value
    assert (dead[3][h.STAGE], dead[3][h.REASON], dead[3][h.COORDINATES]) == (
        "enrich",
        "bad_json",
        RECORD.coordinates,
    )
    assert orjson.loads(loss[1])["kind"] == "dead"
    assert not h.FORBIDDEN_AFTER_ENRICH & (dead[3].keys() | loss[3].keys())
    assert b"203.0.113.9" not in b"".join(record[1] for record in log.records)


def test_what_does_not_fit_its_topic_is_a_dead_letter_with_the_input(log: Log) -> None:
    """Too large an output is never a produce error: the input's own bytes are set aside."""
    emitter(log, SPLIT).emit(KEY, RECORD, Keep(b"x" * 950_000, HEADERS, 1000, 4))
    assert [record[0] for record in log.records] == ["p.replay.dead.v1", "p.replay.losses.v1"]
    assert log.records[0][1] == RECORD.value
    assert orjson.loads(log.records[1][1])["reason"] == "too_large"
