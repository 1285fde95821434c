"""Nobody who is not logged in, and no store that hangs, keeps the read side from anybody else."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest

from service.environment import ClusterSettings
from tests.integration.migrated import ClickHouseServer, migrated_cluster
from tests.integration.replay_process import SESSION, TOKEN, ReplayProcess, running, store_megabytes, write_projects

# Far more than there are threads, and more than anyone's descriptor limit is needed for.
MANY = 200
# Refused with a 422, once it is known who asks.
PATH = "/api/recordings?wrong=1"
LOGIN = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"


@pytest.fixture(scope="module")
def cluster(clickhouse: ClickHouseServer) -> ClusterSettings:
    """A database for this file, with one recording of many megabytes."""
    made = migrated_cluster(clickhouse)
    store_megabytes(made, 40)
    return made


@pytest.fixture(scope="module")
def replay(cluster: ClusterSettings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplayProcess]:
    """A process with the settings it has by default."""
    folder = tmp_path_factory.mktemp("replay")
    with running(cluster, write_projects(folder), folder) as process:
        yield process


@pytest.fixture(scope="module")
def impatient(cluster: ClusterSettings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplayProcess]:
    """A process whose deadlines are short, with one place for streams."""
    folder = tmp_path_factory.mktemp("impatient")
    names = ("FIRST_BYTE_SECONDS", "HEADER_SECONDS", "LOGIN_BODY_SECONDS")
    settings = dict.fromkeys(names, "0.5") | {"ANSWER_TIMEOUT_SECONDS": "2", "EVENT_STREAMS": "1"}
    with running(cluster, write_projects(folder), folder, **settings) as process:
        yield process


def _log_in(replay: ReplayProcess, token: str = TOKEN) -> tuple[int, str]:
    """Status and cookie."""
    connection = http.client.HTTPConnection("127.0.0.1", replay.port, timeout=20)
    body = json.dumps({"token": token})
    connection.request("POST", "/login", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.status, (answer.getheader("Set-Cookie") or "").partition(";")[0]


def _ask(
    replay: ReplayProcess, path: str, cookie: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", replay.port, timeout=60)
    connection.request(method, path, headers={"Cookie": cookie, **headers})
    answer = connection.getresponse()
    return answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read()


def _raw(replay: ReplayProcess, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """The answer to bytes; what cannot be sent any more because it came early is left unsent."""
    with socket.create_connection(("127.0.0.1", replay.port), timeout=20) as peer:
        with suppress(OSError):
            peer.sendall(request)
        answer = http.client.HTTPResponse(peer)
        answer.begin()
        return answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read()


def test_strangers_hold_nothing(replay: ReplayProcess) -> None:
    """Beside hundreds of silent peers, half headers and logins without a body everybody else is answered."""
    with ExitStack() as held:
        for opening in (b"", b"GET / HTTP/1.1\r\nHost: x\r\nA: ", LOGIN, LOGIN + b'{"token": '):
            for _ in range(MANY):
                peer = held.enter_context(socket.create_connection(("127.0.0.1", replay.port), timeout=10))
                peer.sendall(opening)
        assert replay.get("/api/recordings")[0] == 200
        status, cookie = _log_in(replay)
        assert status == 204
        assert _ask(replay, "/", cookie)[0] == 200
        assert replay.get(f"/api/recordings/{SESSION}/events")[0] == 200
        assert replay.get("/livez", port=replay.probes)[0] == 200
        assert replay.get("/readyz", port=replay.probes)[0] == 200


def test_strangers_come_to_an_end(impatient: ReplayProcess) -> None:
    """A peer that says nothing, half a header or half a body is let go, with an answer where one can be given."""
    expected = {b"": b"", b"GET / HTTP/1.1\r\nA: ": b"408", LOGIN: b"408", LOGIN + b'{"token": ': b"408"}
    with ExitStack() as held:
        peers = {}
        for opening in expected:
            peer = held.enter_context(socket.create_connection(("127.0.0.1", impatient.port), timeout=20))
            peer.sendall(opening)
            peers[opening] = peer
        answers = {opening: b"".join(iter(partial(peer.recv, 65536), b"")) for opening, peer in peers.items()}
    assert {opening: answer[9:12] for opening, answer in answers.items()} == expected


def test_a_reader_who_leaves_gives_up_the_place(impatient: ReplayProcess) -> None:
    """A stream whose reader is gone ends, long before its last event."""
    path = f"/api/recordings/{SESSION}/events"
    reader = impatient.open(path)
    assert reader.read(1000)
    assert impatient.get(path)[0] == 503
    reader.close()
    _until(lambda: impatient.open(path).status == 200)


def test_a_store_that_hangs_holds_up_only_those_who_need_it(
    clickhouse: ClickHouseServer, impatient: ReplayProcess
) -> None:
    """While ClickHouse hangs, pages, logins, logouts and probes answer; questions are refused, and later answered."""
    cookie = _log_in(impatient)[1]
    statuses: list[int] = []
    asking = [
        threading.Thread(target=lambda: statuses.append(_ask(impatient, "/api/recordings", cookie)[0]))
        for _ in range(100)
    ]
    clickhouse.pause()
    try:
        for thread in asking:
            thread.start()
        for path in ("/", f"/recordings/{SESSION}", "/login", "/static/player.js"):
            assert _ask(impatient, path, cookie)[0] == 200
        status, second = _log_in(impatient)
        assert status == 204
        assert _ask(impatient, "/logout", second, "POST")[0] == 204
        assert _ask(impatient, "/", second)[0] == 303
        assert impatient.get("/livez", port=impatient.probes)[0] == 200
        for thread in asking:
            thread.join()
        assert set(statuses) == {503}
        assert len(statuses) == 100
        assert impatient.get("/readyz", port=impatient.probes)[0] == 503
    finally:
        clickhouse.resume()
    _until(lambda: _ask(impatient, "/api/recordings", cookie)[0] == 200)
    _until(lambda: impatient.get("/readyz", port=impatient.probes)[0] == 200)
    assert "Traceback" not in impatient.log()


def test_memory_goes_back(replay: ReplayProcess) -> None:
    """What several readers of a large recording took is not kept when they are done."""
    path = f"/api/recordings/{SESSION}/events"
    assert replay.get(path)[0] == 200
    before = replay.megabytes()
    for _ in range(2):
        readers = [threading.Thread(target=replay.get, args=(path,)) for _ in range(4)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    assert replay.megabytes() - before < 30


@pytest.mark.parametrize(
    ("request_line", "headers", "body", "status", "code"),
    [
        ("GET /api/recordings?url=" + quote("я" * 1024), "", b"", 200, None),
        ("GET /api/recordings", "Cookie: other=" + "x" * 12_000, b"", 200, None),
        ("GET /api/recordings?url=" + "x" * 20_000, "", b"", 414, "uri_too_long"),
        ("GET /api/recordings", "Cookie: other=" + "x" * 90_000, b"", 431, "headers_too_large"),
        ("PUT /api/recordings", "", b"", 405, "method_not_allowed"),
        ("DELETE /login", "", b"", 405, "method_not_allowed"),
        ("BREW /", "", b"", 400, "bad_request"),
        ("GET /nothing", "", b"", 404, "not_found"),
        ("GET /api/recordings", f"Content-Length: {8 << 20}", b"x" * (8 << 20), 200, None),
        ("POST /api/recordings", f"Content-Length: {8 << 20}", b"x" * (8 << 20), 405, "method_not_allowed"),
        ("POST /login", "Content-Type: application/json\r\nContent-Length: 9999999", b"", 413, "body_too_large"),
        ("POST /login", "Content-Type: application/json\r\nTransfer-Encoding: chunked", b"", 400, "invalid_request"),
        ("GET /api/recordings", "Upgrade: websocket\r\nConnection: upgrade", b"", 200, None),
    ],
)
def test_odd_requests_are_answered_in_the_one_form(
    replay: ReplayProcess, request_line: str, headers: str, body: bytes, status: int, code: str | None
) -> None:
    """What is refused, by routes or by the server, is `{"error", "detail"}` with the headers of every answer."""
    lines = [f"{request_line} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {TOKEN}", headers]
    text = "\r\n".join(line for line in lines if line)
    got, fields, content = _raw(replay, text.encode() + b"\r\n\r\n" + body)
    assert got == status, content
    if code is not None:
        answer = json.loads(content)
        assert set(answer) == {"error", "detail"}
        assert answer["error"] == code
    assert fields["content-type"] == "application/json"
    assert fields["x-content-type-options"] == "nosniff"
    assert fields["cache-control"] == "no-store"
    assert replay.get("/api/recordings")[0] == 200


def test_a_logout_is_known_everywhere_and_after_a_restart(
    clickhouse: ClickHouseServer, cluster: ClusterSettings, tmp_path: Path
) -> None:
    """A login that was ended at one process opens nothing at another, nor at one started later with the same key.

    What ended before a start is not known without ClickHouse: older cookies wait for it then, and new ones do not.
    """
    projects = write_projects(tmp_path)
    shared = {"COOKIE_KEY": "k" * 32, "LOGOUT_SECONDS": "0.2"}
    with (
        running(cluster, projects, tmp_path, **shared) as first,
        running(cluster, projects, tmp_path, **shared) as second,
    ):
        mine, others = _log_in(first)[1], _log_in(second)[1]
        assert _ask(second, PATH, mine)[0] == 422
        assert _ask(first, "/logout", mine, "POST")[0] == 204
        assert _ask(first, PATH, mine)[0] == 401
        _until(lambda: _ask(second, PATH, mine)[0] == 401)
        assert _ask(first, PATH, others)[0] == 422
    clickhouse.kill()
    try:
        third = ReplayProcess(cluster, projects, tmp_path / "third.log", REELSTREAM_REPLAY_COOKIE_KEY="k" * 32)
        _until(lambda: _lives(third))
        status, _, body = _ask(third, PATH, others)
        assert (status, json.loads(body)["error"]) == (503, "store_unavailable")
        assert _ask(third, PATH, _log_in(third)[1])[0] == 422
    finally:
        clickhouse.start()
    _until(lambda: _ask(third, PATH, others)[0] == 422)
    assert _ask(third, PATH, mine)[0] == 401
    third.stop()


def _lives(replay: ReplayProcess) -> bool:
    try:
        return replay.get("/livez", port=replay.probes)[0] == 200
    except OSError:
        return False


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
