"""Every example is everyone's test: it carries the headers its topic demands, and each stage that reads its topic
turns it into the examples of the next. `UPDATE_EXAMPLES=1` writes those anew, for a person to review as a diff."""

from __future__ import annotations

import os
import re

import pytest

from processors.topology import BATCH, ENRICH, PRIVACY, SPLIT, StageSpec
from schemas.headers import FORBIDDEN_AFTER_ENRICH, REQUIRED
from schemas.topics import RAW, TOPICS
from tests.contract import examples as store
from tests.contract.stages import run

CHAIN = (ENRICH, PRIVACY, SPLIT, BATCH)
WITH_RECORDS = [topic.name for topic in TOPICS if topic.name in REQUIRED]
SECRET = re.compile(rb"SECRET-[a-z]+")


def cases(spec: StageSpec) -> list[str]:
    """Cases of a stage's input topic."""
    return [example.case for example in store.examples(spec.reads[0].name)]


@pytest.mark.parametrize("topic", WITH_RECORDS)
def test_examples_carry_the_headers_of_their_topic(topic: str) -> None:
    """Every topic has examples; they carry what the topic demands, in ASCII, and no address past enrich."""
    found = store.examples(topic)
    assert found, f"no example of {topic}"
    for example in found:
        headers = example.record.headers
        assert REQUIRED[topic] <= headers.keys(), example.case
        assert all(text.isascii() for text in headers.values())
        if topic != RAW.name:
            assert not FORBIDDEN_AFTER_ENRICH & headers.keys()


@pytest.mark.parametrize(
    ("spec", "case"), [pytest.param(spec, case, id=f"{spec.name}-{case}") for spec in CHAIN for case in cases(spec)]
)
def test_each_stage_turns_examples_into_the_next_ones(spec: StageSpec, case: str) -> None:
    """Outcomes of a stage for an example are the examples of its output topics, and its losses are those listed."""
    (example,) = (each for each in store.examples(spec.reads[0].name) if each.case == case)
    written = run(spec, example.record)
    assert written
    for topic, record in written:
        name = case if topic not in ("replay.losses.v1", "replay.dead.v1") else f"{spec.name}_{case}"
        if os.environ.get("UPDATE_EXAMPLES") == "1":
            store.write(topic, name, record)
        (golden,) = (each for each in store.examples(topic) if each.case == name)
        assert record.headers == golden.record.headers
        assert store.content(record.value) == store.content(golden.record.value)
        assert (record.key, record.received) == (golden.record.key, golden.record.received)


def test_no_example_after_privacy_holds_a_secret() -> None:
    """Examples plant secrets in every forbidden place; from redacted on they are gone."""
    seen: set[bytes] = set()
    for topic in WITH_RECORDS:
        for example in store.examples(topic):
            text = repr(store.content(example.record.value)).encode() + repr(example.record.headers).encode()
            if topic in ("replay.raw.v1", "replay.enriched.v1", "replay.dead.v1"):
                seen |= set(SECRET.findall(text))
            else:
                assert not SECRET.search(text), (topic, example.case)
    assert len(seen) >= 5
