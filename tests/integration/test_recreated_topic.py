"""A topic that is deleted and made anew under a running process: nothing of the new one is skipped or taken twice."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local.layout import REPOSITORY
from processors.record import Record
from processors.runtime.topic_ids import topic_ids
from processors.runtime.topics import reconcile
from schemas.topics import BLOCKS
from service.environment import ClusterSettings
from sql.store import Store
from tests.integration.migrated import ClickHouseServer, migrated_cluster, open_store
from tests.integration.servers import Kafka, free_offset
from tests.integration.stage_process import StageProcess, make_cluster, producer, read
from tests.unit.processors.sink.sink_records import block

IN, OUT = "replay.enriched.v1", "replay.redacted.v1"
HEADERS = [("rs-project", b"demo"), ("rs-events", b"2"), ("rs-seq", b"0")]
SINK = (str(REPOSITORY / "reelstream.py"), "sink")


def make_anew(cluster: ClusterSettings, name: str) -> None:
    """Delete a topic and create it as it was."""
    full = cluster.topic_prefix + name
    before = topic_ids(cluster, [full])[full]
    admin = AdminClient({"bootstrap.servers": cluster.brokers})
    admin.delete_topics([full])[full].result(20)
    deadline = time.monotonic() + 30
    while True:
        try:
            reconcile(cluster)
            if topic_ids(cluster, [full])[full] != before:
                return
        except KafkaException:
            assert time.monotonic() < deadline
        time.sleep(0.2)


def _send(cluster: ClusterSettings, session: int, count: int) -> None:
    client = producer(cluster)
    key = f"demo:0192f3c4-5d6e-7f80-9a1b-{session:012x}"
    for _ in range(count):
        client.produce(cluster.topic_prefix + IN, b"a", key=key, headers=HEADERS, partition=0)
    assert client.flush(20) == 0


def _put(cluster: ClusterSettings, records: Iterable[Record]) -> None:
    client = producer(cluster)
    for record in records:
        headers = [(name, text.encode()) for name, text in record.headers.items()]
        client.produce(
            cluster.topic_prefix + BLOCKS.name,
            record.value,
            key=record.key,
            headers=headers,
            # Old records would be deleted any moment.
            timestamp=int(time.time() * 1000),
            partition=0,
        )
    assert client.flush(20) == 0


def _sessions(store: Store, enough: int, process: StageProcess) -> list[str]:
    """Sessions of all stored blocks, one for each row."""
    deadline = time.monotonic() + 60
    while True:
        found = [row["session_id"] for row in store.rows("SELECT session_id FROM blocks FINAL ORDER BY session_id")]
        if len(found) >= enough:
            return found
        assert time.monotonic() < deadline, process.log.read_text()[-2000:]
        process.revive()
        time.sleep(0.2)


def test_a_stage_reads_a_new_input_from_its_beginning(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """Also where the new topic is longer than the old one was, so that every old offset is in it; state stays."""
    cluster = make_cluster(kafka.brokers, prefix, tmp_path / "state")
    stage = StageProcess(cluster, 9102 + free_offset(), tmp_path / "stage.log")
    stage.start()
    try:
        stage.wait_ready()
        _send(cluster, 1, 5)
        assert len(read(cluster, [OUT], 5, 30)) == 5
        make_anew(cluster, IN)
        _send(cluster, 1, 12)
        assert stage.wait_end(40) == 1
        stage.wait_ready()
        _send(cluster, 2, 1)
        found = read(cluster, [OUT], 18, 30)
        numbers = [int(message.value() or b"") for message in found if (message.key() or b"").endswith(b"1")]
        assert numbers == list(range(1, 18))
        # The note of the new input lets the next start go on where this one stops.
        assert stage.end(signal.SIGTERM) == 0
        stage.start()
        stage.wait_ready()
        _send(cluster, 2, 1)
        assert len(read(cluster, [OUT], 20, 4)) == 19
    finally:
        stage.end(signal.SIGKILL)


@pytest.mark.parametrize("running", [True, False])
def test_the_sink_stores_what_a_new_topic_holds(
    kafka: Kafka, clickhouse: ClickHouseServer, prefix: str, tmp_path: Path, running: bool
) -> None:
    """Every session with a block on the new topic is stored, once, after at most a restart."""
    cluster = migrated_cluster(
        clickhouse,
        brokers=kafka.brokers,
        topic_prefix=prefix,
        partitions=4,
        replication=1,
        state_dir=tmp_path / "state",
    )
    reconcile(cluster)
    store = open_store(cluster)
    sink = StageProcess(cluster, 9105 + free_offset(), tmp_path / "sink.log", "PT6S", role="sink", command=SINK)
    sink.start()
    try:
        sink.wait_ready()
        _put(cluster, [block(number, session=number) for number in range(16)])
        assert len(_sessions(store, 16, sink)) == 16
        if not running:
            assert sink.end(signal.SIGTERM) == 0
        make_anew(cluster, BLOCKS.name)
        _put(cluster, [block(number, session=100 + number) for number in range(24)])
        assert len(_sessions(store, 40, sink)) == 40
        _put(cluster, [block(24, session=200)])
        found = _sessions(store, 41, sink)
        assert len(found) == len(set(found)) == 41
    finally:
        sink.end(signal.SIGKILL)
