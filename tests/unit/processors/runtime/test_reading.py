"""A record is read whatever it is, and one that nobody of ours wrote is told apart."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.runtime.reading import read_record
from processors.topology import STAGES
from schemas import headers as h
from schemas.header_forms import FORMS, is_expiry
from schemas.identity import is_session_key
from schemas.topics import ENRICHED, LOSSES, RAW, TOPICS
from tests.contract.examples import examples

PLACE = "topicId/replay.enriched.v1/0/1"
NOW = 1_767_225_602_500
INPUTS = [topic.name for stage in STAGES for topic in stage.reads]
NAMES = st.sampled_from([*FORMS, h.ENCODING, h.IP, h.GENERATION, "traceparent"]) | st.text(max_size=20)
HEADERS = st.none() | st.lists(st.tuples(NAMES, st.none() | st.binary(max_size=40)), max_size=12)


@given(
    st.sampled_from(INPUTS),
    st.none() | st.binary(max_size=80),
    HEADERS,
    st.none() | st.binary(max_size=20),
    st.integers(-1, 2**63 - 1),
)
def test_any_record_is_read(topic: str, key: bytes | None, headers: Any, value: bytes | None, received: int) -> None:
    """Nothing raises, and what is read can be written again: ASCII texts, a time, a session's key or none."""
    record, _ = read_record(topic, key, headers, value, received, PLACE, NOW)
    assert record.key == "" or is_session_key(record.key)
    assert all(text.isascii() for text in record.headers.values())
    assert 0 < record.received <= NOW + 24 * 60 * 60 * 1000
    assert isinstance(record.value, bytes)


@pytest.mark.parametrize("topic", [name for name in INPUTS if name != RAW.name])
def test_examples_are_sound(topic: str) -> None:
    """What our stages write passes unchanged."""
    for example in examples(topic):
        given_ = example.record
        headers = [(name, text.encode()) for name, text in given_.headers.items()]
        record, sound = read_record(
            topic, given_.key.encode(), headers, given_.value, given_.received, given_.coordinates, given_.received
        )
        assert sound, example.case
        assert record == given_


def _sound(changed: dict[str, bytes | None], key: bytes | None = None, topic: str = ENRICHED.name) -> bool:
    record = next(iter(examples(topic))).record
    headers: dict[str, bytes | None] = {name: text.encode() for name, text in record.headers.items()}
    return read_record(
        topic, key or record.key.encode(), [*{**headers, **changed}.items()], b"", record.received, PLACE, NOW
    )[1]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (h.SEQ, b"1000001"),
        (h.SEQ, b"9" * 5000),
        (h.EXPIRES, b"9999-12-31"),
        (h.EXPIRES, b"2150-01-01"),
        (h.EXPIRES, b"1999-01-01"),
        (h.COUNTS, b'{"events":NaN}'),
        (h.COUNTS, b'{"events":99999999999999999999999999}'),
        (h.CONTEXT, b'{"country":1}'),
        (h.PAGES, b'[["x",1]]'),
        (h.USER, b'"\\ud83d"'),
        (h.EVENTS, b"99999999999"),
        (h.GAP, None),
        ("rs-large", b"x" * 70_000),
    ],
)
def test_a_header_that_is_not_of_its_form_is_odd(name: str, text: bytes | None) -> None:
    """Also where it is one that the record need not have."""
    assert _sound({})
    assert not _sound({name: text})


def test_a_project_is_the_one_of_the_key() -> None:
    """So that no record touches another project's state."""
    assert not _sound({h.PROJECT: b"another"})
    assert not _sound({}, key=b"demo:not-a-session")


def test_days_are_few() -> None:
    """Each is a partition of ClickHouse: a month back and ten years on from when the record was received."""
    assert is_expiry("2026-01-31", NOW)
    assert is_expiry("2035-12-01", NOW)
    for text in ("2025-11-01", "2036-03-01", "2026-1-31", "2026-02-30", "", "٢٠٢٦-٠١-٣١"):
        assert not is_expiry(text, NOW)


def test_what_a_stranger_says_on_raw_of_later_stages_is_not_read() -> None:
    """Neither the raw record that it came from nor when its session expires."""
    headers = [(h.SOURCE, b"topicId/replay.raw.v1/0/7"), (h.EXPIRES, b"2026-01-31"), (h.PROJECT, b"demo")]
    record, _ = read_record(RAW.name, b"x", headers, b"", NOW, PLACE, NOW)
    assert record.headers == {h.PROJECT: "demo"}


def test_every_topic_is_known() -> None:
    """A loss of nobody's has no key, and is read all the same."""
    assert {ENRICHED.name, LOSSES.name} <= {topic.name for topic in TOPICS}
    assert read_record(LOSSES.name, None, [(h.PROJECT, b"")], b"{}", NOW, PLACE, NOW)[1]
