"""Who is recorded, decided by the real privacy process on a real broker: tombstones by the command, sampling rules."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from deploy.local.layout import REPOSITORY
from processors.runtime.control import ControlFollower
from processors.stop import StopError
from schemas import headers as h
from schemas.control import DELIVERY_MS, IN_FORCE_MS, Kind, Tombstone, UserKeys
from schemas.topics import CONTROL, ENRICHED, LOSSES, RAW, REDACTED
from service.environment import ClusterSettings
from tests.integration.servers import Kafka, free_offset
from tests.integration.stage_process import StageProcess, make_cluster, producer
from tests.unit.processors.privacy.pages import BODY, incremental, meta, snapshot
from tests.unit.processors.privacy.payloads import payload

KEY = "a secret of the tests"
PROJECTS = """\
projects:
  demo:
    write_keys: [demo]
  held:
    write_keys: [held]
    sampling: {minimum_seconds: 10}
  capped:
    write_keys: [capped]
    sampling: {sessions_per_day: 4}
"""


class PrivacyProcess(StageProcess):
    """`reelstream privacy`, and the command beside it in the same environment."""

    def __init__(self, cluster: ClusterSettings, directory: Path, key: str = "") -> None:
        super().__init__(cluster, 9102 + free_offset(), directory / "privacy.log")
        projects = directory / "projects.yaml"
        projects.write_text(PROJECTS)
        self._environment["REELSTREAM_PROJECTS"] = str(projects)
        if key:
            self._environment["REELSTREAM_CONTROL_KEY"] = key

    def start(self) -> None:
        """Start it, ready or not."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(REPOSITORY / "reelstream.py"), "privacy"],
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    def control(self, *words: str) -> list[str]:
        """Lines that `reelstream control` prints."""
        done = subprocess.run(
            [sys.executable, str(REPOSITORY / "reelstream.py"), "control", *words],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def kill(self) -> None:
        """`kill -9`, then what a supervisor does."""
        self.end(signal.SIGKILL)
        self.wait_ready()


@pytest.fixture
def cluster(kafka: Kafka, prefix: str, tmp_path: Path) -> ClusterSettings:
    """A deployment of the test's own."""
    return make_cluster(kafka.brokers, prefix, tmp_path / "state")


@pytest.fixture
def privacy(cluster: ClusterSettings, tmp_path: Path) -> Iterator[PrivacyProcess]:
    """The stage, ready."""
    process = PrivacyProcess(cluster, tmp_path)
    process.wait_ready()
    yield process
    process.end(signal.SIGKILL)


# What the runtime asks of an enriched record, and the stage does not look at here.
_AS_ENRICH = {
    h.HASH: "0" * 64,
    h.CONTEXT: '{"country":"","region":"","city":"","browser":"","os":"","device":"","bot":false}',
}


class Visitor:
    """One session; each payload holds a whole page, so that it passes or not by itself."""

    def __init__(self, cluster: ClusterSettings, project: str = "demo", session: str = "") -> None:
        self.session = session or str(uuid.uuid4())
        self._project = project
        self._cluster = cluster
        self._client = producer(cluster)
        self._started = int(time.time() * 1000)
        self._seq = 0

    def send(self, received: int | None = None, at: int = 1, **headers: str) -> int:
        """Put a payload accepted at `received` (now), its first event at `at`, on the input; its number."""
        seq, self._seq = self._seq, self._seq + 1
        events = [meta(at=at), snapshot(at=at), incremental(3, at, id=BODY, x=0, y=0)]
        record = payload(events, seq, started=str(self._started), first=str(at), last=str(at), **headers)
        own = {h.PROJECT: self._project}
        self._client.produce(
            self._cluster.topic_prefix + ENRICHED.name,
            record.value,
            key=f"{self._project}:{self.session}",
            headers=[(name, text.encode()) for name, text in {**record.headers, **_AS_ENRICH, **own}.items()],
            timestamp=received or int(time.time() * 1000),
        )
        assert self._client.flush(10) == 0
        return seq

    def became(self, enough: int) -> dict[int, str]:
        """ "kept" or the reason, by number of the payload, once so many are accounted for."""
        deadline = time.monotonic() + 60
        while True:
            found: dict[int, str] = {}
            for message in everything(self._cluster, REDACTED.name, LOSSES.name):
                if (message.key() or b"").decode() == f"{self._project}:{self.session}":
                    seq, word = _word(message, self._cluster)
                    assert seq not in found, "accounted for twice"
                    found[seq] = word
            if len(found) >= enough or time.monotonic() > deadline:
                return found
            time.sleep(0.1)


def everything(cluster: ClusterSettings, *topics: str) -> list[Message]:
    """All committed records of topics as they are now, in order within a partition."""
    consumer = Consumer(
        {
            "bootstrap.servers": cluster.brokers,
            "group.id": "unused",
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
        }
    )
    names = [cluster.topic_prefix + topic for topic in topics]
    known = consumer.list_topics(timeout=10).topics
    places = [TopicPartition(name, number, 0) for name in names for number in known[name].partitions]
    consumer.assign(places)
    found: list[Message] = []
    ended = 0
    deadline = time.monotonic() + 60
    while ended < len(places):
        # A broker that has just made a topic may answer "not leader" for a moment: asked again, it knows.
        assert time.monotonic() < deadline
        message = consumer.poll(1)
        if message is None:
            continue
        if message.error():
            ended += message.error().code() == KafkaError._PARTITION_EOF
        else:
            found.append(message)
    consumer.close()
    return found


def _word(message: Message, cluster: ClusterSettings) -> tuple[int, str]:
    if message.topic() == cluster.topic_prefix + LOSSES.name:
        loss: dict[str, Any] = orjson.loads(message.value() or b"")
        assert (loss["payloads"], loss["events"]) == (1, 3)
        return loss["seq"], loss["reason"]
    return int(dict(message.headers() or [])[h.SEQ]), "kept"


def written(cluster: ClusterSettings) -> int:
    """Time of the tombstone last written, ms."""
    return int(orjson.loads(everything(cluster, CONTROL.name)[-1].value() or b"")["at"])


def test_an_opt_out_ends_a_session_from_the_first_payload_accepted_five_seconds_later(
    cluster: ClusterSettings, privacy: PrivacyProcess
) -> None:
    """The payload just before still passes, that one does not though it follows at once, nor any after a kill -9."""
    visitor, other = Visitor(cluster), Visitor(cluster)
    visitor.send()
    assert visitor.became(1) == {0: "kept"}
    (said, in_force) = privacy.control("opt-out", "--project", "demo", "--session", visitor.session.upper())
    assert f"opt_out demo session {visitor.session}" in said
    assert in_force.startswith("in force for what is accepted from 2")
    at = written(cluster)
    visitor.send(at + IN_FORCE_MS - 1)
    visitor.send(at + IN_FORCE_MS)
    other.send(at + IN_FORCE_MS)
    assert visitor.became(3) == {0: "kept", 1: "kept", 2: "opted_out"}
    privacy.kill()
    visitor.send(at + IN_FORCE_MS + 1)
    other.send(at + IN_FORCE_MS + 1)
    assert visitor.became(4)[3] == "opted_out"
    assert other.became(2) == {0: "kept", 1: "kept"}
    assert privacy.control("list", "--project", "demo") == [said]
    assert privacy.control("list", "--project", "held") == []


def test_a_tombstone_written_while_privacy_was_down_is_obeyed_from_its_first_record(
    cluster: ClusterSettings, privacy: PrivacyProcess
) -> None:
    """All of the topic is read before any record, also for a session never seen and one killed in the middle."""
    new, known, erased = Visitor(cluster), Visitor(cluster), Visitor(cluster)
    known.send()
    assert known.became(1) == {0: "kept"}
    privacy.end(signal.SIGKILL)
    for visitor in (new, known):
        privacy.control("opt-out", "--project", "demo", "--session", visitor.session)
    erased.send()
    privacy.control("erase", "--project", "demo", "--session", erased.session)
    for visitor in (new, known):
        visitor.send(written(cluster) + IN_FORCE_MS)
    privacy.wait_ready()
    assert new.became(1) == {0: "opted_out"}
    assert known.became(2) == {0: "kept", 1: "opted_out"}
    assert erased.became(1) == {0: "erased"}


def test_a_user_is_named_by_a_keyed_hash(cluster: ClusterSettings, tmp_path: Path) -> None:
    """The user's payloads stop, another user's do not, the topic holds no name, and without the key nothing runs."""
    privacy = PrivacyProcess(cluster, tmp_path, KEY)
    try:
        privacy.wait_ready()
        anna, bert = Visitor(cluster), Visitor(cluster)
        (said, _) = privacy.control("opt-out", "--project", "demo", "--user", "anna@example.com")
        (hashed,) = privacy.control("hash", "--project", "demo", "--user", "anna@example.com")
        assert hashed in said
        at = written(cluster)
        anna.send(at + IN_FORCE_MS, user='"anna@example.com"')
        bert.send(at + IN_FORCE_MS, user='"bert@example.com"')
        assert anna.became(1) == {0: "opted_out"}
        assert bert.became(1) == {0: "kept"}
        (tombstone,) = everything(cluster, CONTROL.name)
        assert b"anna" not in (tombstone.key() or b"") + (tombstone.value() or b"")
    finally:
        privacy.end(signal.SIGKILL)
    without = PrivacyProcess(cluster, tmp_path)
    without.start()
    assert without.end(0) == 1  # type: ignore[arg-type]
    assert "users who opted out would be recorded" in without.log.read_text()
    assert KEY not in without.log.read_text()


def test_a_held_session_and_a_full_day_outlive_a_kill(cluster: ClusterSettings, privacy: PrivacyProcess) -> None:
    """What is held is released once, in order, after a kill -9; the day's cap is not counted anew."""
    held = Visitor(cluster, "held")
    held.send(at=1_000)
    first, second = _same_partition(cluster)
    first.send()
    assert first.became(1) == {0: "kept"}
    privacy.kill()
    second.send()
    first.send()
    assert second.became(1) == {0: "not_selected"}
    assert first.became(2) == {0: "kept", 1: "kept"}
    assert held.became(0) == {}
    held.send(at=11_000)
    assert list(held.became(2).items()) == [(0, "kept"), (1, "kept")]


def _same_partition(cluster: ClusterSettings) -> tuple[Visitor, Visitor]:
    """Two sessions of the capped project on one partition, whose share of the cap is one."""
    client, sessions = producer(cluster), [str(uuid.uuid4()) for _ in range(cluster.partitions + 1)]
    places: dict[int, list[str]] = defaultdict(list)
    for session in sessions:
        # The raw topic has as many partitions, and nobody reads it here.
        client.produce(
            cluster.topic_prefix + RAW.name,
            key=f"capped:{session}",
            on_delivery=lambda _, message: places[message.partition()].append(message.key().decode()[-36:]),
        )
    assert client.flush(10) == 0
    first, second, *_ = max(places.values(), key=len)
    return Visitor(cluster, "capped", first), Visitor(cluster, "capped", second)


def test_a_payload_right_behind_a_tombstone_waits_for_it(cluster: ClusterSettings, privacy: PrivacyProcess) -> None:
    """Where a payload arrives before the next look at the topic is due, privacy looks first."""
    visitors = [Visitor(cluster) for _ in range(5)]
    client = producer(cluster)
    for visitor in visitors:
        visitor.send()
        assert visitor.became(1) == {0: "kept"}
        tombstone = Tombstone("demo", Kind.OPT_OUT, visitor.session, int(time.time() * 1000))
        client.produce(cluster.topic_prefix + CONTROL.name, key=tombstone.key, value=tombstone.value)
        assert client.flush(10) == 0
        visitor.send(tombstone.at + IN_FORCE_MS)
    assert [visitor.became(2)[1] for visitor in visitors] == ["opted_out"] * 5


def test_no_record_outruns_a_tombstone(cluster: ClusterSettings) -> None:
    """The topic is read on now and then; for a payload that a new tombstone could end, it is read at once."""
    now = [0.0]
    follower = ControlFollower(cluster, UserKeys(), lambda: now[0])
    follower.read()
    now[0] = 100.0
    follower.follow()
    tombstone = Tombstone("demo", Kind.OPT_OUT, str(uuid.uuid4()), 100_500)
    # A transaction leaves a marker at the end of the topic that no reader gets to see, as compaction may leave a gap.
    client = Producer({"bootstrap.servers": cluster.brokers, "transactional.id": cluster.topic_prefix})
    client.init_transactions(30)
    client.begin_transaction()
    client.produce(cluster.topic_prefix + CONTROL.name, key=tombstone.key, value=tombstone.value)
    client.commit_transaction(30)
    in_force = tombstone.at + IN_FORCE_MS

    def applies() -> Kind | None:
        return follower.tombstones.applies("demo", tombstone.subject, "", in_force)

    now[0] = 100.9
    follower.follow()
    # Read at 100 s, the topic holds whatever is in force for what is accepted up to then; after it, it is read anew.
    follower.wait_for(100_000 + IN_FORCE_MS - DELIVERY_MS)
    assert applies() is None
    follower.wait_for(100_001 + IN_FORCE_MS - DELIVERY_MS)
    assert applies() is Kind.OPT_OUT
    follower.close()


def test_a_topic_that_cannot_be_read_holds_records_back(cluster: ClusterSettings) -> None:
    """Following goes on without it; reading it says so, and a record nobody can read stops the process."""
    away = ControlFollower(cluster.model_copy(update={"brokers": "127.0.0.1:1"}), UserKeys())
    away.follow()
    with pytest.raises(KafkaException):
        away.read(1)
    away.close()
    client = producer(cluster)
    client.produce(cluster.topic_prefix + CONTROL.name, key=f"demo:erase:{uuid.uuid4()}", value=b"SECRET")
    assert client.flush(10) == 0
    follower = ControlFollower(cluster, UserKeys())
    with pytest.raises(StopError, match="offset 0") as stop:
        follower.read()
    assert "SECRET" not in str(stop.value)
    follower.close()


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    """Illegal words and a broker that is not there end with a sentence and a code, not with a trace."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("REELSTREAM_")}
    environment["REELSTREAM_BROKERS"] = "127.0.0.1:1"
    session = str(uuid.uuid4())
    cases = (
        (["opt-out", "--project", "Demo", "--session", session], 2, "project names"),
        (["opt-out", "--project", "demo", "--session", "x"], 2, "a session is a UUID"),
        (["erase", "--project", "demo", "--user", "anna"], 2, "REELSTREAM_CONTROL_KEY"),
        (["erase", "--project", "demo"], 2, "required"),
        (["erase", "--project", "demo", "--session", session], 1, "reelstream control: "),
    )
    for words, code, text in cases:
        done = subprocess.run(
            [sys.executable, str(REPOSITORY / "reelstream.py"), "control", *words],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, text in done.stderr, "Traceback" in done.stderr) == (code, True, False), done.stderr
