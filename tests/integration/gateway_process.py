"""The real gateway: its command as a process, its topic on a real broker, and a client that can misbehave."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Self

from confluent_kafka import Consumer, Message, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.local.layout import HOST, REPOSITORY, Ports
from schemas.identity import payload_id
from schemas.topics import RAW
from tests.integration.servers import free_offset

PROJECTS = """
projects:
  shop: {write_keys: [shop-write-key], origins: ["https://shop.example"]}
"""
PARTITIONS = 4
START_SECONDS = 30.0


class GatewayProcess:
    """`reelstream gateway` as a context: ready when entered, killed if still there when left."""

    def __init__(self, brokers: str, prefix: str, directory: Path, projects: str = PROJECTS, **settings: str) -> None:
        ports = Ports(free_offset())
        self.port = ports.gateway
        self.probe_port = ports.metrics("gateway")
        self._log = directory / "gateway.log"
        file = directory / "projects.yaml"
        file.write_text(projects)
        own = {name: value for name, value in os.environ.items() if not name.startswith("REELSTREAM_")}
        self._environment = own | {
            "REELSTREAM_BROKERS": brokers,
            "REELSTREAM_TOPIC_PREFIX": prefix,
            "REELSTREAM_PROJECTS": str(file),
            "REELSTREAM_GATEWAY_PORT": str(self.port),
            "REELSTREAM_GATEWAY_METRICS_PORT": str(self.probe_port),
        }
        self._environment |= {f"REELSTREAM_GATEWAY_{name.upper()}": value for name, value in settings.items()}

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "reelstream.py", "gateway"],
                env=self._environment,
                cwd=REPOSITORY,
                stdout=log,
                stderr=log,
            )
        self.until_ready(200)
        return self

    def __exit__(self, *exception: object) -> None:
        for worker in self.workers():
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        self._process.kill()
        self._process.wait()

    def log(self) -> str:
        """All it has logged."""
        return self._log.read_text()

    def signal(self, number: signal.Signals) -> None:
        """To the master, as a supervisor or Kubernetes would."""
        self._process.send_signal(number)

    def wait(self, seconds: float) -> int:
        """Exit code; TimeoutExpired if it is still there."""
        return self._process.wait(seconds)

    def workers(self) -> list[int]:
        """Process ids of its workers."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(child) for child in children.read_text().split()] if children.exists() else []

    def probe(self, path: str) -> tuple[int, str]:
        """Status and text from the probe port; 0 if nobody answers."""
        connection = http.client.HTTPConnection(HOST, self.probe_port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError:
            return 0, ""
        finally:
            connection.close()

    def until_ready(self, status: int) -> float:
        """Wait until /readyz answers `status`; seconds it took."""
        started = time.monotonic()
        while self.probe("/readyz")[0] != status:
            if self._process.poll() is not None or time.monotonic() - started > START_SECONDS:
                raise RuntimeError(f"no {status} from /readyz: {self.log()[-2000:]}")
            time.sleep(0.05)
        return time.monotonic() - started

    def connect(self) -> http.client.HTTPConnection:
        """A connection to the public port."""
        return http.client.HTTPConnection(HOST, self.port, timeout=40)


def target(session: str, page: str, seq: int = 0, key: str = "shop-write-key") -> str:
    """The path of a payload; the session's id stands for its window's too."""
    return f"/v1/replay/{key}/{session}/{session}?page={page}&seq={seq}"


def new_id() -> str:
    """A UUID in lower case."""
    return str(uuid.uuid4())


def create_raw_topic(brokers: str, prefix: str, **overrides: str) -> None:
    """The raw topic as `schemas.topics` has it, but for `overrides`, whose '_' stand for '.'."""
    config = RAW.config | {name.replace("_", "."): value for name, value in overrides.items()}
    topic = NewTopic(f"{prefix}{RAW.name}", PARTITIONS, 1, config=config)
    admin = AdminClient({"bootstrap.servers": brokers})
    for created in admin.create_topics([topic]).values():
        created.result()


def read_raw_topic(brokers: str, prefix: str) -> list[Message]:
    """Every record on the raw topic now."""
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": new_id(),
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "fetch.message.max.bytes": RAW.max_bytes,
        }
    )
    records: list[Message] = []
    try:
        for number in range(PARTITIONS):
            partition = TopicPartition(f"{prefix}{RAW.name}", number, 0)
            _, end = consumer.get_watermark_offsets(partition, timeout=20)
            consumer.assign([partition])
            position = 0
            while position < end:
                record = consumer.poll(20)
                assert record is not None
                assert record.error() is None
                records.append(record)
                position = (record.offset() or 0) + 1
    finally:
        consumer.close()
    return records


def id_of(record: Message) -> str:
    """The id that the 202 of this record must have answered."""
    headers = {name: value.decode() for name, value in record.headers() or []}
    _, session = (record.key() or b"").decode().split(":")
    return payload_id(headers["rs-project"], session, headers["rs-window"], headers["rs-page"], int(headers["rs-seq"]))
