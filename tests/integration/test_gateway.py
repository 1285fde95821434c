"""The gateway as its own process on a real broker."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.layout import HOST, REPOSITORY
from schemas.headers import REQUIRED
from schemas.topics import RAW
from tests.integration.gateway_process import (
    GatewayProcess,
    create_raw_topic,
    id_of,
    new_id,
    read_raw_topic,
    target,
)
from tests.integration.servers import Kafka

MIB = 1024 * 1024


@pytest.fixture
def gateway(kafka: Kafka, prefix: str, tmp_path: Path) -> Iterator[GatewayProcess]:
    """A gateway that gives up on a silent body after a second."""
    create_raw_topic(kafka.brokers, prefix)
    with GatewayProcess(kafka.brokers, prefix, tmp_path, body_idle_seconds="1") as process:
        yield process


def answer(connection: http.client.HTTPConnection) -> tuple[int, dict[str, str], dict[str, str]]:
    """Status, JSON body and headers."""
    response = connection.getresponse()
    return response.status, json.loads(response.read()), dict(response.getheaders())


def test_202_means_the_record_is_on_the_topic(kafka: Kafka, prefix: str, gateway: GatewayProcess) -> None:
    """Key, headers, bytes and receive time of an accepted payload are on the topic when the answer arrives."""
    session, page = new_id(), new_id()
    body = gzip.compress(b'[{"type":4}]')
    before = time.time_ns() // 1_000_000
    connection = gateway.connect()
    headers = {"Content-Encoding": "gzip", "Origin": "https://shop.example", "User-Agent": "Test/1"}
    connection.request("POST", target(session.upper(), page) + "&t=1767225600123&kf=1", body, headers)
    status, media, answered = answer(connection)
    (record,) = read_raw_topic(kafka.brokers, prefix)
    assert (status, media) == (202, {"id": id_of(record)})
    assert answered["access-control-allow-origin"] == "https://shop.example"
    assert record.key() == f"shop:{session}".encode()
    assert record.value() == body
    stamped = dict(record.headers() or [])
    assert stamped.keys() >= REQUIRED[RAW.name]
    assert (stamped["rs-enc"], stamped["rs-ip"], stamped["rs-ua"]) == (b"gzip", b"127.0.0.1", b"Test/1")
    assert before <= record.timestamp()[1] <= time.time_ns() // 1_000_000


def test_largest_body_passes(kafka: Kafka, prefix: str, gateway: GatewayProcess) -> None:
    """A body of exactly the limit fits the topic with its headers."""
    body = os.urandom(20 * MIB)
    connection = gateway.connect()
    connection.request("POST", target(new_id(), new_id()), body)
    assert answer(connection)[0] == 202
    assert [record.value() for record in read_raw_topic(kafka.brokers, prefix)] == [body]


@pytest.mark.parametrize("chunked", [False, True])
def test_sixty_megabytes_are_refused_with_an_answer(gateway: GatewayProcess, chunked: bool) -> None:
    """A client that sends 60 MB before it listens reads a 413, not a broken connection, and the gateway lives on."""
    pieces = (b"x" * MIB for _ in range(60))
    connection = gateway.connect()
    headers = {} if chunked else {"Content-Length": str(60 * MIB)}
    connection.request("POST", target(new_id(), new_id()), pieces, headers, encode_chunked=chunked)
    status, media, _ = answer(connection)
    assert (status, media["error"]) == (413, "body_too_large")
    connection.close()
    connection.request("POST", target(new_id(), new_id()), b"[]")
    assert answer(connection)[0] == 202


@pytest.mark.parametrize("sent", [b"", b"[1,"])
def test_stalled_body_is_answered_408(gateway: GatewayProcess, sent: bytes) -> None:
    """A client that sends headers, and perhaps some of the body, and then nothing, gets 408 within seconds."""
    with socket.create_connection((HOST, gateway.port), timeout=10) as client:
        head = f"POST {target(new_id(), new_id())} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
        client.sendall(head.encode() + sent)
        started = time.monotonic()
        text = client.makefile("rb").read().decode()
    assert text.startswith("HTTP/1.1 408 ")
    assert '"body_timeout"' in text
    assert time.monotonic() - started < 8


def test_client_that_leaves_mid_body_leaves_no_record(kafka: Kafka, prefix: str, gateway: GatewayProcess) -> None:
    """A connection closed within the body appends nothing and is counted."""
    with socket.create_connection((HOST, gateway.port), timeout=10) as client:
        head = f"POST {target(new_id(), new_id())} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        client.sendall(head.encode() + b"3\r\n[1,\r\n")
        time.sleep(0.2)
    deadline = time.monotonic() + 5
    while 'code="client_gone"' not in gateway.probe("/metrics")[1] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert 'code="client_gone"' in gateway.probe("/metrics")[1]
    assert read_raw_topic(kafka.brokers, prefix) == []


def test_broker_that_takes_less_is_told_as_too_large(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """A record over the broker's own limit is a 413, not a retry without end."""
    create_raw_topic(kafka.brokers, prefix, max_message_bytes=str(MIB))
    with GatewayProcess(kafka.brokers, prefix, tmp_path) as process:
        connection = process.connect()
        connection.request("POST", target(new_id(), new_id()), os.urandom(2 * MIB))
        status, media, _ = answer(connection)
        assert (status, media["error"]) == (413, "body_too_large")


