"""Whether a transaction is open on a topic, as anyone can see who may read it.

Asked in a process of its own: a run that killed the broker seventy times ended with a fault in the test's own process,
where a Kafka client left behind is the likely cause.
"""

from __future__ import annotations

import subprocess
import sys
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


def wait_for_open_transaction(brokers: str, topic: str, seconds: float) -> None:
    """Return the moment there is one, or when the time is over."""
    command = [sys.executable, "-m", "tests.chaos.transactions", brokers, topic, str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as asking:
        assert asking.stdout is not None
        answer = asking.stdout.readline()
        # Taking its client down in order would take longer than a transaction is open.
        asking.kill()
    assert answer, f"{topic} could not be looked at"


if __name__ == "__main__":
    OpenTransactions(sys.argv[1], sys.argv[2]).wait(float(sys.argv[3]))
    print("looked", flush=True)
