"""The broker's own two topics, made so that it reads them in a moment when it starts again.

A broker that was killed leads its partitions twice when it returns: at once, as its metadata last said, and again a
second later, when its old registration has expired. Each time it reads __consumer_offsets. Apache Kafka 4.3.1 takes the
end of the first reading for the end of the second when they overlap (CoordinatorRuntime.CoordinatorContext.load does
not look at the epoch): a group's offsets are then missing, or never settle, until the next restart. With the usual
settings these topics are compacted by 100 MB, tens of seconds of reading.
"""

from __future__ import annotations

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic, ResourceType

# One reading after the other; the loader has one thread.
OFFSETS_PARTITIONS = 1
TRANSACTIONS_PARTITIONS = 4

_SECONDS = 30.0
# About 25 commits a second under load: a few hundred records stay, each read in tens of µs.
_CONFIG = {
    "cleanup.policy": "compact",
    "segment.ms": "10000",
    "min.cleanable.dirty.ratio": "0.1",
    # The marker of each transaction stays so long, as a deletion does. Both are read by the broker only.
    "delete.retention.ms": "10000",
}
_TOPICS = {"__consumer_offsets": OFFSETS_PARTITIONS, "__transaction_state": TRANSACTIONS_PARTITIONS}


def prepare_coordinators(brokers: str) -> None:
    """Make the two topics, or set the existing ones. Raises KafkaException."""
    admin = AdminClient({"bootstrap.servers": brokers, "log_level": 0})
    wanted = [NewTopic(name, partitions, 1, config=_CONFIG) for name, partitions in _TOPICS.items()]
    made = admin.create_topics(wanted, request_timeout=_SECONDS)
    for name, future in made.items():
        try:
            future.result(_SECONDS)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
            _set(admin, name)


def _set(admin: AdminClient, name: str) -> None:
    entries = [ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET) for key, value in _CONFIG.items()]
    resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=entries)
    for future in admin.incremental_alter_configs([resource], request_timeout=_SECONDS).values():
        future.result(_SECONDS)
