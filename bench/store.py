"""What ClickHouse would answer a reader right now."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import clickhouse_connect

from bench.broker import StalledError

# A question costs a few milliseconds; asked more often it would slow down what is measured.
LOOK_SECONDS = 0.05

_EVENTS = "SELECT (SELECT sum(events) FROM blocks) + (SELECT sum(events) FROM losses)"
_NEWEST = """
    SELECT toString(session_id), max(last_seq) FROM blocks
    WHERE received_at >= fromUnixTimestamp64Milli({since:Int64}) GROUP BY session_id
"""


class Store:
    """The tables of one deployment."""

    def __init__(self, url: str, database: str) -> None:
        place = urlsplit(url)
        self._client = clickhouse_connect.get_client(host=place.hostname, port=place.port, database=database)
        self._wanted = 0

    def wait_for_more(self, wanted: int, seconds: float) -> float:
        """The moment (monotonic) when `wanted` more rrweb events than after the last call are stored or accounted
        for as lost; StalledError if they do not come.
        """
        self._wanted += wanted
        deadline = time.monotonic() + seconds
        while (found := self._events()) < self._wanted:
            if time.monotonic() > deadline:
                raise StalledError(f"ClickHouse has {found} of {self._wanted} events after {seconds:.0f} s")
            time.sleep(LOOK_SECONDS)
        return time.monotonic()

    def _events(self) -> int:
        return int(self._client.query(_EVENTS).result_rows[0][0])

    def newest(self, since: int) -> dict[str, int]:
        """Highest payload number by session, of sessions received since that moment (ms)."""
        rows = self._client.query(_NEWEST, parameters={"since": since}).result_rows
        return {str(session): int(last) for session, last in rows}

    def close(self) -> None:
        """Leave ClickHouse."""
        self._client.close()
