"""What a process says of the exception that ends it."""

from __future__ import annotations

import structlog
from confluent_kafka import KafkaError, KafkaException
from structlog.testing import capture_logs

from processors.runtime.run import _log_failure


def test_what_the_client_said_is_told_and_nothing_else() -> None:
    """The Kafka client's own words are in the log where another exception wraps them, whose text is not."""
    error = RuntimeError("SECRET of a record")
    error.__cause__ = KafkaException(KafkaError(KafkaError._TIMED_OUT))
    with capture_logs() as entries:
        _log_failure(structlog.get_logger(), error)
    (entry,) = entries
    assert "_TIMED_OUT" in entry["cause"]
    assert "SECRET" not in str(entry)
    error.__cause__ = ValueError("SECRET too")
    with capture_logs() as entries:
        _log_failure(structlog.get_logger(), error)
    assert "SECRET" not in str(entries)