def test_log_and_metrics_know_nothing_of_the_client(gateway: GatewayProcess) -> None:
    """Neither the log nor the metrics hold a key, an id, an address or a body."""
    session, page = new_id(), new_id()
    connection = gateway.connect()
    for key in ("shop-write-key", "another-write-key"):
        connection.request("POST", target(session, page, key=key), b"the secret body")
        answer(connection)
    status, metrics = gateway.probe("/metrics")
    assert status == 200
    assert "reelstream_gateway_brokers_up 1.0" in metrics
    for secret in ("write-key", session, page, "secret", 'ip"'):
        assert secret not in gateway.log() + metrics


def test_two_workers_share_their_numbers(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """With two workers, /metrics of either counts the requests of both."""
    create_raw_topic(kafka.brokers, prefix)
    with GatewayProcess(kafka.brokers, prefix, tmp_path, workers="2") as process:
        deadline = time.monotonic() + 30
        accepted = 0
        while accepted < 20:
            # One worker is ready before the other, which refuses with 503 until it has seen the broker.
            assert time.monotonic() < deadline
            connection = process.connect()
            connection.request("POST", target(new_id(), new_id(), accepted), b"[]")
            status = answer(connection)[0]
            assert status in (202, 503)
            accepted += status == 202
            connection.close()
        counted = [line for line in process.probe("/metrics")[1].splitlines() if 'status="202"' in line]
        assert len(process.workers()) == 2
    assert [line.rsplit(" ", 1)[1] for line in counted] == ["20.0"]
    assert len(read_raw_topic(kafka.brokers, prefix)) == 20


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("REELSTREAM_GATEWAY_PORT", "http", "REELSTREAM_GATEWAY_PORT"),
        ("REELSTREAM_GATEWAY_PROT", "8080", "REELSTREAM_GATEWAY_PROT"),
        ("REELSTREAM_PROJECTS", "/nowhere/projects.yaml", "projects.yaml"),
    ],
)
def test_a_start_that_cannot_work_says_so_in_one_line(name: str, value: str, told: str) -> None:
    """Illegal settings and a missing project file end the start with code 2 and one line that names them."""
    ended = subprocess.run(
        [sys.executable, "reelstream.py", "gateway"],
        env={"PATH": os.environ["PATH"], "REELSTREAM_PROJECTS": "deploy/local/projects.yaml", name: value},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert told in ended.stderr
