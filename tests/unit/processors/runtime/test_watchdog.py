"""What the watchdog takes for a hang, without its process."""

from __future__ import annotations

import time
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError, KafkaException

from processors.runtime.at_hand import PLACE_BYTES, AtHand, Work
from processors.runtime.crashes import CrashLedger, Kind
from processors.runtime.guard import Guard, is_of_the_record
from processors.runtime.watchdog_process import LOOK_SECONDS, Watch
from processors.stop import StopError
from service.metrics import Metrics

PLACE = "topicId/replay.enriched.v1/0/1"


class _Ledger(CrashLedger):
    """Counts in memory."""

    def __init__(self) -> None:
        super().__init__("privacy", {}, {}, cast(Any, None), "")

    def note(self, coordinates: str, kind: Kind) -> int:
        self._counts[coordinates] = self.count(coordinates) + 1
        self._kinds[coordinates] = kind
        return self.count(coordinates)


@pytest.fixture
def hand() -> AtHand:
    return AtHand.create()


def looks(watch: Watch, count: int, since: float = LOOK_SECONDS) -> Work | None:
    """The last of so many looks."""
    found = None
    for _ in range(count):
        found = watch.look(since)
    return found


def test_what_stays_at_hand_hangs(hand: AtHand) -> None:
    """The same record without a step for the time allowed, seen from another mapping of the same memory."""
    watch = Watch(AtHand(hand.descriptor), 3, lambda: False)
    hand.begin(PLACE, 2)
    assert looks(watch, 6) is None
    assert looks(watch, 1) == Work(hand.look().step, PLACE, 2)  # type: ignore[union-attr]


def test_steps_and_idleness_are_no_hang(hand: AtHand) -> None:
    """A step, another record, or nothing at hand: the time begins anew."""
    watch = Watch(hand, 3, lambda: False)

    def begin_another() -> None:
        hand.begin(PLACE, 0)

    for change in (hand.go_on, begin_another, hand.end):
        hand.begin(PLACE, 0)
        assert looks(watch, 6) is None
        change()
        assert looks(watch, 6) is None
        hand.end()
    assert looks(watch, 100) is None


def test_time_in_which_either_did_not_run_is_not_counted(hand: AtHand) -> None:
    """A stopped worker, and a machine that slept between two looks."""
    stopped = True
    watch = Watch(hand, 3, lambda: stopped)
    hand.begin(PLACE, 0)
    assert looks(watch, 100) is None
    stopped = False
    assert looks(watch, 2, since=3600) is None
    assert looks(watch, 1, since=3600) is not None


def test_coordinates_of_any_length_fit(hand: AtHand) -> None:
    """They are cut; the memory around them is not touched."""
    hand.begin("wake/" + "k" * 5000, 1)
    work = hand.look()
    assert work is not None
    assert len(work.coordinates) == PLACE_BYTES


def test_saying_what_is_at_hand_costs_next_to_nothing(hand: AtHand) -> None:
    """At most 2 microseconds of CPU a record; with room for a slow machine."""
    cheapest = 1.0
    for _ in range(5):
        started = time.process_time()
        for _ in range(10_000):
            hand.begin(PLACE, 0)
            hand.end()
        cheapest = min(cheapest, (time.process_time() - started) / 10_000)
    assert cheapest < 10e-6


def _raise(guard: Guard, error: Exception, before: int) -> None:
    with guard.hold(PLACE) as count:
        assert count == before
        raise error


def test_only_the_record_s_own_doing_is_noted(hand: AtHand) -> None:
    """An exception of the work is; what the broker, its client or a person must mend is not."""
    ledger = _Ledger()
    guard = Guard("privacy", ledger, Metrics(process=False), hand)
    for error in (ValueError(), OSError(), MemoryError(), KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))):
        before = ledger.count(PLACE)
        with pytest.raises(type(error)):
            _raise(guard, error, before)
        assert ledger.count(PLACE) == before + 1
        assert hand.look() is None
    for error in (StopError(), BufferError(), KafkaException(KafkaError(KafkaError._TRANSPORT)), KafkaException("x")):
        assert not is_of_the_record(error)
    assert ledger.total(Kind.CRASH) == 1


def test_work_that_outlasts_its_transaction_is_noted(hand: AtHand) -> None:
    """It may never be committed; what is quick is not noted."""
    ledger = _Ledger()
    with Guard("privacy", ledger, Metrics(process=False), hand, slow_seconds=60).hold(PLACE):
        pass
    assert ledger.count(PLACE) == 0
    with Guard("privacy", ledger, Metrics(process=False), hand, slow_seconds=-1).hold(PLACE):
        pass
    assert (ledger.count(PLACE), ledger.total(Kind.SLOW)) == (1, 1)
