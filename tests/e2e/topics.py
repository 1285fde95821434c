"""What lies on the topics: read as any Kafka client can, with no group and no commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

_SECONDS = 30.0


@dataclass(frozen=True)
class Message:
    """One record. `sent` is its Kafka timestamp, ms."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes
    headers: dict[str, str]
    sent: int


def topic_names(brokers: str) -> list[str]:
    """Every topic but Kafka's own."""
    metadata = AdminClient({"bootstrap.servers": brokers}).list_topics(timeout=_SECONDS)
    return sorted(name for name in metadata.topics if not name.startswith("__"))


def read(
    brokers: str,
    topics: Iterable[str],
    isolation: Literal["read_committed", "read_uncommitted"] = "read_committed",
) -> Iterator[Message]:
    """All records that are there now. `read_uncommitted` also gives those of transactions that were given up."""
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": "tests-from-outside",
            "enable.auto.commit": False,
            "isolation.level": isolation,
            "enable.partition.eof": True,
            "fetch.message.max.bytes": 32 * 1024 * 1024,
        }
    )
    try:
        metadata = consumer.list_topics(timeout=_SECONDS)
        open_ends = {(topic, number) for topic in topics for number in metadata.topics[topic].partitions}
        consumer.assign([TopicPartition(topic, number, 0) for topic, number in open_ends])
        while open_ends:
            message = consumer.poll(_SECONDS)
            assert message is not None, f"{open_ends} gave nothing for {_SECONDS:.0f} s"
            topic, partition = message.topic() or "", message.partition() or 0
            if error := message.error():
                if error.code() != KafkaError._PARTITION_EOF:
                    raise KafkaException(error)
                open_ends.discard((topic, partition))
                continue
            yield Message(
                topic,
                partition,
                message.offset() or 0,
                (message.key() or b"").decode("latin-1"),
                message.value() or b"",
                {name: (value or b"").decode("latin-1") for name, value in message.headers() or []},
                message.timestamp()[1],
            )
    finally:
        consumer.close()
