"""Records that retention took before they were read are counted once, and only those; nothing else changes."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from processors.runtime.topics import reconcile
from schemas.topics import RAW, consumer_group
from service.environment import ClusterSettings
from tests.integration.servers import Kafka, free_offset
from tests.integration.stage_process import StageProcess, make_cluster, read

IN, OUT, LOSSES = "replay.enriched.v1", "replay.redacted.v1", "replay.losses.v1"
KEY = "demo:0192f3c4-5d6e-7f80-9a1b-000000000001"
HEADERS = [("rs-project", b"demo"), ("rs-events", b"2"), ("rs-seq", b"0")]


class Input:
    """The stage's input, written in transactions, and what its group has committed there."""

    def __init__(self, cluster: ClusterSettings) -> None:
        self._cluster = cluster
        self.topic = cluster.topic_prefix + IN
        self.group = consumer_group("privacy", cluster.topic_prefix)
        self._admin = AdminClient({"bootstrap.servers": cluster.brokers})
        self._producer = Producer(
            {
                "bootstrap.servers": cluster.brokers,
                "transactional.id": f"{cluster.topic_prefix}writer",
                "partitioner": "murmur2_random",
            }
        )
        self._producer.init_transactions(20)
        self.partition = -1

    def send(self, count: int, *, abort: bool = False) -> None:
        """One transaction of so many records."""
        self._producer.begin_transaction()
        for _ in range(count):
            self._producer.produce(self.topic, b"a", key=KEY, headers=HEADERS, on_delivery=self._delivered)
        assert self._producer.flush(20) == 0
        if abort:
            self._producer.abort_transaction(20)
        else:
            self._producer.commit_transaction(20)

    def ends(self) -> tuple[int, int]:
        """First and next offset of the session's partition."""
        consumer = Consumer({"bootstrap.servers": self._cluster.brokers, "group.id": "ends"})
        try:
            low, high = consumer.get_watermark_offsets(TopicPartition(self.topic, self.partition), timeout=20)
        finally:
            consumer.close()
        return low, high

    def expire(self) -> int:
        """Delete all records of the session's partition; the log's start then."""
        _, end = self.ends()
        (future,) = self._admin.delete_records([TopicPartition(self.topic, self.partition, end)]).values()
        future.result(20)
        return end

    def committed(self) -> int:
        """The group's offset in the session's partition."""
        asked = ConsumerGroupTopicPartitions(self.group, [TopicPartition(self.topic, self.partition)])
        (future,) = self._admin.list_consumer_group_offsets([asked]).values()
        return int((future.result(20).topic_partitions or [])[0].offset)

    def commit(self, offset: int) -> None:
        """Set the group's offset by hand, as a version that wrote no notes beside it did."""
        wanted = ConsumerGroupTopicPartitions(self.group, [TopicPartition(self.topic, self.partition, offset)])
        deadline = time.monotonic() + 40
        while True:
            try:
                answer = self._admin.alter_consumer_group_offsets([wanted])[self.group].result(20)
                if all(place.error is None for place in answer.topic_partitions):
                    return
            except KafkaException:
                pass
            assert time.monotonic() < deadline, "the group is never empty"
            time.sleep(0.3)

    def wait_committed(self, offset: int) -> None:
        """Until the group has committed this offset."""
        deadline = time.monotonic() + 30
        while (found := self.committed()) != offset:
            assert time.monotonic() < deadline, (found, offset)
            time.sleep(0.1)

    def _delivered(self, error: object, message: object) -> None:
        assert error is None
        self.partition = message.partition()  # type: ignore[attr-defined]


@pytest.fixture
def cluster(kafka: Kafka, prefix: str, tmp_path: Path) -> ClusterSettings:
    """A deployment of the test's own."""
    return make_cluster(kafka.brokers, prefix, tmp_path / "state")


@pytest.fixture
def stage(cluster: ClusterSettings, tmp_path: Path) -> Iterator[StageProcess]:
    """The counting stage, not started."""
    # A static member stays in its group for so long after its end, and only an empty group can be changed.
    process = StageProcess(cluster, 9102 + free_offset(), tmp_path / "stage.log", session_timeout="PT3S")
    yield process
    process.end(signal.SIGKILL)


def _numbers(cluster: ClusterSettings, enough: int, seconds: float = 30) -> list[int]:
    return [int(message.value() or b"") for message in read(cluster, [OUT], enough, seconds)]


