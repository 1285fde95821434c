"""Which records crashed workers, remembered on the compacted topic `crashes.v1`.

An unexpected exception stops the worker; the note is written outside the transaction that is then lost. After
LIMIT crashes on the same record the runtime sets it aside as a dead letter: no partition waits for a person.
"""

from __future__ import annotations

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from schemas.topics import CRASHES
from service.environment import ClusterSettings
from service.kafka import connection

LIMIT = 3
# Reading the whole topic at start: it holds one small record for each crash of the last days.
READ_SECONDS = 30.0


class CrashLedger:
    """Crash counts of one stage by coordinates."""

    def __init__(self, stage: str, counts: dict[str, int], producer: Producer, topic: str) -> None:
        self._stage = stage
        self._counts = counts
        self._producer = producer
        self._topic = topic

    def count(self, coordinates: str) -> int:
        """How often this record has crashed workers: once it is LIMIT, it is to be set aside."""
        return self._counts.get(coordinates, 0)

    def note(self, coordinates: str) -> int:
        """Count one more crash, durably; returns the count. KafkaException if the broker does not take it."""
        count = self._counts.get(coordinates, 0) + 1
        self._counts[coordinates] = count
        failed: list[KafkaException] = []
        self._producer.produce(
            self._topic,
            key=f"{self._stage}/{coordinates}",
            value=str(count),
            on_delivery=lambda error, _: failed.append(KafkaException(error)) if error else None,
        )
        if self._producer.flush(10) or failed:
            raise failed[0] if failed else KafkaException("crash note not delivered in 10 s")
        return count


def open_ledger(stage: str, cluster: ClusterSettings) -> CrashLedger:
    """Read the crashes of `stage`. Raises KafkaException if the broker or the topic is not there."""
    topic = cluster.topic_prefix + CRASHES.name
    counts: dict[str, int] = {}
    consumer = Consumer(
        {
            **connection(cluster),
            # Nothing is committed; a group id is demanded all the same.
            "group.id": f"{cluster.topic_prefix}reelstream.crashes",
            "enable.auto.commit": "false",
            "auto.offset.reset": "earliest",
        }
    )
    try:
        _, end = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=READ_SECONDS)
        consumer.assign([TopicPartition(topic, 0, 0)])
        position = 0
        while position < end:
            message = consumer.poll(READ_SECONDS)
            if message is None:
                raise KafkaException(f"{CRASHES.name} could not be read within {READ_SECONDS:.0f} s")
            if error := message.error():
                raise KafkaException(error)
            position = (message.offset() or 0) + 1
            owner, _, coordinates = (message.key() or b"").decode("ascii", "replace").partition("/")
            value = message.value() or b""
            if owner == stage and value.isdigit():
                counts[coordinates] = int(value)
    finally:
        consumer.close()
    producer = Producer({**connection(cluster), "enable.idempotence": True, "linger.ms": "0"})
    return CrashLedger(stage, counts, producer, topic)
