"""A record or a wake-up that never ends, on the real runtime with its watchdog."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from processors.runtime.crashes import LIMIT, Kind, note
from processors.runtime.topic_ids import topic_ids
from service.environment import ClusterSettings
from tests.integration.servers import Kafka, free_port
from tests.integration.stage_process import StageProcess, make_cluster, producer, read

IN, OUT, LOSSES, DEAD = "replay.enriched.v1", "replay.redacted.v1", "replay.losses.v1", "replay.dead.v1"
HEADERS = [("rs-project", b"demo"), ("rs-events", b"2"), ("rs-seq", b"0")]
KEY = "demo:0192f3c4-5d6e-7f80-9a1b-000000000001"
OTHER = "demo:0192f3c4-5d6e-7f80-9a1b-000000000002"


@pytest.fixture
def cluster(kafka: Kafka, prefix: str, tmp_path: Path) -> ClusterSettings:
    """A deployment of the test's own."""
    return make_cluster(kafka.brokers, prefix, tmp_path / "state")


@pytest.fixture
def stage(cluster: ClusterSettings, tmp_path: Path) -> Iterator[StageProcess]:
    """The counting stage; a record may take a second."""
    process = StageProcess(
        cluster, free_port(), tmp_path / "stage.log", settings={"REELSTREAM_PRIVACY_RECORD_TIMEOUT": "1"}
    )
    yield process
    process.end(signal.SIGKILL)


def children(process: int) -> list[int]:
    """Processes whose parent it is."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(path.read_text().rpartition(")")[2].split()[1]) == process:
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def test_what_hangs_is_set_aside_the_third_time(cluster: ClusterSettings, stage: StageProcess) -> None:
    """A stage that sleeps, one that holds the interpreter and a wake-up: noted, killed, set aside; the next comes.

    So is a record at which the stage also raises when it is told that the record is set aside.
    """
    client, topic = producer(cluster), cluster.topic_prefix + IN
    for key, values in ((KEY, (b"a", b"spin", b"sleep", b"worse", b"a")), (OTHER, (b"late", b"a"))):
        for value in values:
            client.produce(topic, value, key=key, headers=HEADERS, partition=0)
    assert client.flush(10) == 0
    # Two hangs each are enough to prove by the first; the others have had them.
    origin = f"{topic_ids(cluster, [topic])[topic]}/{IN}"
    note(cluster, "privacy", f"{origin}/0/2", LIMIT - 1, Kind.HANG)
    note(cluster, "privacy", f"{origin}/0/3", LIMIT, Kind.CRASH)
    note(cluster, "privacy", f"wake/{OTHER}", LIMIT - 1, Kind.HANG)
    deadline = time.monotonic() + 120
    killed = 0
    while len(read(cluster, [LOSSES], 4, 1)) < 4:
        assert time.monotonic() < deadline, stage.log.read_text()[-3000:]
        killed += stage.revive()
    # The first start is none; `spin` needs three, the others one each.
    assert killed - 1 == LIMIT + 3
    assert [(dead.value(), dict(dead.headers())["rs-reason"]) for dead in read(cluster, [DEAD], 3, 5)] == [
        (b"spin", b"crashed"),
        (b"sleep", b"crashed"),
        (b"worse", b"crashed"),
    ]
    losses = [orjson.loads(message.value()) for message in read(cluster, [LOSSES], 4, 5)]
    assert sorted((loss["reason"], loss["kind"], loss["session"][-1]) for loss in losses) == [
        *[("crashed", "dead", "1")] * 3,
        ("crashed", "drop", "2"),
    ]
    kept = read(cluster, [OUT], 4, 10)
    # The stage was told: it set its counter to 1000.
    assert [message.value() for message in kept if message.key() == KEY.encode()] == [b"1", b"1001"]
    assert [message.value() for message in kept if message.key() == OTHER.encode()] == [b"1", b"2"]
    stage.wait_ready()
    assert 'reelstream_stage_noted_records{reason="hang",stage="privacy"} 3.0' in stage.metrics()
    assert stage.log.read_text().count("record_hung") == LIMIT + 2


def test_the_watchdog_lives_as_long_as_its_worker(cluster: ClusterSettings, stage: StageProcess) -> None:
    """One that ends is replaced; a worker that is stopped hangs on nothing; after `kill -9` both are gone."""
    client = producer(cluster)
    client.produce(cluster.topic_prefix + IN, b"a", key=KEY, headers=HEADERS)
    client.flush(10)
    stage.wait_ready()
    worker = stage.pid
    (watchdog,) = children(worker)
    os.kill(watchdog, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while not (now := [each for each in children(worker) if each != watchdog]):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.kill(now[0], signal.SIGTERM)
    assert stage.end(signal.SIGTERM) == 0
    stage.start()
    stage.wait_ready()
    (watchdog,) = children(stage.pid)
    stage.end(signal.SIGKILL)
    while Path(f"/proc/{watchdog}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert "record_hung" not in stage.log.read_text()
    assert "watchdog_ended" in stage.log.read_text()
