"""Commits offsets through a broker's restart.

While the coordinator is away, a commit fails at once, and Quix Streams ends the process for it. Its successor joins a
group whose coordinator is just loading its state, beside a member that is dead: Kafka 4.3 was seen to wait for that
member for a whole poll interval. What a checkpoint stored is stored, so that waiting with its commit costs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from confluent_kafka import KafkaError, KafkaException

PATIENCE_SECONDS = 30.0
WAIT_SECONDS = 0.25
# The coordinator is away, unknown, or not ready yet. A lost membership is not among them: it needs a rebalance.
_PASSING = frozenset(
    {
        KafkaError._WAIT_COORD,
        KafkaError._TRANSPORT,
        KafkaError._TIMED_OUT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
        KafkaError.REQUEST_TIMED_OUT,
    }
)

Commit = Callable[..., Any]


def patient(
    commit: Commit, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
) -> Commit:
    """A consumer's `commit` that tries again, for PATIENCE_SECONDS, what fails for a reason that passes."""

    def call(*args: Any, **options: Any) -> Any:
        deadline = clock() + PATIENCE_SECONDS
        while True:
            try:
                partitions = commit(*args, **options)
            except KafkaException as failure:
                if failure.args[0].code() not in _PASSING or clock() >= deadline:
                    raise
            else:
                errors = [each.error for each in partitions or () if each.error]
                if not errors or any(error.code() not in _PASSING for error in errors) or clock() >= deadline:
                    return partitions
            sleep(WAIT_SECONDS)

    return call
