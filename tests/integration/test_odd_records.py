"""Whatever lies on a topic: each record ends in an outcome, no process ends, and what comes behind it comes out."""

from __future__ import annotations

import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaError, Message, Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from deploy.local.layout import REPOSITORY
from processors.runtime.topic_ids import topic_ids
from processors.topology import STAGES, StageSpec
from schemas import headers as h
from schemas.topics import DEAD, LOSSES
from service.environment import ClusterSettings
from tests.integration.migrated import ClickHouseServer, migrated_cluster, open_store
from tests.integration.odd_records import Odd, RawProducer, good_record, odd_records, session_key
from tests.integration.servers import Kafka, free_port
from tests.integration.stage_process import StageProcess, make_cluster

SEED = 8
_STAGE_OF_LOSS = re.compile(rb'\{"stage":"(\w+)"')
# Of these the Python client can give no header of the record, not even those that are fine.
NAMES = (b"\xff\xfe", b"rs-\xff", b"a\xc3")
NOW_MS = int(time.time() * 1000)


@pytest.fixture
def cluster(kafka: Kafka, clickhouse: ClickHouseServer, prefix: str, tmp_path: Path) -> ClusterSettings:
    """A deployment of the test's own, whose inputs take records of any time."""
    tables = migrated_cluster(clickhouse)
    cluster = make_cluster(kafka.brokers, prefix, tmp_path / "state").model_copy(
        update={"clickhouse_url": tables.clickhouse_url, "clickhouse_database": tables.clickhouse_database}
    )
    any_time = ConfigEntry(
        "message.timestamp.after.max.ms", str(2**63 - 1), incremental_operation=AlterConfigOpType.SET
    )
    inputs = {topic.name for stage in STAGES for topic in stage.reads}
    resources = [ConfigResource(ResourceType.TOPIC, prefix + name, incremental_configs=[any_time]) for name in inputs]
    admin = AdminClient({"bootstrap.servers": kafka.brokers})
    for future in admin.incremental_alter_configs(resources).values():
        future.result(10)
    return cluster


@pytest.fixture
def stages(cluster: ClusterSettings, tmp_path: Path) -> Iterator[dict[str, StageProcess]]:
    """Every stage and the sink, as real processes."""
    processes = {
        stage.name: StageProcess(
            cluster,
            free_port(),
            tmp_path / f"{stage.name}.log",
            role=stage.name,
            command=["-m", f"processors.{stage.name}"],
            settings={
                "REELSTREAM_PROJECTS": str(REPOSITORY / "deploy/local/projects.yaml"),
                "REELSTREAM_CLICKHOUSE_URL": cluster.clickhouse_url,
                "REELSTREAM_CLICKHOUSE_DATABASE": cluster.clickhouse_database,
            },
        )
        for stage in STAGES
    }
    try:
        for process in processes.values():
            process.start()
        for process in processes.values():
            process.wait_ready()
        yield processes
    finally:
        for process in processes.values():
            process.end(signal.SIGKILL)


def send(cluster: ClusterSettings, topic: str, records: list[Odd], *, spread: bool = False) -> list[Odd]:
    """Write them; the same with the places they got. `spread` puts them on the partitions in turn."""
    client = Producer(
        {
            "bootstrap.servers": cluster.brokers,
            "message.max.bytes": 64 << 20,
            "compression.type": "zstd",
            "linger.ms": 5,
        }
    )
    placed: list[Odd] = []

    def on_delivery(record: Odd, error: KafkaError | None, message: Message) -> None:
        assert error is None, (record.case, error)
        placed.append(replace(record, where=(message.partition(), message.offset())))

    for number, record in enumerate(records):
        client.produce(
            cluster.topic_prefix + topic,
            value=record.value,
            key=record.key,
            headers=record.headers,
            partition=number % 4 if spread or record.key is None else -1,
            timestamp=record.received,
            on_delivery=lambda error, message, record=record: on_delivery(record, error, message),
        )
        client.poll(0)
    assert client.flush(30) == 0
    return placed


