"""The broker's own two topics, made so that it reads them in a moment when it starts again.

A broker that was killed leads its partitions twice when it returns: at once, as its metadata last said, and again a
second later, when its old registration has expired. Each time it reads __consumer_offsets. Apache Kafka 4.3.1 takes the
end of the first reading for the end of the second when they overlap (CoordinatorRuntime.CoordinatorContext.load does
not look at the epoch): a group's offsets are then missing, or never settle, until the next restart. With the usual
settings 100 MB are written before anything is compacted, and each commit makes the reading longer.
"""

from __future__ import annotations

from concurrent.futures import Future

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic, ResourceType

from deploy.local.trouble import Trouble

# One reading after the other; the loader has one thread.
OFFSETS_PARTITIONS = 1
TRANSACTIONS_PARTITIONS = 4

# 240 to 640 records stayed under load, read in 20 to 190 ms.
_CONFIG = {
    "cleanup.policy": "compact",
    "segment.ms": "10000",
    "min.cleanable.dirty.ratio": "0.1",
    # The marker of each transaction stays so long, as a deletion does. Both are read by the broker only.
    "delete.retention.ms": "10000",
}
_TOPICS = {"__consumer_offsets": OFFSETS_PARTITIONS, "__transaction_state": TRANSACTIONS_PARTITIONS}


def prepare_coordinators(brokers: str, seconds: float = 30.0) -> None:
    """Make the two topics, or set the existing ones; `seconds` for each answer. Raises Trouble."""
    admin = AdminClient({"bootstrap.servers": brokers, "log_level": 0})
    wanted = [NewTopic(name, partitions, 1, config=_CONFIG) for name, partitions in _TOPICS.items()]
    try:
        for name, future in admin.create_topics(wanted, request_timeout=seconds).items():
            _settle(admin, name, future, seconds)
    except KafkaException as error:
        raise Trouble(f"The broker does not take the settings of its own topics: {error.args[0].str()}.") from None


def _settle(admin: AdminClient, name: str, made: Future[None], seconds: float) -> None:
    try:
        made.result()
        return
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise
    entries = [ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET) for key, value in _CONFIG.items()]
    resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=entries)
    for changed in admin.incremental_alter_configs([resource], request_timeout=seconds).values():
        changed.result()
