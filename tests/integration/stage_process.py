"""The counting stage, or a real one, as a supervised process, and the topics around it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from confluent_kafka import Consumer, Message, Producer

from deploy.local.layout import HOST, REPOSITORY
from processors.runtime.topics import reconcile
from service.environment import ClusterSettings

STAGE = Path(__file__).with_name("counting_stage.py")
READY_SECONDS = 120.0


class StageProcess:
    """One replica; `wait_ready` starts it again after any end. `role` and `command` are for another stage."""

    def __init__(
        self,
        cluster: ClusterSettings,
        port: int,
        log: Path,
        session_timeout: str = "PT20S",
        *,
        role: str = "privacy",
        command: Sequence[str] = (str(STAGE),),
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._command = [sys.executable, *command]
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("REELSTREAM_")},
            "PYTHONPATH": str(REPOSITORY),
            "REELSTREAM_BROKERS": cluster.brokers,
            "REELSTREAM_TOPIC_PREFIX": cluster.topic_prefix,
            "REELSTREAM_PARTITIONS": str(cluster.partitions),
            "REELSTREAM_REPLICATION": "1",
            "REELSTREAM_STATE_DIR": str(cluster.state_dir),
            "REELSTREAM_CLICKHOUSE_URL": cluster.clickhouse_url,
            "REELSTREAM_CLICKHOUSE_DATABASE": cluster.clickhouse_database,
            f"REELSTREAM_{role.upper()}_METRICS_PORT": str(port),
            f"REELSTREAM_{role.upper()}_SESSION_TIMEOUT": session_timeout,
            **(settings or {}),
        }
        self._port = port
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None, "it was never started"
        return self._process.pid

    def start(self) -> None:
        """Start it, ready or not."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, env=self._environment, stdout=log, stderr=log)

    def wait_ready(self) -> None:
        """Wait for readiness; starts it again when it ends."""
        deadline = time.monotonic() + READY_SECONDS
        while not self._ready():
            assert time.monotonic() < deadline, self.log.read_text()[-3000:]
            self.revive()
            time.sleep(0.1)

    def revive(self) -> bool:
        """What a supervisor does: start it if it has ended. True if it had."""
        if self._process is None or self._process.poll() is not None:
            self.start()
            return True
        return False

    def wait_end(self, seconds: float) -> int:
        """Wait until it ends by itself; the exit code. Raises TimeoutExpired."""
        assert self._process is not None, "it was never started"
        return self._process.wait(seconds)

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait; the exit code."""
        if self._process is None:
            return 0
        self._process.send_signal(number)
        return self._process.wait(60)

    def metrics(self) -> str:
        """Its metrics page."""
        with urllib.request.urlopen(f"http://{HOST}:{self._port}/metrics", timeout=5) as answer:
            return str(answer.read().decode())

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, and do not wait."""
        assert self._process is not None, "it was never started"
        self._process.send_signal(number)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self._port}/readyz", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def make_cluster(brokers: str, prefix: str, state: Path) -> ClusterSettings:
    """A deployment of its own on the test's broker, with all its topics."""
    cluster = ClusterSettings(brokers=brokers, topic_prefix=prefix, partitions=4, replication=1, state_dir=state)
    reconcile(cluster)
    return cluster


def producer(cluster: ClusterSettings) -> Producer:
    """A producer as the gateway has it."""
    return Producer({"bootstrap.servers": cluster.brokers, "enable.idempotence": True, "partitioner": "murmur2_random"})


def read(cluster: ClusterSettings, topics: list[str], enough: int, seconds: float) -> list[Message]:
    """Committed records of topics (names without prefix) from the start: `enough` of them, or what came in time."""
    consumer = Consumer(
        {
            "bootstrap.servers": cluster.brokers,
            "group.id": f"test-{time.monotonic_ns()}",
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
            "fetch.message.max.bytes": 32 << 20,
        }
    )
    consumer.subscribe([cluster.topic_prefix + topic for topic in topics])
    found: list[Message] = []
    deadline = time.monotonic() + seconds
    while len(found) < enough and time.monotonic() < deadline:
        message = consumer.poll(0.2)
        if message is not None and not message.error():
            found.append(message)
    consumer.close()
    return found
