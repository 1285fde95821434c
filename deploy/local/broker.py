"""Apache Kafka on one machine: broker and controller in one JVM, in KRaft mode."""

from __future__ import annotations

import base64
import subprocess
import uuid
from pathlib import Path

from deploy.local.coordinators import OFFSETS_PARTITIONS, TRANSACTIONS_PARTITIONS
from deploy.local.layout import HOST, REPOSITORY, Layout, Ports

# The largest topic (dead letters) takes 26 MiB; a batch carries some overhead on top.
_MAX_MESSAGE_BYTES = 28 << 20

_JVM_OPTIONS = (
    "-Xms256m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    # What it will have filled within the hour it takes at once: memory that grows is then something to look into.
    "-XX:+AlwaysPreTouch",
    # Each network and I/O thread keeps a direct buffer as large as its largest record unless told otherwise.
    "-XX:MaxDirectMemorySize=384m",
    "-Djdk.nio.maxCachedBufferSize=262144",
    f"-Dlog4j2.configurationFile={REPOSITORY / 'deploy/local/kafka/log4j2.properties'}",
)


def broker_command(layout: Layout) -> list[str]:
    """How the supervisor starts the broker; `prepare_broker` must have run once."""
    return [*_java(layout), "kafka.Kafka", str(_properties_file(layout))]


def prepare_broker(layout: Layout, ports: Ports) -> None:
    """Write the settings, and format the data directory unless it is. Raises CalledProcessError."""
    properties = _properties_file(layout)
    properties.write_text(server_properties(_data(layout), ports))
    if (_data(layout) / "meta.properties").exists():
        return
    command = [*_java(layout), "kafka.tools.StorageTool", "format", "--standalone"]
    with (layout.logs / "kafka-format.log").open("wb") as log:
        subprocess.run(
            [*command, "-t", _new_cluster_id(), "-c", str(properties)],
            stdout=log,
            stderr=subprocess.STDOUT,
            check=True,
        )


def server_properties(data: Path, ports: Ports) -> str:
    """The broker's settings, in Java's properties form (https://kafka.apache.org/43/configuration/)."""
    settings = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.bootstrap.servers": f"{HOST}:{ports.kafka_controller}",
        "listeners": f"PLAINTEXT://{HOST}:{ports.kafka},CONTROLLER://{HOST}:{ports.kafka_controller}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{ports.kafka}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": data,
        "auto.create.topics.enable": "false",
        "message.max.bytes": _MAX_MESSAGE_BYTES,
        "replica.fetch.max.bytes": _MAX_MESSAGE_BYTES,
        "socket.request.max.bytes": 64 << 20,
        # Bounds the heap that requests being received may take together.
        "queued.max.request.bytes": 128 << 20,
        # What is deleted gives its room back at once.
        "log.segment.delete.delay.ms": 1000,
        # After a crash the newest segment of each partition is read again; small ones keep that short.
        "log.segment.bytes": 64 << 20,
        "log.cleaner.dedupe.buffer.size": 16 << 20,
        # How soon the cleaner looks again: it keeps the coordinators' topics short.
        "log.cleaner.backoff.ms": 2000,
        "num.network.threads": 2,
        "num.io.threads": 4,
        "num.recovery.threads.per.data.dir": 2,
        # A killed broker may register again only when its old registration has expired. By then it should have read
        # its coordinators' topics a first time (deploy/local/coordinators.py).
        "broker.session.timeout.ms": 3000,
        "broker.heartbeat.interval.ms": 500,
        "group.initial.rebalance.delay.ms": 0,
        "group.min.session.timeout.ms": 1000,
        "default.replication.factor": 1,
        "min.insync.replicas": 1,
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": OFFSETS_PARTITIONS,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": TRANSACTIONS_PARTITIONS,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _java(layout: Layout) -> list[str]:
    return ["java", *_JVM_OPTIONS, "-cp", f"{layout.kafka_jars}/*"]


def _data(layout: Layout) -> Path:
    return layout.data / "kafka"


def _properties_file(layout: Layout) -> Path:
    return layout.run / "kafka.properties"


def _new_cluster_id() -> str:
    """Kafka's form: 16 random bytes in URL-safe base64; a leading dash would read as an option."""
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return text
