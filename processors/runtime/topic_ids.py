"""Topic ids: a recreated topic has another one, so coordinates that carry it never mean two records."""

from __future__ import annotations

from confluent_kafka import TopicCollection
from confluent_kafka.admin import AdminClient

from service.environment import ClusterSettings
from service.kafka import connection

TIMEOUT_SECONDS = 30.0


def topic_ids(cluster: ClusterSettings, names: list[str]) -> dict[str, str]:
    """Id (22 characters of URL-safe base64) by full topic name. KafkaException if one does not exist."""
    admin = AdminClient(connection(cluster))
    futures = admin.describe_topics(TopicCollection(names), request_timeout=TIMEOUT_SECONDS)
    return {name: _url_safe(str(future.result(TIMEOUT_SECONDS).topic_id)) for name, future in futures.items()}


def _url_safe(topic_id: str) -> str:
    """librdkafka spells ids in plain base64, whose "/" would end the id within coordinates."""
    return topic_id.replace("+", "-").replace("/", "_")
