"""Starting and killing `python -m deploy.local.clickhouse` for the tests of its interface."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import clickhouse_connect
from clickhouse_connect.driver.client import Client

REPOSITORY = Path(__file__).parents[2]
_START_SECONDS = 30.0


class Server:
    """One server process on its own directory and port; it can be killed and started again."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until `/ping` answers."""
        command = [sys.executable, "-m", "deploy.local.clickhouse"]
        self._process = subprocess.Popen([*command, "--data", str(self.data), "--port", str(self.port)], cwd=REPOSITORY)
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, "the server ended instead of starting"
            assert time.monotonic() < deadline, "the server did not answer in time"
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ping", timeout=2) as answer:
                return bool(answer.read() == b"Ok.\n")
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(timeout=30)

    def client(self, **options: Any) -> Client:
        """A new clickhouse-connect client for it."""
        return clickhouse_connect.get_client(host="127.0.0.1", port=self.port, **options)


@contextmanager
def running_server(data: Path) -> Iterator[Server]:
    """A server for as long as the block runs."""
    server = Server(data)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
