"""The runtime on a real broker, with a small stage in the place of privacy."""

from __future__ import annotations

import random
import signal
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from processors.runtime.topics import reconcile, wanted_topics
from service.environment import ClusterSettings
from tests.integration.servers import Kafka, free_offset
from tests.integration.stage_process import StageProcess, make_cluster, producer, read

IN, OUT, LOSSES, DEAD = "replay.enriched.v1", "replay.redacted.v1", "replay.losses.v1", "replay.dead.v1"
HEADERS = [("rs-project", b"demo"), ("rs-events", b"2"), ("rs-seq", b"0")]


def session(number: int) -> str:
    """A session key."""
    return f"demo:0192f3c4-5d6e-7f80-9a1b-{number:012x}"


@pytest.fixture
def cluster(kafka: Kafka, prefix: str, tmp_path: Path) -> ClusterSettings:
    """A deployment of the test's own."""
    return make_cluster(kafka.brokers, prefix, tmp_path / "state")


@pytest.fixture
def stage(cluster: ClusterSettings, tmp_path: Path) -> Iterator[StageProcess]:
    """The counting stage, ready."""
    process = StageProcess(cluster, 9102 + free_offset(), tmp_path / "stage.log")
    process.start()
    process.wait_ready()
    yield process
    process.end(signal.SIGKILL)


def send(cluster: ClusterSettings, key: str, *values: bytes) -> None:
    """Put records of one session on the stage's input."""
    client = producer(cluster)
    for value in values:
        client.produce(cluster.topic_prefix + IN, value, key=key, headers=HEADERS)
    assert client.flush(10) == 0


def test_topics_are_created_once_and_never_shrunk(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """The second run changes nothing; another partition count is reported as something for a person."""
    cluster = make_cluster(kafka.brokers, prefix, tmp_path)
    assert reconcile(cluster) == []
    fewer = cluster.model_copy(update={"partitions": 2})
    differences = reconcile(fewer)
    assert len(differences) == sum(1 for topic in wanted_topics("") if topic.partitions is None)
    assert all(difference.blocking and "has 4 partitions, 2 wanted" in difference.text for difference in differences)
    assert reconcile(cluster) == []


def test_outcomes_state_and_wake_ups(cluster: ClusterSettings, stage: StageProcess) -> None:
    """Kept records go on, dropped ones leave a loss, held ones come on the wall clock, oversize ones are set aside."""
    send(cluster, session(1), b"a", b"hold", b"drop", b"big", b"a", b"hold")
    kept = read(cluster, [OUT], 4, 20)
    assert [message.value() for message in kept] == [b"1", b"5", b"2", b"6"]
    assert dict(kept[0].headers())["rs-project"] == b"demo"
    losses = [orjson.loads(message.value()) for message in read(cluster, [LOSSES], 2, 10)]
    assert {(loss["reason"], loss["kind"], loss["events"]) for loss in losses} == {
        ("blocked", "drop", 2),
        ("too_large", "dead", 0),
    }
    (dead,) = read(cluster, [DEAD], 1, 10)
    assert dead.value() == b"big"
    assert 'outcome="keep"' in stage.metrics()


def test_a_record_that_crashes_workers_is_set_aside_and_nothing_waits(
    cluster: ClusterSettings, stage: StageProcess
) -> None:
    """After three crashes the record is a dead letter, its neighbours are counted once, and no log has its text."""
    send(cluster, session(2), b"a", b"crash", b"a")
    deadline = time.monotonic() + 90
    crashes = 0
    while len(read(cluster, [OUT], 2, 1)) < 2:
        assert time.monotonic() < deadline
        crashes += stage.revive()
    assert crashes == 3
    (dead,) = read(cluster, [DEAD], 1, 5)
    assert dead.value() == b"crash"
    assert dict(dead.headers())["rs-reason"] == b"crashed"
    # The stage was told: it set its counter to 1000 when the record was set aside.
    assert [message.value() for message in read(cluster, [OUT], 2, 5)] == [b"1", b"1001"]
    assert "SECRET" not in stage.log.read_text()


def test_kill_9_at_any_moment_loses_and_doubles_nothing(cluster: ClusterSettings, stage: StageProcess) -> None:
    """Under steady input with held records, every number of every session comes out exactly once."""
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    dice = random.Random(seed)
    client = producer(cluster)
    sent: dict[int, int] = defaultdict(int)
    for kill in range(4):
        until = time.monotonic() + dice.uniform(0.5, 1.5)
        while time.monotonic() < until:
            number = dice.randrange(8)
            value = b"hold" if dice.random() < 0.2 else b"a"
            client.produce(cluster.topic_prefix + IN, value, key=session(number), headers=HEADERS)
            sent[number] += 1
            client.poll(0)
            time.sleep(0.002)
        client.flush(10)
        if kill < 3:
            stage.end(signal.SIGKILL)
        stage.wait_ready()
    total = sum(sent.values())
    found = read(cluster, [OUT], total, 60)
    # Records that come twice would come behind the last one that was owed.
    found += read(cluster, [OUT], total + 1, 3)[total:]
    numbers: dict[str, list[int]] = defaultdict(list)
    for message in found:
        numbers[message.key().decode()].append(int(message.value()))
    assert {key: sorted(values) for key, values in numbers.items()} == {
        session(number): list(range(1, count + 1)) for number, count in sent.items()
    }


def test_sigterm_commits_and_ends_quickly(cluster: ClusterSettings, stage: StageProcess) -> None:
    """A worker that is told to stop commits what it did and exits 0."""
    send(cluster, session(3), b"a")
    assert len(read(cluster, [OUT], 1, 10)) == 1
    assert stage.end(signal.SIGTERM) == 0
