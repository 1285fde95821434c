"""Connections that would starve others: each has an end, and beside them everybody else is answered."""

from __future__ import annotations

import contextlib
import http.client
import json
import resource
import selectors
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.layout import HOST
from tests.integration.gateway_process import GatewayProcess, create_raw_topic, new_id, target
from tests.integration.servers import Kafka

ORIGIN = "Origin: https://shop.example\r\n"
BOUND = 64


@pytest.fixture(scope="module")
def gateway(kafka: Kafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """A gateway whose deadlines are a second or two, and whose public port takes 64 connections."""
    create_raw_topic(kafka.brokers, "connections.")
    settings = {
        "connections": str(BOUND),
        "first_byte_seconds": "1",
        "header_seconds": "1",
        "keepalive_seconds": "1",
        "body_idle_seconds": "2",
        "body_window_seconds": "1",
        "stall_seconds": "1",
    }
    directory = tmp_path_factory.mktemp("gateway")
    with GatewayProcess(kafka.brokers, "connections.", directory, **settings) as process:
        yield process


def head(length: int = 100_000) -> bytes:
    """A payload's request, up to its body."""
    return f"POST {target(new_id(), new_id())} HTTP/1.1\r\nHost: x\r\n{ORIGIN}Content-Length: {length}\r\n\r\n".encode()


def ask(gateway: GatewayProcess, sent: bytes) -> tuple[int, dict[str, str], dict[str, str]]:
    """Status, media and headers of the only answer."""
    with socket.create_connection((HOST, gateway.port), timeout=10) as client:
        client.sendall(sent)
        response = http.client.HTTPResponse(client)
        response.begin()
        return (
            response.status,
            json.loads(response.read()),
            {name.lower(): value for name, value in response.headers.items()},
        )


def post(gateway: GatewayProcess) -> int:
    """The status a good client is answered, on a connection of its own."""
    return ask(gateway, head(2) + b"[]")[0]


def until_closed(client: socket.socket, piece: bytes) -> bytes:
    """What a client reads that sends `piece` every tenth of a second until the other side ends the connection."""
    client.settimeout(0.1)
    read = b""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            some = client.recv(65536)
        except TimeoutError:
            with contextlib.suppress(OSError):
                client.send(piece)
            continue
        except OSError:
            return read
        if not some:
            return read
        read += some
    raise AssertionError("the connection is still open")


@pytest.mark.parametrize(
    ("first", "then", "answered"),
    [
        (b"", b"", b""),  # silent
        (b"POST /v1/replay/shop-write-key/", b"", b" 408 "),  # half a request line
        (head()[:-2], b"X", b" 408 "),  # a header that never ends, a byte at a time
        (head(), b"", b" 408 "),  # no body
        (head(), b" ", b" 408 "),  # a body of ten bytes a second
        (head().replace(b"Content-Length: 100000", b"Transfer-Encoding: chunked"), b"1\r\n \r\n", b" 408 "),
        (b"GET /record.js HTTP/1.1\r\nHost: x\r\n\r\n", b"", b" 200 "),  # and then nothing more
    ],
)
def test_every_slow_connection_ends(gateway: GatewayProcess, first: bytes, then: bytes, answered: bytes) -> None:
    """Whoever says nothing, or too little, is told so once it has asked for something, and its connection ends."""
    with socket.create_connection((HOST, gateway.port)) as client:
        client.sendall(first)
        read = until_closed(client, then)
    assert answered in read[:13] + b" " if answered else read == b""
    if answered == b" 408 ":
        assert b"application/json" in read
        assert b"https://shop.example" in read or ORIGIN.encode() not in first


def test_a_reader_that_takes_nothing_ends(gateway: GatewayProcess) -> None:
    """An answer nobody reads is not kept for ever."""
    before = closed(gateway, "stalled")
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect((HOST, gateway.port))
        client.sendall(b"GET /record.js HTTP/1.1\r\nHost: x\r\n\r\n" * 100)
        deadline = time.monotonic() + 15
        while closed(gateway, "stalled") == before and time.monotonic() < deadline:
            time.sleep(0.1)
        assert closed(gateway, "stalled") == before + 1


def closed(gateway: GatewayProcess, reason: str) -> float:
    """Connections the server has ended for this reason."""
    for line in gateway.probe("/metrics")[1].splitlines():
        if line.startswith(f'reelstream_server_closed_total{{reason="{reason}"}}'):
            return float(line.rsplit(" ", 1)[1])
    return 0.0


@pytest.mark.parametrize(
    ("request_head", "status", "code"),
    [
        (head(2).replace(b"\r\n\r\n", b"\r\nX-Large: " + b"x" * 70_000 + b"\r\n\r\n"), 431, "headers_too_large"),
        (head(2).replace(b"\r\n\r\n", b"\r\nX: y" * 200 + b"\r\n\r\n"), 431, "headers_too_large"),
        (head(2).replace(b"seq=0", b"seq=0&x=" + b"x" * 17_000), 414, "uri_too_long"),
        (head(2).replace(b"Content-Length", b"Content-Length: 3\r\nContent-Length"), 400, "bad_request"),
        (head(2).replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"), 400, "bad_request"),
        (head(2).replace(b"Content-Length: 2", b"Transfer-Encoding: br"), 501, "unsupported_transfer_coding"),
        (head(2).replace(b"Content-Length: 2", b"Transfer-Encoding: gzip,chunked"), 501, "unsupported_transfer_coding"),
        (
            head(2).replace(b"Content-Length: 2", b"Transfer-Encoding: gzip, chunked"),
            501,
            "unsupported_transfer_coding",
        ),
        (head(2).replace(b"Content-Length: 2", b"Content-Length: -2"), 400, "bad_request"),
        (head(2).replace(b"HTTP/1.1", b"HTTP/7.1"), 400, "bad_request"),
        (b"nonsense\r\n\r\n", 400, "bad_request"),
    ],
)
def test_refusals_of_the_server_have_the_form_of_all_others(
    gateway: GatewayProcess, request_head: bytes, status: int, code: str
) -> None:
    """What the server cannot read or does not take is refused in JSON that any page may read; then it closes."""
    answered, media, headers = ask(gateway, request_head + b"[]")
    assert (answered, media["error"], set(media)) == (status, code, {"error", "detail"})
    assert headers["content-type"] == "application/json"
    assert headers["connection"] == "close"
    assert headers["access-control-allow-origin"] in ("https://shop.example", "*")


@pytest.mark.parametrize(
    "request_head",
    [
        head(2).replace(b"\r\n\r\n", b"\r\nCookie: a=" + b"c" * 12_000 + b"\r\n\r\n"),
        head(2).replace(b"seq=0", b"seq=0&x=" + b"%D0%B0" * 1024),
        head(2).replace(b"POST /", b"POST http://gateway.example/"),
        head(2).replace(b"\r\n\r\n", b"\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n"),
        head(2).replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"),
    ],
)
def test_what_is_only_large_or_odd_is_taken(gateway: GatewayProcess, request_head: bytes) -> None:
    """12 kB of the site's cookies, a long query, a whole URL as target: none of it costs a payload."""
    with socket.create_connection((HOST, gateway.port), timeout=10) as client:
        client.sendall(request_head + b"[]")
        response = http.client.HTTPResponse(client)
        response.begin()
        while response.status == 100:
            response.begin()
        assert response.status == 202


@pytest.mark.parametrize("path", ["/", "/record.jss", target(new_id(), new_id())])
def test_a_websocket_is_refused_in_form(gateway: GatewayProcess, path: str) -> None:
    """Upgrades are answered by the route, as 404 or 405, and nothing of them is logged as an error."""
    upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
    sent = f"GET {path} HTTP/1.1\r\nHost: x\r\n{upgrade}dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    status, media, _ = ask(gateway, sent.encode())
    assert status in (404, 405)
    assert set(media) == {"error", "detail"}
    assert '"level": "error"' not in gateway.log()


@pytest.mark.parametrize("sent", [b"", b"POST /v1/", b"GET /record.js HTTP/1.1\r\nHost: x\r\n\r\n", head() + b" "])
def test_when_it_is_full_new_clients_and_probes_get_in(gateway: GatewayProcess, sent: bytes) -> None:
    """Three times as many connections as the port takes, silent or slow, keep neither payloads nor probes out."""
    with contextlib.ExitStack() as stack:
        for _ in range(3 * BOUND):
            client = stack.enter_context(socket.create_connection((HOST, gateway.port)))
            with contextlib.suppress(OSError):
                client.sendall(sent)
        assert [post(gateway) for _ in range(20)] == [202] * 20
        assert [gateway.probe(path)[0] for path in ("/livez", "/readyz", "/metrics")] == [200] * 3


def test_without_descriptors_new_clients_and_probes_get_in(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """When the system gives no more descriptors, silent connections make way for payloads and probes."""
    create_raw_topic(kafka.brokers, prefix)
    with GatewayProcess(kafka.brokers, prefix, tmp_path) as process, contextlib.ExitStack() as stack:
        (worker,) = process.workers()
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (80, 80))
        for _ in range(150):
            stack.enter_context(socket.create_connection((HOST, process.port)))
        assert [post(process) for _ in range(20)] == [202] * 20
        assert [process.probe(path)[0] for path in ("/livez", "/readyz", "/metrics")] == [200] * 3


def test_dripping_bodies_are_in_nobodys_way(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """Beside 1 100 bodies that drip under the same key from the same address, every payload is accepted."""
    create_raw_topic(kafka.brokers, prefix)
    with GatewayProcess(kafka.brokers, prefix, tmp_path) as process, contextlib.ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        for _ in range(1100):
            client = stack.enter_context(socket.create_connection((HOST, process.port)))
            client.sendall(head())
            selector.register(client, selectors.EVENT_WRITE)
        statuses = []
        for _ in range(5):
            for key, _events in selector.select():
                key.fileobj.send(b" ")  # type: ignore[union-attr]
            statuses += [post(process) for _ in range(8)]
        assert statuses == [202] * 40
        assert "reelstream_gateway_inflight_requests 1100.0" in process.probe("/metrics")[1]
