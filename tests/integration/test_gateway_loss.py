"""Nothing that was acknowledged is lost: signals, killed workers and a killed broker, under load."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from deploy.local.layout import HOST
from tests.integration.gateway_process import (
    GatewayProcess,
    create_raw_topic,
    id_of,
    new_id,
    read_raw_topic,
    target,
)
from tests.integration.servers import Kafka

CLIENTS = 8


class Load:
    """Clients that post without pause and remember what was acknowledged and what was refused."""

    def __init__(self, gateway: GatewayProcess) -> None:
        self._gateway = gateway
        self._stop = threading.Event()
        self.acknowledged: set[str] = set()
        self.refusals: list[tuple[int, str, str]] = []
        self._threads = [threading.Thread(target=self._post, daemon=True) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def until(self, acknowledged: int) -> None:
        """Wait for so many acknowledgements."""
        deadline = time.monotonic() + 30
        while len(self.acknowledged) < acknowledged:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def stop(self) -> None:
        """End every client."""
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _post(self) -> None:
        session, page, seq = new_id(), new_id(), 0
        connection = self._gateway.connect()
        while not self._stop.is_set():
            try:
                connection.request("POST", target(session, page, seq), b"x" * 2000)
                response = connection.getresponse()
                media = json.loads(response.read())
            except (OSError, http.client.HTTPException):
                connection.close()
                time.sleep(0.02)
                continue
            if response.status == 202:
                self.acknowledged.add(media["id"])
                seq += 1
            else:
                self.refusals.append((response.status, media["error"], response.getheader("Retry-After") or ""))
                time.sleep(0.02)


def stalled_client(gateway: GatewayProcess) -> socket.socket:
    """A connection in the middle of a body that never goes on."""
    client = socket.create_connection((HOST, gateway.port), timeout=30)
    client.sendall(f"POST {target(new_id(), new_id())} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n[1,".encode())
    return client


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT, signal.SIGINT])
def test_every_acknowledged_payload_survives_a_signal(
    kafka: Kafka, prefix: str, tmp_path: Path, number: signal.Signals
) -> None:
    """Stopped under load, with a stalled upload and an idle connection open, the gateway leaves nothing behind."""
    create_raw_topic(kafka.brokers, prefix)
    with GatewayProcess(kafka.brokers, prefix, tmp_path, body_idle_seconds="2") as gateway:
        idle = socket.create_connection((HOST, gateway.port))
        stalled = stalled_client(gateway)
        load = Load(gateway)
        load.until(300)
        gateway.signal(number)
        gateway.wait(15)
        load.stop()
        idle.close()
        stalled.close()
    kept = {id_of(record) for record in read_raw_topic(kafka.brokers, prefix)}
    assert load.acknowledged - kept == set()
    assert {status for status, _, _ in load.refusals} <= {503}


def test_drain_begins_with_the_signal(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """From SIGTERM on /readyz is 503 and payloads are refused as draining, while an upload under way is still taken."""
    create_raw_topic(kafka.brokers, prefix)
    with GatewayProcess(kafka.brokers, prefix, tmp_path, body_idle_seconds="8") as gateway:
        late = stalled_client(gateway)
        probe = http.client.HTTPConnection(HOST, gateway.probe_port, timeout=5)
        probe.request("GET", "/readyz")
        assert probe.getresponse().read() == b'{"ok": true}'
        other = gateway.connect()
        other.connect()
        gateway.signal(signal.SIGTERM)
        time.sleep(0.3)
        probe.request("GET", "/readyz")
        assert probe.getresponse().status == 503
        other.request("POST", target(new_id(), new_id()), b"[]")
        refused = other.getresponse()
        assert (refused.status, refused.getheader("Retry-After")) == (503, "1")
        assert json.loads(refused.read())["error"] == "draining"
        late.sendall(b"x" * 97)
        answered = late.makefile("rb").read().decode()
        assert answered.startswith("HTTP/1.1 202 ")
        gateway.wait(10)
    (record,) = read_raw_topic(kafka.brokers, prefix)
    assert id_of(record) in answered


def test_every_acknowledged_payload_survives_a_killed_worker(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """kill -9 of the worker loses nothing acknowledged, and another worker takes over."""
    create_raw_topic(kafka.brokers, prefix)
    with GatewayProcess(kafka.brokers, prefix, tmp_path) as gateway:
        load = Load(gateway)
        load.until(200)
        (worker,) = gateway.workers()
        os.kill(worker, signal.SIGKILL)
        load.until(len(load.acknowledged) + 200)
        load.stop()
    kept = {id_of(record) for record in read_raw_topic(kafka.brokers, prefix)}
    assert load.acknowledged - kept == set()


def test_killed_broker_is_503_until_it_is_back(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """Without a broker payloads are refused with Retry-After and /readyz is 503; both end when it is back."""
    create_raw_topic(kafka.brokers, prefix)
    settings = {"message_timeout_seconds": "2", "broker_grace_seconds": "3"}
    with GatewayProcess(kafka.brokers, prefix, tmp_path, **settings) as gateway:
        load = Load(gateway)
        load.until(200)
        kafka.kill()
        try:
            gateway.until_ready(503)
            deadline = time.monotonic() + 10
            while not load.refusals and time.monotonic() < deadline:
                time.sleep(0.05)
        finally:
            kafka.start()
        gateway.until_ready(200)
        load.until(len(load.acknowledged) + 200)
        load.stop()
    assert set(load.refusals) == {(503, "broker_unavailable", "5")}
    kept = {id_of(record) for record in read_raw_topic(kafka.brokers, prefix)}
    assert load.acknowledged - kept == set()
