"""One INSERT until ClickHouse has its rows, whatever happens to ClickHouse or to its answers."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from processors.sink.fence import Fence
from processors.sink.inserts import token
from processors.sink.patience import Patience
from processors.sink.rows import COLUMNS, Row
from service.metrics import Metrics
from sql.store import Store, UnavailableError


class Delivery:
    """Sends rows and believes ClickHouse only what it can know.

    ClickHouse notes a deduplication token just before it keeps the rows. When it is killed between the two, it answers
    a repetition as if it had them (MergeTreeSink.cpp: the log of tokens is written before the part is committed). So
    after a repetition it is asked what it has, and what is missing is sent under another token.
    """

    def __init__(
        self, store: Store, fence: Fence, metrics: Metrics, patience: Patience, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._fence = fence
        self._metrics = metrics
        self._patience = patience
        self._clock = clock
        self.renew_tokens()

    def renew_tokens(self) -> None:
        """From here on use tokens that ClickHouse has not seen: its answer to the first INSERT of each can be believed.

        Call it when what follows repeats nothing. Until then a repetition has its first token, for the case that the
        first INSERT is still being written.
        """
        self._salt = secrets.token_hex(16)
        self._repeating = False

    def deliver(self, rows: list[Row]) -> None:
        """Store rows of one table and last day, in offset order. Raises RefusedDataError, UnavailableError.

        After an UnavailableError they may be stored or not; deliver them again.
        """
        left = rows
        while left:
            try:
                self._send(left)
            except UnavailableError:
                self._forget(left)
                raise
            if not self._repeating:
                return
            self._forget(left)
            left = self._fence.unstored(left)
            self.renew_tokens()

    def _send(self, rows: list[Row]) -> None:
        table = rows[0].table
        columns = list(zip(*(row.values for row in rows), strict=True))
        settings = {"async_insert": 0, "insert_deduplication_token": token(rows, self._salt)}

        def send() -> None:
            started = self._clock()
            try:
                self._store.insert(table, COLUMNS[table], columns, settings=settings)
            except UnavailableError:
                # Nobody knows whether it was stored: whatever is sent under this salt may be a repetition.
                self._repeating = True
                raise
            self._metrics.histogram("reelstream_sink_insert_seconds", table).observe(self._clock() - started)

        self._patience.call(send, self._metrics.counter("reelstream_sink_insert_retries_total", table).inc)

    def _forget(self, rows: list[Row]) -> None:
        for topic, partition in {(row.coordinates.topic, row.coordinates.partition) for row in rows}:
            self._fence.forget(topic, partition)