def _losses(cluster: ClusterSettings, enough: int, seconds: float = 20) -> list[dict[str, object]]:
    return [orjson.loads(message.value() or b"") for message in read(cluster, [LOSSES], enough, seconds)]


def test_only_what_was_lost_is_counted(cluster: ClusterSettings, stage: StageProcess) -> None:
    """A quiet topic, markers and aborted records lose nothing; records deleted unread are one loss; state stays."""
    topic = Input(cluster)
    stage.start()
    stage.wait_ready()
    topic.send(3)
    topic.send(2, abort=True)
    assert _numbers(cluster, 3) == [1, 2, 3]
    topic.wait_committed(topic.ends()[1])
    assert stage.end(signal.SIGTERM) == 0

    # Everything was read, and expired long after.
    end = topic.expire()
    stage.start()
    stage.wait_ready()
    topic.send(1)
    assert _numbers(cluster, 4) == [1, 2, 3, 4]
    assert stage.end(signal.SIGTERM) == 0

    # The offset of a version that knew nothing of markers: one short of the end.
    end = topic.expire()
    topic.commit(end - 1)
    stage.start()
    stage.wait_ready()
    topic.send(1)
    assert _numbers(cluster, 5) == [1, 2, 3, 4, 5]
    topic.wait_committed(topic.ends()[1])
    assert _losses(cluster, 1, 1) == []
    assert stage.end(signal.SIGTERM) == 0

    # Six records and two markers nobody read.
    first = topic.ends()[1]
    topic.send(4)
    topic.send(2)
    end = topic.expire()
    stage.start()
    stage.wait_ready()
    (loss,) = _losses(cluster, 1)
    assert (loss["reason"], loss["kind"], loss["stage"], loss["payloads"]) == ("expired_unread", "drop", "privacy", 8)
    assert str(loss["source"]).split("/")[1:] == [IN, str(topic.partition), f"{first}-{end - 1}"]
    assert 'reelstream_stage_unread_expired_total{stage="privacy"} 8.0' in stage.metrics()
    topic.send(1)
    assert _numbers(cluster, 6) == [1, 2, 3, 4, 5, 6]
    assert stage.log.read_text().count("were deleted before they were read") == 1
    stage.end(signal.SIGKILL)
    stage.wait_ready()
    topic.send(1)
    assert _numbers(cluster, 7) == [1, 2, 3, 4, 5, 6, 7]
    assert len(_losses(cluster, 2, 1)) == 1


def test_a_stage_that_retention_overtakes_says_so_and_goes_on(cluster: ClusterSettings, stage: StageProcess) -> None:
    """While it runs, a stage that finds its next offset gone ends with a sentence; its successor counts the range."""
    topic = Input(cluster)
    stage.start()
    stage.wait_ready()
    topic.send(1)
    assert _numbers(cluster, 1) == [1]
    first = topic.ends()[1]
    topic.wait_committed(first)
    stage.signal(signal.SIGSTOP)
    # Until the broker has answered the fetch that was on its way.
    time.sleep(1.5)
    topic.send(5)
    end = topic.expire()
    stage.signal(signal.SIGCONT)
    assert stage.wait_end(30) == 1
    assert f"no longer has offset {first}, which is next" in stage.log.read_text()
    stage.wait_ready()
    topic.send(1)
    assert _numbers(cluster, 2) == [1, 2]
    (loss,) = _losses(cluster, 2, 2)
    assert str(loss["source"]).endswith(f"{first}-{end - 1}")


def test_topics_get_a_bound_of_bytes_and_keep_a_larger_one(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """Topics of a version without bounds get one; the second run changes nothing; a smaller budget shrinks nothing."""
    cluster = make_cluster(kafka.brokers, prefix, tmp_path)
    budget = 8 << 30
    wanted = RAW.bounds(budget, cluster.partitions, cluster.replication)["retention.bytes"]
    texts = {each.text for each in reconcile(cluster, budget) if each.topic == prefix + RAW.name}
    assert f"retention.bytes was not set, now {wanted}" in texts
    # The broker tells of a change a moment after it took it.
    deadline = time.monotonic() + 20
    while reconcile(cluster, budget):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    found = [each for each in reconcile(cluster, budget // 2) if each.text.startswith("retention.bytes")]
    assert found
    assert all(each.text.endswith("left") for each in found)
    resource = ConfigResource(ResourceType.TOPIC, prefix + RAW.name)
    admin = AdminClient({"bootstrap.servers": kafka.brokers})
    assert admin.describe_configs([resource])[resource].result(20)["retention.bytes"].value == wanted
