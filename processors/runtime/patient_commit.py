"""Commits offsets through a broker's restart, for a sink whose rows may be stored again.

While the coordinator is away, a commit fails at once, and Quix Streams ends the process for it. Its successor joins a
group whose coordinator is just loading its state, beside a member that is dead: Kafka 4.3 was seen to wait for that
member for a whole poll interval. What a checkpoint stored is stored, so that waiting with its commit costs nothing.

When the coordinator came back too late, the group has given the member up. Then nothing can be committed, and nothing
need be: the next poll joins anew, reading goes on at the last commit, and what is stored is skipped.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import structlog
from confluent_kafka import KafkaError, KafkaException, TopicPartition

_log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 30.0
WAIT_SECONDS = 0.25
# The coordinator is away, unknown, or not ready yet.
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
_GIVEN_UP = frozenset({KafkaError.UNKNOWN_MEMBER_ID, KafkaError.ILLEGAL_GENERATION})

Commit = Callable[..., Any]


def patient(
    commit: Commit, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
) -> Commit:
    """A consumer's `commit` that tries again, for PATIENCE_SECONDS, what fails for a reason that passes.

    Returns nothing when the group has given the member up: a rebalance follows.
    """

    def call(*args: Any, **options: Any) -> Any:
        deadline = clock() + PATIENCE_SECONDS
        while True:
            failure: KafkaException | None = None
            partitions: list[TopicPartition] = []
            try:
                partitions = commit(*args, **options) or []
            except KafkaException as error:
                failure = error
            codes = {failure.args[0].code()} if failure else {each.error.code() for each in partitions if each.error}
            if codes and codes <= _GIVEN_UP:
                _log.warning("membership_lost")
                return []
            if not codes or not codes <= _PASSING or clock() >= deadline:
                if failure:
                    raise failure
                return partitions
            sleep(WAIT_SECONDS)

    return call
