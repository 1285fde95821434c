"""What the sink does when the group takes its partitions away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from confluent_kafka import TopicPartition

from processors.record import Record
from processors.runtime.application import StageApplication, create_application
from processors.runtime.at_hand import AtHand
from processors.runtime.crashes import CrashLedger
from processors.runtime.guard import Guard
from processors.runtime.run import Shell
from processors.runtime.sink import CheckpointSink, SinkLoopSettings
from processors.stop import StopError
from processors.topology import SINK
from schemas.reasons import Reason
from schemas.topics import BLOCKS
from service.environment import ClusterSettings, role_config
from service.metrics import Metrics

PARTITION = TopicPartition(BLOCKS.name, 0)


class _Settings(SinkLoopSettings):
    model_config = role_config("sink")
    checkpoint_bytes: int = 1 << 20


class _SlowWriter:
    """A store that takes a flush only when it is let."""

    pending_bytes = 0

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.let = threading.Event()
        self.forgotten: list[tuple[str, int]] = []

    def add(self, topic: str, record: Record) -> None:
        """Not called here."""

    def set_aside(self, record: Record, reason: Reason) -> None:
        """Not called here."""

    def flush(self) -> None:
        self.begun.set()
        assert self.let.wait(10)

    def clear(self) -> None:
        """Nothing is kept."""

    def forget(self, topic: str, partition: int) -> None:
        self.forgotten.append((topic, partition))

    def check_end(self, coordinates: str) -> None:
        """Not called here."""


@pytest.fixture
def app(tmp_path: Path) -> StageApplication:
    cluster = ClusterSettings(brokers="127.0.0.1:1", state_dir=tmp_path)
    made = create_application(SINK, _Settings(), cluster, Metrics(process=False), guarantee="at-least-once")
    made._processing_context.init_checkpoint()  # type: ignore[no-untyped-call]
    return made


def _sink(writer: _SlowWriter, tmp_path: Path) -> CheckpointSink:
    shell = Shell(SINK, ClusterSettings(state_dir=tmp_path), Metrics(process=False))
    guard = Guard(SINK.name, CrashLedger(SINK.name, {}, {}, cast(Any, None), ""), shell.metrics, AtHand.create())
    return CheckpointSink(SINK, cast(Any, None), writer, {BLOCKS.name: "epoch"}, shell, _Settings(), guard)


@contextmanager
def _flushing(sink: CheckpointSink, writer: _SlowWriter) -> Iterator[None]:
    thread = threading.Thread(target=sink.flush)
    thread.start()
    assert writer.begun.wait(10)
    try:
        yield
    finally:
        writer.let.set()
        thread.join(10)


def test_offsets_of_lost_partitions_are_not_committed(app: StageApplication) -> None:
    """Rows that were read and not stored go with their partitions, so their offsets go too."""
    revoked: list[TopicPartition] = []
    app.on_revoked = revoked.extend
    app._processing_context.store_offset(topic=PARTITION.topic, partition=0, offset=120)
    assert not app._processing_context.checkpoint.empty()
    app._on_lost(None, [PARTITION])
    assert app._processing_context.checkpoint.empty()
    assert revoked == [PARTITION]


def test_partitions_that_go_while_rows_are_stored_end_the_process(tmp_path: Path) -> None:
    """A flush that Quix gave up waiting for would clear away what is read next."""
    writer = _SlowWriter()
    sink = _sink(writer, tmp_path)
    with _flushing(sink, writer), pytest.raises(StopError, match="still being stored"):
        sink.revoked([PARTITION])
    sink.revoked([PARTITION])
    assert writer.forgotten == [(BLOCKS.name, 0)]
