"""Which records crashed workers, remembered on the compacted topic `crashes.v1`.

An unexpected exception stops the worker, and the watchdog ends one that hangs; the note is written outside the
transaction that is then lost. After LIMIT crashes on the same record the runtime sets it aside as a dead letter: no
partition waits for a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from schemas import headers as h
from schemas.topics import CRASHES
from service.environment import ClusterSettings
from service.kafka import connection

LIMIT = 3
# Reading the whole topic at start: it holds one small record for each crash of the last days.
READ_SECONDS = 30.0
DELIVERY_SECONDS = 10.0
# A watchdog that waits longer would be too late for the group.
HANG_DELIVERY_SECONDS = 5.0
# Of a count.
_DIGITS = 10


class Kind(StrEnum):
    """What a record did last."""

    CRASH = "crash"  # raised
    HANG = "hang"  # did not end
    SLOW = "slow"  # ended, later than its transaction may have


_KINDS = frozenset(Kind)


class CrashLedger:
    """Crash counts of one stage by coordinates. `kinds` says what the record of each did last."""

    def __init__(
        self, stage: str, counts: dict[str, int], kinds: dict[str, Kind], producer: Producer, topic: str
    ) -> None:
        self._stage = stage
        self._counts = counts
        self._kinds = kinds
        self._producer = producer
        self._topic = topic

    def count(self, coordinates: str) -> int:
        """How often this record has crashed workers: once it is LIMIT, it is to be set aside."""
        return self._counts.get(coordinates, 0)

    def note(self, coordinates: str, kind: Kind) -> int:
        """Count one more crash, durably; returns the count. KafkaException if the broker does not take it."""
        count = self.count(coordinates) + 1
        self._counts[coordinates] = count
        self._kinds[coordinates] = kind
        _write(self._producer, self._topic, self._stage, coordinates, count, kind, DELIVERY_SECONDS)
        return count

    def total(self, kind: Kind) -> int:
        """Records and wake-ups that did this last."""
        return sum(1 for each in self._kinds.values() if each is kind)


def note(cluster: ClusterSettings, stage: str, coordinates: str, count: int, kind: Kind) -> None:
    """Note a crash from outside the worker, durably. KafkaException if the broker does not take it in time."""
    topic = cluster.topic_prefix + CRASHES.name
    _write(_producer(cluster), topic, stage, coordinates, count, kind, HANG_DELIVERY_SECONDS)


def open_ledger(stage: str, cluster: ClusterSettings) -> CrashLedger:
    """Read the crashes of `stage`. Raises KafkaException if the broker or the topic is not there."""
    topic = cluster.topic_prefix + CRASHES.name
    counts: dict[str, int] = {}
    kinds: dict[str, Kind] = {}
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
        position, end = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=READ_SECONDS)
        consumer.assign([TopicPartition(topic, 0, position)])
        while position < end:
            message = consumer.poll(READ_SECONDS)
            if message is None:
                raise KafkaException(f"{CRASHES.name} could not be read within {READ_SECONDS:.0f} s")
            if error := message.error():
                raise KafkaException(error)
            position = (message.offset() or 0) + 1
            owner, _, coordinates = (message.key() or b"").decode("ascii", "replace").partition("/")
            value = message.value() or b""
            if owner == stage and value.isdigit() and len(value) <= _DIGITS:
                counts[coordinates] = int(value)
                headers: Mapping[str, bytes | None] = dict(message.headers() or ())
                kind = (headers.get(h.REASON) or b"").decode("ascii", "replace")
                kinds[coordinates] = Kind(kind) if kind in _KINDS else Kind.CRASH
    finally:
        consumer.close()
    return CrashLedger(stage, counts, kinds, _producer(cluster), topic)


def _producer(cluster: ClusterSettings) -> Producer:
    return Producer({**connection(cluster), "enable.idempotence": True, "linger.ms": "0"})


def _write(
    producer: Producer, topic: str, stage: str, coordinates: str, count: int, kind: Kind, seconds: float
) -> None:
    failed: list[KafkaException] = []
    producer.produce(
        topic,
        key=f"{stage}/{coordinates}",
        value=str(count),
        headers={h.REASON: kind.value},
        on_delivery=lambda error, _: failed.append(KafkaException(error)) if error else None,
    )
    if producer.flush(seconds) or failed:
        raise failed[0] if failed else KafkaException(f"crash note not delivered in {seconds:.0f} s")
