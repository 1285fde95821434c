"""The topic registry agrees with itself and with the headers."""

from __future__ import annotations

import pytest

from processors.topology import STAGES
from schemas.headers import REQUIRED
from schemas.topics import BY_NAME, CONTROL, CRASHES, DEAD, LOSSES, MIB, RAW, TOPICS, Cleanup, changelog


def test_the_topology_is_what_the_topics_say() -> None:
    """Who a topic names as reader and writer is who the topology wires, and nobody else."""
    everywhere = {LOSSES.name, DEAD.name, CRASHES.name, CONTROL.name}
    for topic in TOPICS:
        if topic.name in everywhere:
            continue
        readers = {stage.name for stage in STAGES if topic in stage.reads}
        writers = {stage.name for stage in STAGES if topic in stage.writes.values()}
        assert readers == set(topic.readers), topic.name
        assert writers | ({"gateway"} if topic is RAW else set()) == set(topic.writers), topic.name


def test_what_a_stage_reads_fits_where_its_dead_letters_go() -> None:
    """A dead letter is the bytes read: the dead topic takes the largest value of every other topic."""
    assert all(DEAD.value_limit >= topic.value_limit for topic in TOPICS)


def test_topics_before_privacy_are_restricted_and_short() -> None:
    """What may hold what a rule would remove is marked, rolls hourly and lives two days at most."""
    for name in ("replay.raw.v1", "replay.enriched.v1", "replay.dead.v1"):
        topic = BY_NAME[name]
        assert topic.restricted
        assert topic.retention.total_seconds() <= 48 * 3600
        assert topic.config["segment.ms"] == "3600000"
    assert changelog("enrich", RAW).restricted


def test_everything_after_split_fits_the_default_limit() -> None:
    """From parts on, no topic asks the broker for more than its default megabyte."""
    for name in ("replay.parts.v1", "replay.blocks.v1", "replay.sessions.v1", "replay.losses.v1"):
        assert BY_NAME[name].max_bytes == MIB


def test_headers_are_declared_for_every_record_topic() -> None:
    """Every topic that holds records of the pipeline says which headers they carry."""
    assert set(REQUIRED) == {topic.name for topic in TOPICS} - {CRASHES.name, CONTROL.name}


@pytest.mark.parametrize(
    ("budget", "partitions", "replication"), [(8 << 30, 4, 1), (256 << 30, 12, 3), (1 << 40, 64, 3)]
)
def test_all_topics_fit_the_disk_they_may_take(budget: int, partitions: int, replication: int) -> None:
    """With their newest segment they take no more than the budget, and a partition takes several of its largest."""
    taken = 0
    for topic in TOPICS:
        bounds = topic.bounds(budget, topic.partitions or partitions, replication)
        assert bool(bounds) == (topic.cleanup is Cleanup.DELETE), topic.name
        if bounds:
            kept, segment = int(bounds["retention.bytes"]), int(bounds["segment.bytes"])
            assert kept >= 4 * topic.max_bytes
            assert segment >= 2 * topic.max_bytes
            taken += (kept + segment) * partitions * replication
    assert taken <= budget
    assert changelog("enrich", RAW).bounds(budget, partitions, replication) == {}
