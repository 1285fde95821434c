"""`reelstream topics`: creates and reconciles every topic of the pipeline, changelog topics with them.

Idempotent. Never shrinks anything: a limit or retention that is already larger stays, and a partition count that
differs is reported, since changing it would move sessions to other partitions (that is a new topic version).
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)
from pydantic import ByteSize, Field
from pydantic_settings import BaseSettings

from processors.topology import STAGES
from schemas.topics import TOPICS, Topic, changelog
from service.environment import ClusterSettings, SettingsError, load, role_config
from service.kafka import connection

WAIT_SECONDS = 60.0
# Larger is never made smaller: these grow only.
GROWING = ("max.message.bytes", "retention.ms", "retention.bytes")


class TopicsSettings(BaseSettings):
    """What the topics may take."""

    model_config = role_config("topics")

    disk_budget: ByteSize = Field(
        ByteSize(256 * 1024**3),
        ge=0,
        description="Bytes that all topics together may take on all brokers, replicas counted; 0 is without a bound.",
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of the report; `blocking` needs a person."""

    topic: str
    text: str
    blocking: bool = False


Bounds = Mapping[str, Mapping[str, str]]


def wanted_topics(prefix: str) -> list[Topic]:
    """Every topic of a deployment, changelogs included, with their full names."""
    plain = [replace(topic, name=prefix + topic.name) for topic in TOPICS]
    return plain + [changelog(stage.name, stage.reads[0], prefix) for stage in STAGES if stage.stateful]


def main() -> None:
    """Reconcile, print one line per difference. Exit code 0: as wanted; 1: needs a person or no broker; 2: settings."""
    try:
        cluster, settings = load("topics", TopicsSettings, os.environ)
        differences = reconcile(cluster, int(settings.disk_budget))
    except SettingsError as error:
        sys.exit(_say(f"reelstream topics: {error}", 2))
    except KafkaException as error:
        sys.exit(_say(f"reelstream topics: {error.args[0]}", 1))
    for difference in differences:
        _say(f"{difference.topic}: {difference.text}", 0)
    _say(f"{len(wanted_topics(''))} topics, {len(differences)} differences", 0)
    sys.exit(1 if any(difference.blocking for difference in differences) else 0)


def reconcile(cluster: ClusterSettings, budget: int = 0) -> list[Difference]:
    """Make the cluster as wanted where that shrinks nothing; returns what differed. `budget` as in the settings."""
    admin = AdminClient(connection(cluster))
    existing = _wait_for_broker(admin)
    wanted = wanted_topics(cluster.topic_prefix)
    bounds = {
        topic.name: topic.bounds(budget, topic.partitions or cluster.partitions, cluster.replication) if budget else {}
        for topic in wanted
    }
    missing = [topic for topic in wanted if topic.name not in existing]
    differences = [Difference(topic.name, "created") for topic in missing]
    _create(admin, missing, bounds, cluster)
    for topic in wanted:
        count = existing.get(topic.name)
        if count is not None and count != (expected := topic.partitions or cluster.partitions):
            text = f"has {count} partitions, {expected} wanted; the count of a topic version is fixed"
            differences.append(Difference(topic.name, text, blocking=True))
    return differences + _configure(admin, [topic for topic in wanted if topic.name in existing], bounds)


def _wait_for_broker(admin: AdminClient) -> dict[str, int]:
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            metadata = admin.list_topics(timeout=5)
            return {name: len(topic.partitions) for name, topic in metadata.topics.items()}
        except KafkaException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def _create(admin: AdminClient, topics: list[Topic], bounds: Bounds, cluster: ClusterSettings) -> None:
    if not topics:
        return
    in_sync = {"min.insync.replicas": str(max(cluster.replication - 1, 1))}
    futures = admin.create_topics(
        [
            NewTopic(
                topic.name,
                num_partitions=topic.partitions or cluster.partitions,
                replication_factor=cluster.replication,
                config={**topic.config, **bounds[topic.name], **in_sync},
            )
            for topic in topics
        ]
    )
    for future in futures.values():
        future.result(WAIT_SECONDS)
    # A consumer group whose metadata is older than a changelog topic fails once; so wait until all are seen.
    deadline = time.monotonic() + WAIT_SECONDS
    names = {topic.name for topic in topics}
    while not names <= _wait_for_broker(admin).keys():
        if time.monotonic() > deadline:
            raise KafkaException("created topics do not show in the metadata")
        time.sleep(0.2)


def _configure(admin: AdminClient, topics: list[Topic], bounds: Bounds) -> list[Difference]:
    if not topics:
        return []
    resources = [ConfigResource(ResourceType.TOPIC, topic.name) for topic in topics]
    found: dict[ConfigResource, Future[dict[str, ConfigEntry]]] = admin.describe_configs(resources)
    differences: list[Difference] = []
    changes: list[ConfigResource] = []
    for topic, resource in zip(topics, resources, strict=True):
        # What the topic does not set itself is the broker's default, which nobody chose for this topic.
        actual = {
            name: None if name in bounds[topic.name] and entry.is_default else entry.value
            for name, entry in found[resource].result(WAIT_SECONDS).items()
        }
        entries = []
        for name, value in {**topic.config, **bounds[topic.name]}.items():
            if actual.get(name) == value:
                continue
            if name in GROWING and _at_least(actual.get(name), value):
                differences.append(Difference(topic.name, f"{name} is {actual[name]}, larger than {value}: left"))
                continue
            differences.append(Difference(topic.name, f"{name} was {actual.get(name) or 'not set'}, now {value}"))
            entries.append(ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET))
        if entries:
            changes.append(ConfigResource(ResourceType.TOPIC, topic.name, incremental_configs=entries))
    if changes:
        for future in admin.incremental_alter_configs(changes).values():
            future.result(WAIT_SECONDS)
    return differences


def _at_least(actual: str | None, wanted: str) -> bool:
    if actual is None:
        return False
    # -1 is Kafka's "without limit".
    return actual == "-1" or int(actual) >= int(wanted)


def _say(text: str, code: int) -> int:
    print(text, file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    main()
