"""The one-machine stack's ClickHouse keeps what it acknowledged when its process is killed."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from clickhouse_connect.driver.exceptions import ClickHouseError
from urllib3.exceptions import HTTPError

from tests.integration.local_clickhouse_server import Server, running_server

ROWS_PER_INSERT = 100
WRITERS = 3


class _Writer(threading.Thread):
    """Inserts numbered batches until told to stop; repeats a batch until it is acknowledged.

    Each attempt has a deduplication token of its own: ClickHouse notes a token just before it keeps the rows, so after
    a kill between the two it takes the same token for a repetition of rows that it has not got.
    """

    def __init__(self, server: Server, number: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.acknowledged = 0
        self._server = server
        self._number = number
        self._stop_asked = stop

    def run(self) -> None:
        while not self._stop_asked.is_set():
            token = f"{self._number}:{self.acknowledged}"
            attempt = 0
            while not self._insert(token, attempt):
                attempt += 1
                time.sleep(0.1)
            self.acknowledged += 1

    def _insert(self, token: str, attempt: int) -> bool:
        try:
            with self._server.client(connect_timeout=2) as client:
                client.insert(
                    "written",
                    [[token] * ROWS_PER_INSERT, list(range(ROWS_PER_INSERT))],
                    column_names=["token", "number"],
                    column_oriented=True,
                    settings={"async_insert": 0, "insert_deduplication_token": f"{token}:{attempt}"},
                )
        except (ClickHouseError, HTTPError, OSError):
            return False
        return True


def test_killed_under_inserts_it_has_what_it_acknowledged(tmp_path: Path) -> None:
    """After three kills under concurrent inserts every acknowledged row is there, and the table is sound."""
    with running_server(tmp_path) as server:
        with server.client() as client:
            client.command(
                "CREATE TABLE written (token String, number UInt32) ENGINE = MergeTree ORDER BY (token, number)"
                " SETTINGS non_replicated_deduplication_window = 1000"
            )
        stop = threading.Event()
        writers = [_Writer(server, number, stop) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        for _ in range(3):
            before = sum(writer.acknowledged for writer in writers)
            while sum(writer.acknowledged for writer in writers) < before + 20:
                time.sleep(0.01)
            server.kill()
            server.start()
        stop.set()
        for writer in writers:
            writer.join(timeout=60)
        server.kill()
        server.start()
        acknowledged = sum(writer.acknowledged for writer in writers)
        with server.client() as client:
            found = client.query("SELECT uniqExact(token, number) FROM written").result_rows
            assert found == [(acknowledged * ROWS_PER_INSERT,)]
            assert client.command("CHECK TABLE written", settings={"check_query_single_value_result": 1}) == 1
            assert client.query("SELECT count() FROM system.detached_parts").result_rows == [(0,)]


def test_it_ends_cleanly_and_finds_its_data(tmp_path: Path) -> None:
    """SIGTERM ends it with exit code 0; started again it has its tables."""
    server = Server(tmp_path)
    server.start()
    with server.client() as client:
        client.command("CREATE TABLE kept (a UInt8) ENGINE = MergeTree ORDER BY a")
        client.insert("kept", [[1]], column_names=["a"])
    assert server.stop() == 0
    server.start()
    with server.client() as client:
        assert client.query("SELECT a FROM kept").result_rows == [(1,)]
    server.kill()
