"""`reelstream replay` as a process, for tests of it."""

from __future__ import annotations

import hashlib
import http.client
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from processors.sink.writer import Bounds, Writer
from schemas.lines import pack
from schemas.topics import BLOCKS, SESSIONS
from service.environment import ClusterSettings
from service.metrics import Metrics
from tests.integration.migrated import open_store
from tests.unit.processors.sink.sink_records import STARTED, block, event_lines, summary, uid

REPOSITORY = Path(__file__).parents[2]
TOKEN = "token-of-shop"
SESSION = uid(1, 1)
_START_SECONDS = 30.0


class ReplayProcess:
    """One, with its output in a file."""

    def __init__(self, cluster: ClusterSettings, projects: Path, log: Path, **settings: str) -> None:
        self.port, self.probes = free_port(), free_port()
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
        """Until it is ready."""
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
        """What it has written so far."""
        return self._log.read_text()

    def metrics(self) -> str:
        """Its numbers."""
        return self.get("/metrics", port=self.probes)[1].decode()

    def megabytes(self, kind: str = "VmRSS") -> float:
        """Memory of gunicorn's worker; `VmHWM` is its peak."""
        pid = self.process.pid
        (worker,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        status = Path(f"/proc/{worker}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(kind))

    def stop(self) -> None:
        """Kill it."""
        self.process.kill()
        self.process.wait()

    def open(self, path: str, port: int | None = None) -> http.client.HTTPResponse:
        """An answer whose body is not read yet, for the token."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=20)
        connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})
        return connection.getresponse()

    def get(self, path: str, port: int | None = None) -> tuple[int, bytes]:
        """Status and body."""
        answer = self.open(path, port)
        return answer.status, answer.read()


@contextmanager
def running(cluster: ClusterSettings, projects: Path, folder: Path, **settings: str) -> Iterator[ReplayProcess]:
    """A process that is ready, and is killed afterwards. `settings` without their prefix, in capitals."""
    named = {f"REELSTREAM_REPLAY_{name}": text for name, text in settings.items()}
    process = ReplayProcess(cluster, projects, folder / f"replay-{free_port()}.log", **named)
    try:
        process.wait()
        yield process
    finally:
        process.stop()


def write_projects(folder: Path) -> Path:
    """A project file with the project `shop`, which TOKEN reads."""
    path = folder / "projects.yaml"
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    path.write_text(f"projects:\n  shop:\n    write_keys: [shop]\n    read_token_sha256: [{digest}]\n")
    return path


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def store_megabytes(cluster: ClusterSettings, count: int) -> None:
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
