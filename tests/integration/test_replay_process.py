"""The service as it is started: `reelstream replay` on real ports."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.environment import ClusterSettings
from tests.integration.migrated import ClickHouseServer, migrated_cluster
from tests.integration.replay_process import SESSION, TOKEN, ReplayProcess, running, store_megabytes, write_projects


@pytest.fixture
def cluster(clickhouse: ClickHouseServer) -> ClusterSettings:
    return migrated_cluster(clickhouse)


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    return write_projects(tmp_path)


@pytest.fixture
def replay(cluster: ClusterSettings, projects: Path, tmp_path: Path) -> Iterator[ReplayProcess]:
    with running(cluster, projects, tmp_path) as process:
        yield process


def test_serves_and_stops(cluster: ClusterSettings, replay: ReplayProcess) -> None:
    """It answers on its port, counts on its probe port, and SIGTERM ends it with code 0; no token reaches its log."""
    store_megabytes(cluster, 1)
    status, body = replay.get("/api/recordings")
    assert status == 200
    assert [recording["session_id"] for recording in json.loads(body)["recordings"]] == [SESSION]
    assert replay.get("/metrics")[0] == 404
    metrics = replay.get("/metrics", port=replay.probes)[1].decode()
    assert 'reelstream_replay_requests_total{route="/api/recordings",status="200"} 1.0' in metrics
    assert SESSION not in metrics
    replay.process.send_signal(signal.SIGTERM)
    assert replay.process.wait(20) == 0
    log = replay.log()
    assert "cookie_key_made" in log
    assert TOKEN not in log
    assert SESSION not in log
    assert all(json.loads(line) for line in log.splitlines())


def test_what_is_no_http_leaves_no_trace_in_the_log(replay: ReplayProcess) -> None:
    """A request that cannot be read is answered 400 and counted, and nothing of it is written down."""
    with socket.create_connection(("127.0.0.1", replay.port), timeout=10) as peer:
        peer.sendall(b"GET /secret-path HTTP/1.1\r\nsecret header\r\n\r\n")
        answer = peer.recv(2000)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b'"error":"bad_request"' in answer
    assert 'reelstream_server_refusals_total{code="bad_request"} 1.0' in replay.metrics()
    assert "secret" not in replay.log()


def test_stream_breaks_off_visibly(
    clickhouse: ClickHouseServer, cluster: ClusterSettings, replay: ReplayProcess
) -> None:
    """When ClickHouse dies during a stream the body has no end, so no player takes the rest for nothing."""
    store_megabytes(cluster, 60)
    answer = replay.open(f"/api/recordings/{SESSION}/events")
    assert answer.status == 200
    assert answer.read(100_000)
    clickhouse.kill()
    try:
        with pytest.raises(http.client.IncompleteRead):
            answer.read()
    finally:
        clickhouse.start()
    assert "Traceback" not in replay.log()
    status, body = replay.get(f"/api/recordings/{SESSION}/events")
    assert (status, len(body.splitlines())) == (200, 60)


def test_memory_does_not_grow_with_a_recording(cluster: ClusterSettings, replay: ReplayProcess) -> None:
    """A recording many times larger than a batch is streamed in memory that it does not fill."""
    store_megabytes(cluster, 150)
    before = replay.megabytes("VmHWM")
    status, body = replay.get(f"/api/recordings/{SESSION}/events")
    assert (status, len(body.splitlines())) == (200, 150)
    assert len(body) > 120_000_000
    assert replay.megabytes("VmHWM") - before < 80


def test_stalled_reader_is_dropped(cluster: ClusterSettings, projects: Path, tmp_path: Path) -> None:
    """A reader that takes nothing does not keep its place from others for longer than the setting says."""
    store_megabytes(cluster, 40)
    settings = {"REELSTREAM_REPLAY_EVENT_STREAMS": "1", "REELSTREAM_REPLAY_STALL_SECONDS": "1"}
    replay = ReplayProcess(cluster, projects, tmp_path / "replay.log", **settings)
    path = f"/api/recordings/{SESSION}/events"
    try:
        replay.wait()
        stalled = replay.open(path)
        assert stalled.status == 200
        assert replay.get(path)[0] == 503
        deadline = time.monotonic() + 30
        while replay.get(path)[0] == 503:
            assert time.monotonic() < deadline, "the place was never given back"
            time.sleep(0.2)
        assert 'reelstream_server_closed_total{reason="stalled"} 1.0' in replay.metrics()
        assert "Traceback" not in replay.log()
    finally:
        replay.process.kill()
        replay.process.wait()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"REELSTREAM_REPLAY_COOKIE_KEY": "short"}, "REELSTREAM_REPLAY_COOKIE_KEY"),
        ({"REELSTREAM_REPLAY_THREADS": "none"}, "REELSTREAM_REPLAY_THREADS"),
        ({"REELSTREAM_REPLAY_COLOUR": "red"}, "REELSTREAM_REPLAY_COLOUR"),
        ({"REELSTREAM_PROJECTS": "/nowhere.yaml"}, "/nowhere.yaml"),
    ],
)
def test_bad_settings_end_it(
    cluster: ClusterSettings, projects: Path, tmp_path: Path, settings: dict[str, str], named: str
) -> None:
    """Settings it cannot use are one line that names them, and exit code 2."""
    replay = ReplayProcess(cluster, projects, tmp_path / "replay.log", **settings)
    assert replay.process.wait(30) == 2
    (line,) = replay.log().splitlines()
    assert named in line
