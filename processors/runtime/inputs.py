"""Which topics a stage has read from, by id, remembered on `crashes.v1` beside the records that crashed it.

A broker forgets a group's offsets of a topic that is deleted. A stage that finds none must know whether its topic is
another one now, which it then reads from the beginning, or its offsets were lost, which only a person can mend.
"""

from __future__ import annotations

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from schemas.topics import CRASHES
from service.environment import ClusterSettings
from service.kafka import connection

READ_SECONDS = 30.0


class Inputs:
    """The inputs of one stage. `ids` are the topics' ids now, by name without the deployment's prefix."""

    def __init__(self, stage: str, cluster: ClusterSettings, ids: dict[str, str]) -> None:
        self._cluster = cluster
        self._topic = cluster.topic_prefix + CRASHES.name
        self._keys = {name: f"{stage}/input/{name}" for name in ids}
        self._ids = ids
        noted = self._read()
        self._noted = {name: noted.get(key, "") for name, key in self._keys.items()}

    def is_new(self, name: str) -> bool:
        """Whether the stage is known to have read another topic of this name."""
        return self._noted[name] not in ("", self._ids[name])

    def note(self) -> None:
        """Offsets in these topics are committed. KafkaException if the broker does not take the note."""
        if self._noted == self._ids:
            return
        failed: list[KafkaException] = []
        producer = Producer({**connection(self._cluster), "enable.idempotence": True, "linger.ms": "0"})
        for name, key in self._keys.items():
            producer.produce(
                self._topic,
                key=key,
                value=self._ids[name],
                on_delivery=lambda error, _: failed.append(KafkaException(error)) if error else None,
            )
        if producer.flush(READ_SECONDS) or failed:
            raise failed[0] if failed else KafkaException(f"a note was not delivered in {READ_SECONDS:.0f} s")
        self._noted = dict(self._ids)

    def _read(self) -> dict[str, str]:
        consumer = Consumer(
            {
                **connection(self._cluster),
                # Nothing is committed; a group id is demanded all the same.
                "group.id": f"{self._cluster.topic_prefix}reelstream.inputs",
                "enable.auto.commit": "false",
                "auto.offset.reset": "earliest",
                "enable.partition.eof": "true",
            }
        )
        found: dict[str, str] = {}
        try:
            consumer.assign([TopicPartition(self._topic, 0, 0)])
            while True:
                message = consumer.poll(READ_SECONDS)
                if message is None:
                    raise KafkaException(f"{CRASHES.name} could not be read within {READ_SECONDS:.0f} s")
                error = message.error()
                if error is not None:
                    if error.code() == KafkaError._PARTITION_EOF:
                        return found
                    raise KafkaException(error)
                key = (message.key() or b"").decode("ascii", "replace")
                found[key] = (message.value() or b"").decode("ascii", "replace")
        finally:
            consumer.close()
