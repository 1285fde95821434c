"""Real servers for tests: the broker and the ClickHouse engine of the one-machine stack, on free ports."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local.broker import broker_command, prepare_broker
from deploy.local.layout import HOST, REPOSITORY, Layout, Ports

START_SECONDS = 60.0
# Far from every default port; the first free offset is taken.
OFFSETS = range(31_000, 50_000, 37)


class Server:
    """One server process with its data in a directory; it can be killed and started again."""

    def __init__(self, command: list[str], log: Path, ready: Callable[[], bool]) -> None:
        self._command = command
        self._log = log
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start and wait until ready; seconds it took."""
        started = time.monotonic()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, cwd=REPOSITORY)
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() - started > START_SECONDS:
                raise RuntimeError(f"{self._command[0]} did not start: {self._log.read_text()[-1500:]}")
            time.sleep(0.1)
        return time.monotonic() - started

    def kill(self) -> None:
        """`kill -9`, and wait until it is gone."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, and wait."""
        self._end(signal.SIGTERM)

    def pause(self) -> None:
        """Have it hang: connections are still made, and nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Have it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(30)
            self._process = None


class Kafka(Server):
    """A broker; `brokers` is its address."""

    def __init__(self, directory: Path) -> None:
        self._ports = Ports(free_offset())
        self.brokers = f"{HOST}:{self._ports.kafka}"
        layout = Layout(directory, REPOSITORY / ".local")
        if not layout.kafka_jars.is_dir():
            raise RuntimeError("Kafka's jars are not here: run `make set-up` first")
        layout.create()
        prepare_broker(layout, self._ports)
        super().__init__(broker_command(layout), layout.logs / "kafka.log", self._answers)

    def _answers(self) -> bool:
        client = AdminClient({"bootstrap.servers": self.brokers, "log_level": 0})
        try:
            return bool(client.list_topics(timeout=1).brokers)
        except KafkaException:
            return False


class ClickHouse(Server):
    """ClickHouse's engine on its HTTP interface; `url` is its address."""

    def __init__(self, directory: Path) -> None:
        port = Ports(free_offset()).clickhouse
        self.url = f"http://{HOST}:{port}"
        directory.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "deploy.local.clickhouse",
            "--data",
            str(directory / "data"),
            "--port",
            str(port),
        ]
        super().__init__(command, directory / "clickhouse.log", self._answers)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/ping", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def free_offset() -> int:
    """An offset of all our ports at which none is taken; starts at a place of this process's own."""
    for step in range(len(OFFSETS)):
        offset = OFFSETS[(os.getpid() + step) % len(OFFSETS)]
        ports = Ports(offset)
        if all(_is_free(port) for port in (ports.kafka, ports.kafka_controller, ports.clickhouse, ports.gateway)):
            return offset
    raise RuntimeError("no free ports")


def free_port() -> int:
    """A port that nobody had a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
