"""Everything that is done for one record or wake-up, between two looks at the log: what goes wrong there is noted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from confluent_kafka import KafkaError, KafkaException
from quixstreams.exceptions import QuixException

from processors.runtime.crashes import CrashLedger
from processors.stop import StopError
from service.metrics import Metrics

_log = structlog.get_logger(__name__)
# What the broker or its client says of a message itself. Everything else that they say is nobody's record's doing.
_OF_THE_MESSAGE = frozenset({KafkaError.MSG_SIZE_TOO_LARGE, KafkaError._INVALID_ARG, KafkaError._BAD_MSG})


class Guard:
    """Notes in the ledger of a stage what stops its worker."""

    def __init__(self, stage: str, ledger: CrashLedger, metrics: Metrics) -> None:
        self._stage = stage
        self._ledger = ledger
        self._crashes = metrics.counter("reelstream_stage_crashes_total", stage)

    @contextmanager
    def hold(self, coordinates: str) -> Iterator[int]:
        """Around the work for the record or wake-up of these coordinates; gives how often it stopped workers before.

        What the work raises is raised on. It is noted first, durably, so that the third crash is the last; but not
        what the broker, its client or a person must mend: that would have stopped the worker at any record.
        """
        try:
            yield self._ledger.count(coordinates)
        except Exception as error:
            if is_of_the_record(error):
                count = self._ledger.note(coordinates)
                self._crashes.inc()
                _log.error("record_crashed", stage=self._stage, coordinates=coordinates, count=count)
            raise


def is_of_the_record(error: Exception) -> bool:
    """Whether the record at hand is to blame for an exception, as far as its kind tells."""
    if isinstance(error, KafkaException):
        code = error.args[0].code() if error.args and isinstance(error.args[0], KafkaError) else None
        return code in _OF_THE_MESSAGE
    return not isinstance(error, StopError | QuixException | BufferError)