def test_whatever_lies_on_a_topic_ends_in_an_outcome(cluster: ClusterSettings, stages: dict[str, StageProcess]) -> None:
    """Every odd record on every input: a dead letter, a loss or an output; nothing crashes, and good ones pass."""
    epochs = topic_ids(cluster, [cluster.topic_prefix + topic.name for stage in STAGES for topic in stage.reads])
    raw_client = RawProducer(cluster.brokers)
    sent: list[tuple[StageSpec, str, Odd]] = []
    fine: list[tuple[StageSpec, str, Odd]] = []
    first = 1
    for stage in STAGES:
        for topic in stage.reads:
            base = good_record(topic.name, NOW_MS)
            odd = list(odd_records(topic.name, base, first, SEED))
            first += len(odd)
            placed = send(cluster, topic.name, odd)
            sent += [(stage, topic.name, record) for record in placed]
            for odd_name in NAMES:
                where = cluster.topic_prefix + topic.name
                raw_client.produce(where, session_key(first), b"odd " + odd_name, [odd_name])
            behind = [replace(base, key=session_key(first + number)) for number in range(1, 5)]
            fine += [(stage, topic.name, record) for record in send(cluster, topic.name, behind, spread=True)]
            first += 10
    raw_client.close()
    seen = Outcomes(cluster)
    deadline = time.monotonic() + 150
    while True:
        seen.read_on()
        missing = Counter((topic, record.case) for stage, topic, record in sent if not seen.has(stage, topic, record))
        late = [(topic, record.where) for stage, topic, record in fine if not seen.passed(stage, topic, record)]
        if time.monotonic() > deadline or not (missing or late or seen.odd_names != dict.fromkeys(NAMES, 7)):
            break
    seen.close()
    for name, process in stages.items():
        assert not process.revive(), (name, process.log.read_text()[-3000:])
        assert "record_crashed" not in process.log.read_text()
        assert process.end(signal.SIGTERM) == 0
    print(f"{len(sent)} records")
    assert not missing
    assert not late
    assert seen.odd_names == dict.fromkeys(NAMES, 7)
    # A loss that the sink cannot store would be lost itself.
    origin = f"{epochs[cluster.topic_prefix + LOSSES.name]}/{LOSSES.name}"
    ours = {f"{origin}/{each.where[0]}/{each.where[1]}" for _, topic, each in sent if topic == LOSSES.name}
    assert seen.unstored_losses <= ours


class Outcomes:
    """What became of records: by their coordinates where they were set aside or stored, else by their keys."""

    def __init__(self, cluster: ClusterSettings) -> None:
        self._store = open_store(cluster)
        self._prefix = cluster.topic_prefix
        self._consumer = Consumer(
            {
                "bootstrap.servers": cluster.brokers,
                "group.id": f"test-{time.monotonic_ns()}",
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
            }
        )
        outputs = {topic.name for stage in STAGES for topic in stage.writes.values()}
        self._consumer.subscribe([self._prefix + name for name in (DEAD.name, LOSSES.name, *outputs)])
        self.odd_names: Counter[bytes] = Counter()
        self.unstored_losses: set[str] = set()
        self._places: set[str] = set()
        self._stored: set[str] = set()
        self._kept: set[tuple[str, str]] = set()
        self._lost: set[tuple[str, str]] = set()

    def read_on(self) -> None:
        """Look again, until nothing comes for a second."""
        while (message := self._consumer.poll(1)) is not None:
            if not message.error():
                self._take(message)
        for table in ("blocks", "sessions", "losses"):
            rows = self._store.rows(f"SELECT topic, partition, offset FROM {table}")
            self._stored |= {f"{row['topic']}/{row['partition']}/{row['offset']}" for row in rows}

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()

    def has(self, stage: StageSpec, topic: str, record: Odd) -> bool:
        """Whether a record that lay there has an outcome; one that must be set aside is."""
        place = f"{topic}/{record.where[0]}/{record.where[1]}"
        name = stage.name, (record.key or b"").decode("ascii", "replace")
        written = not record.dead and (name in self._kept or name in self._lost)
        return place in self._places or place in self._stored or written

    def passed(self, stage: StageSpec, topic: str, record: Odd) -> bool:
        """Whether a good record came out of the stage that reads it."""
        place = f"{topic}/{record.where[0]}/{record.where[1]}"
        return (stage.name, (record.key or b"").decode()) in self._kept or place in self._stored

    def _take(self, message: Message) -> None:
        topic = (message.topic() or "").removeprefix(self._prefix)
        key = (message.key() or b"").decode("ascii", "replace")
        value = message.value() or b""
        if topic == DEAD.name:
            coordinates = dict(message.headers() or [])[h.COORDINATES].decode()
            self._places.add(coordinates.partition("/")[2])
            if value.startswith(b"odd "):
                self.odd_names[value[4:]] += 1
            elif f"/{LOSSES.name}/" in coordinates:
                self.unstored_losses.add(coordinates)
        elif topic != LOSSES.name:
            self._kept |= {(stage.name, key) for stage in STAGES if topic in {o.name for o in stage.writes.values()}}
        elif (named := _STAGE_OF_LOSS.match(value)) is not None:
            # Those that are odd themselves need not be JSON.
            self._lost.add((named[1].decode(), key))
