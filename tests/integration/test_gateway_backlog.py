"""A flood that no stage keeps up with is refused before the broker deletes what is unread by size."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from pathlib import Path

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from schemas.topics import RAW, consumer_group
from tests.integration.gateway_process import (
    PARTITIONS,
    GatewayProcess,
    create_raw_topic,
    id_of,
    new_id,
    read_raw_topic,
    target,
)
from tests.integration.servers import Kafka

MIB = 1 << 20
KEPT = 6 * MIB


def test_payloads_are_refused_before_unread_ones_are_deleted(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """Every payload that was acknowledged is there when the flood ends; once a stage has read, more are taken."""
    create_raw_topic(kafka.brokers, prefix, retention_bytes=str(KEPT), segment_bytes=str(MIB))
    body = os.urandom(128 << 10)
    acknowledged = set()
    with GatewayProcess(kafka.brokers, prefix, tmp_path) as gateway:
        connection = gateway.connect()
        # The gateway asks every two seconds; before it has asked once, it knows of no bound.
        deadline = time.monotonic() + 30
        while "reelstream_gateway_backlog_share" not in gateway.probe("/metrics")[1]:
            assert time.monotonic() < deadline, gateway.log()[-2000:]
            time.sleep(0.1)
        for _ in range(4 * KEPT * PARTITIONS // len(body)):
            session = new_id()
            connection.request("POST", target(session, session), body)
            answer = connection.getresponse()
            said = json.loads(answer.read())
            if answer.status != 202:
                break
            acknowledged.add(said["id"])
        assert (answer.status, said["error"]) == (503, "overloaded")
        assert int(answer.getheader("Retry-After") or 0) > 0
        assert gateway.probe("/readyz")[0] == 503
        records = read_raw_topic(kafka.brokers, prefix)
        assert {id_of(record) for record in records} == acknowledged
        unread = Counter(record.partition() for record in records)
        # The broker deletes nothing before a partition holds more than this beside its newest segment.
        assert KEPT // 2 - MIB < max(unread.values()) * len(body) < KEPT

        _read_all(kafka.brokers, prefix)
        gateway.until_ready(200)
        connection.request("POST", target(session, session), body)
        assert connection.getresponse().status == 202


def _read_all(brokers: str, prefix: str) -> None:
    """Commit for enrich that it has read everything."""
    admin = AdminClient({"bootstrap.servers": brokers})
    places = [TopicPartition(f"{prefix}{RAW.name}", number) for number in range(PARTITIONS)]
    ends = admin.list_offsets({place: OffsetSpec.latest() for place in places})
    read = [TopicPartition(place.topic, place.partition, future.result(20).offset) for place, future in ends.items()]
    group = consumer_group("enrich", prefix)
    admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, read)])[group].result(20)
