"""Everything that is done for one record or wake-up, between two looks at the log: what goes wrong there is noted."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from confluent_kafka import KafkaError, KafkaException
from quixstreams.exceptions import QuixException

from processors.runtime.application import StageApplication
from processors.runtime.at_hand import AtHand
from processors.runtime.crashes import CrashLedger, Kind, open_ledger
from processors.runtime.settings import StageSettings
from processors.runtime.watchdog import Watchdog
from processors.stop import StopError
from processors.topology import StageSpec
from service.environment import ClusterSettings
from service.metrics import Metrics

_log = structlog.get_logger(__name__)
# What the broker or its client says of a message itself. Everything else that they say is nobody's record's doing.
_OF_THE_MESSAGE = frozenset({KafkaError.MSG_SIZE_TOO_LARGE, KafkaError._INVALID_ARG, KafkaError._BAD_MSG})


class Guard:
    """Notes in the ledger of a stage what stops its worker, and shows the watchdog what is at `hand`.

    Work of more than `slow_seconds` is noted too: the broker may have given up the transaction that it belongs to, and
    then the next worker finds the same record.
    """

    def __init__(
        self, stage: str, ledger: CrashLedger, metrics: Metrics, hand: AtHand, slow_seconds: float = math.inf
    ) -> None:
        self._stage = stage
        self._ledger = ledger
        self._hand = hand
        self._slow_seconds = slow_seconds
        self._crashes = metrics.counter("reelstream_stage_crashes_total", stage)
        self._noted = {kind: metrics.gauge("reelstream_stage_noted_records", stage, kind.value) for kind in Kind}
        self._show()

    @contextmanager
    def hold(self, coordinates: str) -> Iterator[int]:
        """Around the work for the record or wake-up of these coordinates; gives how often it stopped workers before.

        What the work raises is raised on. It is noted first, durably, so that the third crash is the last; but not
        what the broker, its client or a person must mend: that would have stopped the worker at any record.
        """
        count = self._ledger.count(coordinates)
        self._hand.begin(coordinates, count)
        began = time.monotonic()
        try:
            yield count
        except Exception as error:
            if is_of_the_record(error):
                self._crashes.inc()
                self._note(coordinates, Kind.CRASH, "record_crashed")
            raise
        else:
            if time.monotonic() - began > self._slow_seconds:
                self._note(coordinates, Kind.SLOW, "record_slow")
        finally:
            self._hand.end()

    def step(self) -> None:
        """A step of the work is done: the next has the whole time again."""
        self._hand.go_on()

    def _note(self, coordinates: str, kind: Kind, event: str) -> None:
        count = self._ledger.note(coordinates, kind)
        self._show()
        _log.error(event, stage=self._stage, coordinates=coordinates, count=count)

    def _show(self) -> None:
        for kind, gauge in self._noted.items():
            gauge.set(self._ledger.total(kind))


def start_guard(
    spec: StageSpec, settings: StageSettings, cluster: ClusterSettings, metrics: Metrics, app: StageApplication
) -> Guard:
    """The guard of this process's worker, with its watchdog. KafkaException if the ledger cannot be read."""
    hand = AtHand.create()
    watchdog = Watchdog(spec.name, hand, settings.record_timeout.total_seconds())
    app._dataframe_registry.register_periodic_task(watchdog.check)
    slow = settings.transaction_timeout.total_seconds() if app._processing_context.exactly_once else math.inf
    return Guard(spec.name, open_ledger(spec.name, cluster), metrics, hand, slow)


def is_of_the_record(error: Exception) -> bool:
    """Whether the record at hand is to blame for an exception, as far as its kind tells."""
    if isinstance(error, KafkaException):
        code = error.args[0].code() if error.args and isinstance(error.args[0], KafkaError) else None
        return code in _OF_THE_MESSAGE
    return not isinstance(error, StopError | QuixException | BufferError)
