"""Between Quix Streams and its client: what a poll says beside records, and what is written with a commit."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, KafkaError, TopicPartition

from processors.runtime.application import StageApplication
from processors.runtime.places import Places
from processors.stop import StopError

ANSWER_SECONDS = 30.0
# Later than every offset of a changelog record.
_NEVER = 1 << 62


def follow_reading(
    app: StageApplication,
    inputs: Collection[str],
    places: Places,
    *,
    before: Callable[[], None] = lambda: None,
    after: Callable[[], None] = lambda: None,
) -> None:
    """Everything of this module, for the full names of an application's input topics.

    `before` and `after` are called around each commit of a transaction.
    """
    _watch_polls(app, inputs, places)
    _annotate_commits(app, places, before, after)
    _recover_all(app, inputs)


def _watch_polls(app: StageApplication, inputs: Collection[str], places: Places) -> None:
    """Commit that a partition's end was reached; end the process when the broker no longer has the next offset."""
    poll = app._consumer.poll

    def watched(timeout: float | None = None) -> Any:
        message = poll(timeout)
        error = None if message is None else message.error()
        if message is None or error is None:
            return message
        topic, partition, offset = message.topic(), message.partition() or 0, message.offset() or 0
        if error.code() == KafkaError._PARTITION_EOF:
            if topic in inputs and places.reach((topic, partition), offset):
                advance(app, topic, partition, offset - 1)
            return None
        if error.code() == KafkaError._AUTO_OFFSET_RESET and topic in inputs:
            raise StopError(
                f"Partition {partition} of {topic} no longer has offset {offset}, which is next: "
                "the next start goes on at what is there, and counts what was lost."
            )
        return message

    app._consumer.poll = watched  # type: ignore[method-assign]


def advance(app: StageApplication, topic: str, partition: int, offset: int) -> None:
    """Everything up to `offset` is dealt with: the open checkpoint commits it."""
    offsets = app._processing_context.checkpoint._tp_offsets
    offsets[topic, partition] = max(offset, offsets.get((topic, partition), -1))


def _annotate_commits(
    app: StageApplication, places: Places, before: Callable[[], None], after: Callable[[], None]
) -> None:
    """Write each committed offset's note beside it."""
    in_transaction = app._producer.commit_transaction
    commit = app._consumer.commit

    def annotated_transaction(positions: list[TopicPartition], *args: Any, **options: Any) -> None:
        before()
        in_transaction(places.annotate(positions), *args, **options)
        places.committed(positions)
        after()

    def annotated(*, offsets: list[TopicPartition], **options: Any) -> Any:
        answer = commit(offsets=places.annotate(offsets), **options)
        places.committed(offsets)
        return answer

    app._producer.commit_transaction = annotated_transaction  # type: ignore[method-assign]
    app._consumer.commit = annotated  # type: ignore[assignment, method-assign]


def _recover_all(app: StageApplication, inputs: Collection[str]) -> None:
    """Let Quix Streams restore state from whatever its changelog has.

    It would refuse where an input's committed offset is behind the log's start, and leave out what seems to be of later
    records. We choose where reading begins, and read only what was committed.
    """
    committed = app._consumer.committed
    seek = app._consumer.seek
    assign_partitions = app._assign_partitions

    def sought(partition: TopicPartition) -> None:
        if partition.topic not in inputs and partition.offset >= 0:
            low, _ = app._consumer.get_watermark_offsets(partition, timeout=ANSWER_SECONDS)
            if partition.offset < low:
                partition = TopicPartition(partition.topic, partition.partition, OFFSET_BEGINNING)
        seek(partition)

    def everything(partitions: list[TopicPartition], timeout: float | None = None) -> list[TopicPartition]:
        return [TopicPartition(each.topic, each.partition, _NEVER) for each in partitions]

    def assigned(partitions: list[TopicPartition]) -> None:
        app._consumer.committed = everything  # type: ignore[method-assign]
        try:
            assign_partitions(partitions)
        finally:
            app._consumer.committed = committed  # type: ignore[method-assign]

    app._consumer.seek = sought  # type: ignore[method-assign]
    app._assign_partitions = assigned  # type: ignore[assignment, method-assign]
