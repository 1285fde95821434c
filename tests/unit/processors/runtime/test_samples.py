"""Dead letters beyond a rate are counted, not kept."""

from __future__ import annotations

import orjson

from processors.outcome import Dead
from processors.runtime.emit import Emitter
from processors.runtime.samples import MOST_KINDS, Samples
from processors.topology import ENRICH
from schemas.reasons import Reason
from service.metrics import Metrics
from tests.fakes.producer import MemoryProducer
from tests.unit.processors.runtime.test_emit import HEADERS, KEY, RECORD


def _samples(letters: int = 3, size: int = 1000) -> tuple[Samples, list[float]]:
    now = [0.0]
    return Samples(letters, size, lambda: now[0]), now


def test_so_many_letters_a_minute_are_kept() -> None:
    """The rate refills evenly, and never beyond one minute's worth."""
    samples, now = _samples()
    assert [samples.take("shop", "bad_json", 1) for _ in range(5)] == [True] * 3 + [False] * 2
    now[0] = 20
    assert [samples.take("shop", "bad_json", 1) for _ in range(2)] == [True, False]
    now[0] = 1000
    assert [samples.take("shop", "bad_json", 1) for _ in range(4)] == [True] * 3 + [False]


def test_so_many_bytes_a_minute_are_kept() -> None:
    """One letter may be larger than the rate; those that follow wait until it is paid for."""
    samples, now = _samples(100)
    assert samples.take("shop", "bad_json", 1600)
    assert not samples.take("shop", "bad_json", 1)
    now[0] = 30
    assert not samples.take("shop", "bad_json", 1)
    now[0] = 42
    assert samples.take("shop", "bad_json", 1)


def test_a_flooding_project_costs_no_other_its_letters() -> None:
    """Each project and each reason has a rate of its own, and memory has a bound."""
    samples, _ = _samples()
    while samples.take("flood", "bad_json", 1):
        pass
    assert samples.take("good", "bad_json", 1)
    assert samples.take("flood", "bad_shape", 1)
    for number in range(2 * MOST_KINDS):
        samples.take(f"p{number}", "bad_json", 1)
    assert len(samples._kinds) == MOST_KINDS


def test_the_loss_of_what_is_not_kept_says_that_no_bytes_are() -> None:
    """It is a drop with the reason of the dead letter, and nothing lies on the topic of dead letters."""
    log = MemoryProducer()
    emitter = Emitter(ENRICH, log, Metrics(process=False), "", Samples(2, 1000))
    for _ in range(5):
        emitter.emit(KEY, RECORD, Dead(Reason.BAD_JSON, HEADERS, 1000, 4))
    topics = [topic for topic, _ in log.records]
    assert (topics.count("replay.dead.v1"), topics.count("replay.losses.v1")) == (2, 5)
    losses = [orjson.loads(record.value) for topic, record in log.records if topic == "replay.losses.v1"]
    assert [(loss["kind"], loss["reason"], loss["payloads"], loss["events"]) for loss in losses] == [
        ("dead", "bad_json", 1, 4)
    ] * 2 + [("drop", "bad_json", 1, 4)] * 3
    assert losses[-1]["bytes"] == 0
