"""Whether a transaction is open on a topic, as anyone can see who may read it."""

from __future__ import annotations

import time

from confluent_kafka import IsolationLevel, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

_SECONDS = 10.0


class OpenTransactions:
    """Looks at one topic. What is written lies beyond the last stable offset until its transaction is committed."""

    def __init__(self, brokers: str, topic: str) -> None:
        self._admin = AdminClient({"bootstrap.servers": brokers})
        partitions = self._admin.list_topics(topic, timeout=_SECONDS).topics[topic].partitions
        self._ends = {TopicPartition(topic, number): OffsetSpec.latest() for number in partitions}

    def wait(self, seconds: float) -> None:
        """Return once there is one, or when the time is over."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            # In this order: what is written between the two questions must not look like an open transaction.
            written = self._offsets(IsolationLevel.READ_UNCOMMITTED)
            if self._offsets(IsolationLevel.READ_COMMITTED) < written:
                return

    def _offsets(self, isolation: IsolationLevel) -> int:
        futures = self._admin.list_offsets(self._ends, isolation_level=isolation, request_timeout=_SECONDS)
        return sum(future.result().offset for future in futures.values())
