"""Where a process goes on reading: at its group's committed offsets, and never anew by accident.

A group without offsets begins at the earliest record. That is right once, and for a topic that was made anew. A stage
that has written before would write all of it a second time; it stops instead. Offsets go missing when someone deletes
them, when all replicas are down for longer than the broker keeps them (`offsets.retention.minutes`), or when a broker
that is coming back answers before it has read them (Apache Kafka 4.3.1 was seen with an empty coordinator): then the
next start finds them.

An offset behind the log's start tells of records that were deleted unread, unless only a transaction's marker lay
there. Reading goes on at the start; what may be lost is a `Gap`, to be written in the first checkpoint.
"""

from __future__ import annotations

import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, ClusterMetadata

from processors.runtime.application import StageApplication
from processors.runtime.inputs import Inputs
from processors.runtime.places import Gap, Note, Place, Places, read_note
from processors.stop import StopError
from processors.topology import StageSpec
from schemas.topics import Topic, consumer_group
from service.environment import ClusterSettings
from service.kafka import connection

_log = structlog.get_logger(__name__)
ANSWER_SECONDS = 30.0


class Offsets:
    """The committed offsets of a process. `ids` are its input topics' ids by full name.

    `inputs` is given where beginning anew would write twice. `gaps` are those found since they were last taken.
    """

    def __init__(
        self,
        spec: StageSpec,
        app: StageApplication,
        cluster: ClusterSettings,
        ids: dict[str, str],
        places: Places,
        inputs: Inputs | None = None,
    ) -> None:
        self._app = app
        self._cluster = cluster
        self._group = consumer_group(spec.name, cluster.topic_prefix)
        self._topics = {cluster.topic_prefix + topic.name: topic for topic in spec.reads}
        self._outputs = [cluster.topic_prefix + topic.name for topic in spec.writes.values()]
        self._ids = ids
        self._places = places
        self._inputs = inputs
        self.gaps: list[Gap] = []

    def place(self, partitions: list[TopicPartition]) -> None:
        """Set where to read each partition that was just assigned.

        Raises StopError when the group has no offset at all and the stage has written before, KafkaException.
        """
        ours = [partition for partition in partitions if partition.topic in self._topics]
        committed = self._committed([(each.topic, each.partition) for each in ours]) if ours else {}
        if ours and not committed and self._inputs is not None:
            self._check_lost(ours[0].topic, self._inputs)
        self.gaps = [gap for gap in self.gaps if (gap.topic, gap.partition) not in _named(ours)]
        for partition in partitions:
            # Every offset is set: a second answer could be another one, and none is left to the client to choose.
            if partition.topic in self._topics:
                partition.offset = self._start(partition, committed.get((partition.topic, partition.partition)))
            else:
                partition.offset = OFFSET_BEGINNING

    def drop(self, partitions: list[TopicPartition]) -> None:
        """The partitions were taken: whoever has them next finds the same gaps."""
        self.gaps = [gap for gap in self.gaps if (gap.topic, gap.partition) not in _named(partitions)]

    def _start(self, partition: TopicPartition, found: tuple[int, Note] | None) -> int:
        topic, number = partition.topic, partition.partition
        low, high = self._app._consumer.get_watermark_offsets(partition, timeout=ANSWER_SECONDS)
        offset, note = found or (0, Note())
        if (note.topic and note.topic != self._ids[topic]) or (offset > high and not note.topic):
            _log.warning("topic_made_anew", topic=topic, partition=number, committed=offset)
            offset, note = 0, Note()
        if offset > high:
            _log.warning("topic_lost_its_end", topic=topic, partition=number, committed=offset, end=high)
            offset = high
        if offset < low:
            if not _is_marker(self._topics[topic], offset, low, high, note):
                exact = not self._topics[topic].transactional
                self.gaps.append(Gap(topic, self._ids[topic], number, offset, low - 1, exact))
            offset = low
        self._places.put((topic, number), offset if found else -1, note.lost)
        return offset

    def _check_lost(self, topic: str, inputs: Inputs) -> None:
        """StopError if no partition has an offset, there is output, and the topic is the one that was read.

        Asked at the end once more: another replica may just have committed its first.
        """
        places = [(topic, number) for number in self._numbers(topic)]
        if self._committed(places) or not any(self._has_records(output) for output in self._outputs):
            return
        if inputs.is_new(self._topics[topic].name):
            _log.warning("topic_made_anew", topic=topic)
            return
        if not self._committed(places):
            raise StopError(
                f"Group {self._group} has no committed offsets, but {' and '.join(self._outputs)} hold what it wrote: "
                "beginning anew would write it twice. If the broker is just coming back, the next start finds them. "
                "If they are gone, set them by hand to where the stage shall go on."
            )

    def _numbers(self, topic: str) -> list[int]:
        # Not the application's own client: asked within a callback, it stumbles over the next one.
        admin = AdminClient(connection(self._cluster))
        return _partitions(admin.list_topics(topic, timeout=ANSWER_SECONDS), topic)

    def _committed(self, places: list[Place]) -> dict[Place, tuple[int, Note]]:
        answers = self._app._consumer.committed([TopicPartition(*place) for place in places], timeout=ANSWER_SECONDS)
        for answer in answers:
            if answer.error:
                raise KafkaException(answer.error)
        return {
            (answer.topic, answer.partition): (answer.offset, read_note(answer.metadata))
            for answer in answers
            if answer.offset >= 0
        }

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


def _is_marker(topic: Topic, offset: int, low: int, high: int, note: Note) -> bool:
    """Whether the one offset between `offset` and the log's start held no record.

    A record within a transaction is followed by the transaction's marker. So the last offset of an empty log is a
    marker's, unless it is known that everything was read up to here, markers too.
    """
    return topic.transactional and not note.end and low == high == offset + 1


def _named(partitions: list[TopicPartition]) -> set[Place]:
    return {(partition.topic, partition.partition) for partition in partitions}


def _partitions(metadata: ClusterMetadata, topic: str) -> list[int]:
    """Numbers of a topic's partitions. KafkaException when the broker does not know them, as while it comes back."""
    known = metadata.topics[topic]
    if known.error is not None:
        raise KafkaException(known.error)
    if not known.partitions:
        raise KafkaException(f"the broker names no partition of {topic}")
    return sorted(known.partitions)
