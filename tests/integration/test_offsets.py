"""A stage whose group lost its offsets does not do its work twice."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from schemas.topics import consumer_group
from service.environment import ClusterSettings
from tests.integration.servers import Kafka, free_offset
from tests.integration.stage_process import StageProcess, make_cluster, producer, read

IN, OUT = "replay.enriched.v1", "replay.redacted.v1"
KEY = "demo:0192f3c4-5d6e-7f80-9a1b-000000000001"
HEADERS = [("rs-project", b"demo"), ("rs-events", b"2"), ("rs-seq", b"0")]


@pytest.fixture
def cluster(kafka: Kafka, prefix: str, tmp_path: Path) -> ClusterSettings:
    """A deployment of the test's own."""
    return make_cluster(kafka.brokers, prefix, tmp_path / "state")


@pytest.fixture
def stage(cluster: ClusterSettings, tmp_path: Path) -> Iterator[StageProcess]:
    """The counting stage, not started."""
    # A static member stays in its group for so long after its end, and only an empty group can be changed.
    process = StageProcess(cluster, 9102 + free_offset(), tmp_path / "stage.log", session_timeout="PT6S")
    yield process
    process.end(signal.SIGKILL)


def _send(cluster: ClusterSettings, count: int) -> None:
    client = producer(cluster)
    for _ in range(count):
        client.produce(cluster.topic_prefix + IN, b"a", key=KEY, headers=HEADERS)
    assert client.flush(10) == 0


def _numbers(cluster: ClusterSettings, enough: int, seconds: float) -> list[int]:
    return [int(message.value() or b"") for message in read(cluster, [OUT], enough, seconds)]


def _delete_group(admin: AdminClient, group: str) -> bool:
    with suppress(KafkaException):
        admin.delete_consumer_groups([group])[group].result(10)
        return True
    return False


def _set_offsets(admin: AdminClient, group: str, places: list[TopicPartition]) -> bool:
    wanted = ConsumerGroupTopicPartitions(group, places)
    answer = admin.alter_consumer_group_offsets([wanted])[group].result(10)
    return all(place.error is None for place in answer.topic_partitions)


def _when_empty(change: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not change():
        assert time.monotonic() < deadline, "the group is never empty"
        time.sleep(0.5)


def test_a_group_that_lost_its_offsets_stops_and_goes_on_when_they_are_back(
    cluster: ClusterSettings, stage: StageProcess
) -> None:
    """Without offsets, and with its own records on its output, a stage ends with a sentence and writes nothing."""
    stage.start()
    stage.wait_ready()
    _send(cluster, 5)
    assert _numbers(cluster, 5, 20) == [1, 2, 3, 4, 5]
    assert stage.end(signal.SIGTERM) == 0

    admin = AdminClient({"bootstrap.servers": cluster.brokers})
    group = consumer_group("privacy", cluster.topic_prefix)
    (asked,) = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]).values()
    had = [
        TopicPartition(place.topic, place.partition, place.offset) for place in asked.result(10).topic_partitions or []
    ]
    _when_empty(lambda: _delete_group(admin, group))
    _send(cluster, 2)
    stage.start()
    assert stage.wait_end(60) == 1
    assert f"Group {group} has no committed offsets" in stage.log.read_text()
    assert _numbers(cluster, 6, 3) == [1, 2, 3, 4, 5]

    _when_empty(lambda: _set_offsets(admin, group, had))
    stage.start()
    stage.wait_ready()
    assert _numbers(cluster, 7, 20) == [1, 2, 3, 4, 5, 6, 7]


def test_a_first_start_after_an_aborted_one_begins_at_the_earliest(
    cluster: ClusterSettings, stage: StageProcess
) -> None:
    """What an aborted transaction left on the output is not the stage's work."""
    aborted = Producer({"bootstrap.servers": cluster.brokers, "transactional.id": f"{cluster.topic_prefix}aborted"})
    aborted.init_transactions(10)
    aborted.begin_transaction()
    for partition in range(cluster.partitions):
        aborted.produce(cluster.topic_prefix + OUT, b"0", partition=partition)
    assert aborted.flush(10) == 0
    aborted.abort_transaction(10)
    _send(cluster, 3)
    stage.start()
    stage.wait_ready()
    assert _numbers(cluster, 3, 20) == [1, 2, 3]
