"""The service as it is started: `reelstream replay` on real ports."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from processors.sink.writer import Bounds, Writer
from schemas.lines import pack
from schemas.topics import BLOCKS, SESSIONS
from service.environment import ClusterSettings
from service.metrics import Metrics
from tests.integration.migrated import ClickHouseServer, migrated_cluster, open_store
from tests.unit.processors.sink.sink_records import STARTED, block, event_lines, summary, uid

REPOSITORY = Path(__file__).parents[2]
TOKEN = "token-of-shop"
SESSION = uid(1, 1)
_START_SECONDS = 30.0


class _Replay:
    def __init__(self, cluster: ClusterSettings, projects: Path, log: Path, **settings: str) -> None:
        self.port, self.probes = _free_port(), _free_port()
        self._log = log
        environment = {name: text for name, text in os.environ.items() if not name.startswith("REELSTREAM_")}
        environment |= {
            "REELSTREAM_CLICKHOUSE_URL": cluster.clickhouse_url,
            "REELSTREAM_CLICKHOUSE_DATABASE": cluster.clickhouse_database,
            "REELSTREAM_PROJECTS": str(projects),
            "REELSTREAM_REPLAY_PORT": str(self.port),
            "REELSTREAM_REPLAY_METRICS_PORT": str(self.probes),
            **settings,
        }
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "reelstream.py", "replay"], cwd=REPOSITORY, env=environment, stdout=out, stderr=out
            )

    def wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            try:
                if self.get("/readyz", port=self.probes)[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)

    def log(self) -> str:
        return self._log.read_text()

    def open(self, path: str, port: int | None = None) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=20)
        connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})
        return connection.getresponse()

    def get(self, path: str, port: int | None = None) -> tuple[int, bytes]:
        answer = self.open(path, port)
        return answer.status, answer.read()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def cluster(clickhouse: ClickHouseServer) -> ClusterSettings:
    return migrated_cluster(clickhouse)


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    path = tmp_path / "projects.yaml"
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    path.write_text(f"projects:\n  shop:\n    write_keys: [shop]\n    read_token_sha256: [{digest}]\n")
    return path


@pytest.fixture
def replay(cluster: ClusterSettings, projects: Path, tmp_path: Path) -> Iterator[_Replay]:
    process = _Replay(cluster, projects, tmp_path / "replay.log")
    try:
        process.wait()
        yield process
    finally:
        process.process.kill()
        process.process.wait()


def _store_megabytes(cluster: ClusterSettings, count: int) -> None:
    """A recording of `count` blocks of about 0.5 MB that do not compress."""

    def fail(*_: object) -> None:
        raise AssertionError

    store = open_store(cluster)
    writer = Writer(store, Metrics(process=False), Bounds(1000, 64 << 20, 5.0), fail)
    dice = random.Random(5)
    for number in range(count):
        line = event_lines(STARTED + number)[:-2] + b',"noise":"' + dice.randbytes(400_000).hex().encode() + b'"}\n'
        writer.add(BLOCKS.name, block(number, seq=f"{number}-{number}", value=pack(line), times=(STARTED + number,)))
    writer.add(SESSIONS.name, summary(0))
    writer.flush()
    store.close()


def test_serves_and_stops(cluster: ClusterSettings, replay: _Replay) -> None:
    """It answers on its port, counts on its probe port, and SIGTERM ends it with code 0; no token reaches its log."""
    _store_megabytes(cluster, 1)
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


def test_what_is_no_http_leaves_no_trace_in_the_log(replay: _Replay) -> None:
    """A request that cannot be read is answered 400 and noted, without the address or anything that was sent."""
    with socket.create_connection(("127.0.0.1", replay.port), timeout=10) as peer:
        peer.sendall(b"GET /secret-path HTTP/1.1\r\nsecret header\r\n\r\n")
        assert peer.recv(1000).startswith(b"HTTP/1.1 400")
    noted = [line for line in replay.log().splitlines() if "request_unreadable" in line]
    assert len(noted) == 1
    assert "secret" not in replay.log()
    assert "127.0.0.1" not in noted[0]


def test_stream_breaks_off_visibly(clickhouse: ClickHouseServer, cluster: ClusterSettings, replay: _Replay) -> None:
    """When ClickHouse dies during a stream the body has no end, so no player takes the rest for nothing."""
    _store_megabytes(cluster, 60)
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


def test_memory_does_not_grow_with_a_recording(cluster: ClusterSettings, replay: _Replay) -> None:
    """A recording many times larger than a batch is streamed in memory that it does not fill."""
    _store_megabytes(cluster, 150)
    before = _peak_megabytes(replay.process.pid)
    status, body = replay.get(f"/api/recordings/{SESSION}/events")
    assert (status, len(body.splitlines())) == (200, 150)
    assert len(body) > 120_000_000
    assert _peak_megabytes(replay.process.pid) - before < 80


def test_stalled_reader_is_dropped(cluster: ClusterSettings, projects: Path, tmp_path: Path) -> None:
    """A reader that takes nothing does not keep its place from others for longer than the setting says."""
    _store_megabytes(cluster, 40)
    settings = {"REELSTREAM_REPLAY_EVENT_STREAMS": "1", "REELSTREAM_REPLAY_STALL_SECONDS": "1"}
    replay = _Replay(cluster, projects, tmp_path / "replay.log", **settings)
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
        assert "connection_lost" in replay.log()
        assert "Traceback" not in replay.log()
    finally:
        replay.process.kill()
        replay.process.wait()


def _peak_megabytes(pid: int) -> float:
    """Peak memory of gunicorn's worker, the child of `pid`."""
    (worker,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    status = Path(f"/proc/{worker}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


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
    replay = _Replay(cluster, projects, tmp_path / "replay.log", **settings)
    assert replay.process.wait(30) == 2
    (line,) = replay.log().splitlines()
    assert named in line
