"""Where a stage goes on reading: at its group's committed offsets, and never anew by accident.

A group without offsets begins at the earliest record. That is right once. A stage that has written before would write
all of it a second time; it stops instead. Offsets go missing when someone deletes them, when all replicas are down for
longer than the broker keeps them (`offsets.retention.minutes`), or when a broker that is coming back answers before it
has read them (Apache Kafka 4.3.1 was seen with an empty coordinator): then the next start finds them.
"""

from __future__ import annotations

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import ClusterMetadata

from processors.runtime.application import StageApplication
from processors.stop import StopError
from processors.topology import StageSpec
from schemas.topics import consumer_group
from service.environment import ClusterSettings
from service.kafka import connection

ANSWER_SECONDS = 30.0


class Offsets:
    """The committed offsets of a stage between topics."""

    def __init__(self, spec: StageSpec, app: StageApplication, cluster: ClusterSettings) -> None:
        self._app = app
        self._cluster = cluster
        self._group = consumer_group(spec.name, cluster.topic_prefix)
        self._topic = cluster.topic_prefix + spec.reads[0].name
        self._outputs = [cluster.topic_prefix + topic.name for topic in spec.writes.values()]

    def place(self, partitions: list[TopicPartition]) -> None:
        """Set where to read each input partition that was just assigned; the others stay as they are.

        Raises StopError when the group has no offset at all and the stage has written before, KafkaException.
        """
        ours = [partition for partition in partitions if partition.topic == self._topic]
        if not ours:
            return
        committed = self._committed([partition.partition for partition in ours])
        if not committed and self._are_lost():
            raise StopError(
                f"Group {self._group} has no committed offsets, but {' and '.join(self._outputs)} hold what it wrote: "
                "beginning anew would write it twice. If the broker is just coming back, the next start finds them. "
                "If they are gone, or the input topic was made anew, set them by hand to where the stage shall go on."
            )
        for partition in ours:
            # What was asked here decides: a second answer could be another one.
            if partition.partition in committed:
                partition.offset = committed[partition.partition]

    def _are_lost(self) -> bool:
        """Whether no partition has an offset and there is output. Asked at the end once more: another replica may just
        have committed its first."""
        numbers = self._numbers()
        if self._committed(numbers) or not any(self._has_records(topic) for topic in self._outputs):
            return False
        return not self._committed(numbers)

    def _numbers(self) -> list[int]:
        return _partitions(self._app._consumer.list_topics(self._topic, timeout=ANSWER_SECONDS), self._topic)

    def _committed(self, numbers: list[int]) -> dict[int, int]:
        wanted = [TopicPartition(self._topic, number) for number in numbers]
        answers = self._app._consumer.committed(wanted, timeout=ANSWER_SECONDS)
        for answer in answers:
            if answer.error:
                raise KafkaException(answer.error)
        return {answer.partition: answer.offset for answer in answers if answer.offset >= 0}

    def _has_records(self, topic: str) -> bool:
        """Whether a committed record can be read. What only aborted transactions left does not count."""
        consumer = Consumer(
            {
                **connection(self._cluster),
                # Nothing is committed; a group id is demanded all the same.
                "group.id": f"{self._cluster.topic_prefix}reelstream.offsets",
                "enable.auto.commit": "false",
                "isolation.level": "read_committed",
                "enable.partition.eof": "true",
                "auto.offset.reset": "earliest",
            }
        )
        try:
            numbers = _partitions(consumer.list_topics(topic, timeout=ANSWER_SECONDS), topic)
            consumer.assign([TopicPartition(topic, number) for number in numbers])
            unread = set(numbers)
            while unread:
                message = consumer.poll(ANSWER_SECONDS)
                if message is None:
                    raise KafkaException(f"{topic} could not be read within {ANSWER_SECONDS:.0f} s")
                error = message.error()
                if error is None:
                    return True
                if error.code() != KafkaError._PARTITION_EOF:
                    raise KafkaException(error)
                unread.discard(message.partition())
        finally:
            consumer.close()
        return False


def _partitions(metadata: ClusterMetadata, topic: str) -> list[int]:
    """Numbers of a topic's partitions. KafkaException when the broker does not know them, as while it comes back."""
    known = metadata.topics[topic]
    if known.error is not None:
        raise KafkaException(known.error)
    if not known.partitions:
        raise KafkaException(f"the broker names no partition of {topic}")
    return sorted(known.partitions)
