"""Bare Kafka clients: put records on topics, read what comes out of a process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition

from bench.records import Sample, sample_read
from schemas.topics import DEAD

# The stages' own choices, so that both sides of a comparison have the same.
PRODUCER = {
    "acks": "all",
    "enable.idempotence": True,
    "partitioner": "murmur2_random",
    "message.max.bytes": DEAD.max_bytes,
    "linger.ms": 20,
    "queue.buffering.max.kbytes": 256 * 1024,
}
BATCH = 1000
# How late the end of a run may be seen; it is in every figure.
WAIT_SECONDS = 0.02


class StalledError(Exception):
    """A process did not do its work in time; the message says which."""


def produce_all(brokers: str, prefix: str, samples: Iterable[Sample]) -> None:
    """Write samples to their topics and wait until the broker has all of them. KafkaException if it does not."""
    failed: list[KafkaException] = []
    producer = Producer({"bootstrap.servers": brokers, **PRODUCER})
    for sample in samples:
        send(producer, prefix + sample.topic, sample, lambda error, _: failed.append(error) if error else None)
    if producer.flush(120) or failed:
        raise failed[0] if failed else StalledError("the broker did not take the prepared records in two minutes")


def send(producer: Producer, topic: str, sample: Sample, on_delivery: Callable[[object, object], None]) -> None:
    """Produce one sample, waiting while the queue is full."""
    while True:
        try:
            producer.produce(
                topic,
                key=sample.key,
                value=sample.value,
                headers=list(sample.headers),
                timestamp=sample.timestamp,
                on_delivery=on_delivery,
            )
        except BufferError:
            producer.poll(0.1)
        else:
            producer.poll(0)
            return


class Watcher:
    """Reads committed records of some topics from their beginning."""

    def __init__(self, brokers: str, prefix: str, topics: Iterable[str]) -> None:
        self._prefix = prefix
        self._consumer = Consumer(
            {
                "bootstrap.servers": brokers,
                # Nothing is committed; a group id is demanded all the same.
                "group.id": f"{prefix}bench.watcher",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
            }
        )
        known = self._consumer.list_topics(timeout=10).topics
        partitions = [
            TopicPartition(prefix + topic, number, OFFSET_BEGINNING)
            for topic in topics
            for number in known[prefix + topic].partitions
        ]
        self._consumer.assign(partitions)

    def read(self, wanted: int, count: Callable[[Sample], int], seconds: float) -> tuple[list[Sample], float]:
        """Samples until their counts reach `wanted`, and the moment (monotonic) of the last; StalledError if late."""
        samples: list[Sample] = []
        deadline = time.monotonic() + seconds
        seen = 0
        while seen < wanted:
            if time.monotonic() > deadline:
                raise StalledError(f"{self._prefix}: {seen} of {wanted} came out in {seconds:.0f} s")
            for message in self._consumer.consume(BATCH, WAIT_SECONDS):
                if error := message.error():
                    raise KafkaException(error)
                topic = message.topic().removeprefix(self._prefix)
                sample = sample_read(
                    topic, message.key(), message.value(), message.headers() or (), message.timestamp()[1]
                )
                samples.append(sample)
                seen += count(sample)
        return samples, time.monotonic()

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()
