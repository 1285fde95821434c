"""How far each consumer group is on each partition: tells a stage that hangs from a broker or a writer that does."""

from __future__ import annotations

from confluent_kafka import ConsumerGroupTopicPartitions, IsolationLevel, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from processors.topology import STAGES
from schemas.topics import consumer_group

_SECONDS = 10.0


def standing(brokers: str) -> str:
    """A line for each partition that a stage reads: what it committed, what it could read, what is written."""
    admin = AdminClient({"bootstrap.servers": brokers})
    lines = ["stage topic partition: committed / readable / written"]
    for spec in STAGES:
        for topic in spec.reads:
            numbers = admin.list_topics(topic.name, timeout=_SECONDS).topics[topic.name].partitions
            places = [TopicPartition(topic.name, number) for number in sorted(numbers)]
            group = consumer_group(spec.name, "")
            (answer,) = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group, places)]).values()
            committed = {place.partition: place.offset for place in answer.result(_SECONDS).topic_partitions}
            readable = _ends(admin, places, IsolationLevel.READ_COMMITTED)
            written = _ends(admin, places, IsolationLevel.READ_UNCOMMITTED)
            lines += [
                f"{spec.name} {topic.name} {place.partition}: {committed.get(place.partition)} / "
                f"{readable[place.partition]} / {written[place.partition]}"
                for place in places
            ]
    return "\n".join(lines)


def _ends(admin: AdminClient, places: list[TopicPartition], isolation: IsolationLevel) -> dict[int, int]:
    wanted = {place: OffsetSpec.latest() for place in places}
    futures = admin.list_offsets(wanted, isolation_level=isolation, request_timeout=_SECONDS)
    return {place.partition: future.result().offset for place, future in futures.items()}
