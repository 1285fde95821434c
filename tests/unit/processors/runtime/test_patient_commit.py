"""Commits while the group's coordinator is away."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from processors.runtime.patient_commit import PATIENCE_SECONDS, patient


class Coordinator:
    """Answers commits from a list: an error to raise, one to report of a partition, or None. The clock is its own."""

    def __init__(self, *answers: KafkaError | tuple[KafkaError] | None) -> None:
        self.answers = list(answers)
        self.now = 0.0
        self.asked: list[dict[str, Any]] = []

    def commit(self, **options: Any) -> list[Any]:
        self.asked.append(options)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, KafkaError):
            raise KafkaException(answer)
        return [_Partition(answer[0] if answer else None)]

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def call(self) -> Any:
        return patient(self.commit, lambda: self.now, self.sleep)(offsets=[TopicPartition("t", 0, 5)])


class _Partition:
    def __init__(self, error: KafkaError | None) -> None:
        self.error = error


AWAY = KafkaError(KafkaError._WAIT_COORD)
LOADING = KafkaError(KafkaError.COORDINATOR_LOAD_IN_PROGRESS)
GIVEN_UP = KafkaError(KafkaError.UNKNOWN_MEMBER_ID)
OLD = KafkaError(KafkaError.ILLEGAL_GENERATION)
REFUSED = KafkaError(KafkaError.GROUP_AUTHORIZATION_FAILED)


def test_a_commit_waits_for_the_coordinator() -> None:
    """What fails because the coordinator is away or loading is tried again, with the same offsets."""
    coordinator = Coordinator(AWAY, AWAY, (LOADING,), None)
    (partition,) = coordinator.call()
    assert partition.error is None
    assert len(coordinator.asked) == 4
    assert all(options == coordinator.asked[0] for options in coordinator.asked)


@pytest.mark.parametrize(
    "coordinator", [Coordinator(GIVEN_UP), Coordinator(AWAY, OLD), Coordinator((GIVEN_UP,)), Coordinator((OLD,))]
)
def test_a_lost_membership_is_no_error(coordinator: Coordinator) -> None:
    """A consumer that lost its place in the group goes on at once: it joins anew, and what it stored is skipped."""
    assert coordinator.call() == []
    assert coordinator.now < 1


def test_what_does_not_pass_is_told_at_once() -> None:
    """Another refusal is raised, or left to who asked when it is a partition's."""
    with pytest.raises(KafkaException):
        Coordinator(REFUSED).call()
    (partition,) = Coordinator((REFUSED,)).call()
    assert partition.error == REFUSED


def test_patience_ends() -> None:
    """A coordinator that stays away is told of after all, as its answer has it."""
    away, loading = Coordinator(AWAY), Coordinator((LOADING,))
    with pytest.raises(KafkaException):
        away.call()
    (partition,) = loading.call()
    assert partition.error == LOADING
    assert all(PATIENCE_SECONDS <= each.now < PATIENCE_SECONDS + 1 for each in (away, loading))
