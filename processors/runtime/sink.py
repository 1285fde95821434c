"""Runs the sink: topics in, rows out. At least once from Kafka, once in ClickHouse by what the writer knows.

A checkpoint stores its rows first and commits offsets after. A crash between the two reads the same records again,
and the writer skips what is stored.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import orjson
import structlog
from confluent_kafka import TopicPartition
from quixstreams.sinks import BaseSink, SinkBackpressureError

from processors.outcome import Dead
from processors.record import Record
from processors.runtime.application import StageApplication, create_application, time_commits
from processors.runtime.crashes import LIMIT
from processors.runtime.emit import Emitter
from processors.runtime.guard import Guard, start_guard
from processors.runtime.offsets import Offsets
from processors.runtime.patient_commit import patient
from processors.runtime.places import Gap, Places
from processors.runtime.polling import follow_reading
from processors.runtime.reading import read_as_it_lies, read_record
from processors.runtime.run import Shell, run_process, samples_of
from processors.runtime.settings import StageSettings
from processors.runtime.topic_ids import TopicWatch, topic_ids
from processors.runtime.unread import Unread, loss_of
from processors.stop import StopError
from processors.topology import StageSpec
from schemas.reasons import Reason
from schemas.topics import LOSSES
from service.environment import ClusterSettings
from service.metrics import Metrics
from sql.store import UnavailableError

_log = structlog.get_logger(__name__)
# How long the sink leaves a store alone that did not take a checkpoint.
PAUSE_SECONDS = 3.0


class Writer(Protocol):
    """Stores the records of a checkpoint, each once. Topics and coordinates are without the deployment's prefix."""

    pending_bytes: int

    def add(self, topic: str, record: Record) -> None:
        """Take a record for the next flush."""

    def set_aside(self, record: Record, reason: Reason) -> None:
        """Take a record of which the next flush makes a dead letter."""

    def flush(self) -> None:
        """Store all that was added; UnavailableError if the store stays away."""

    def clear(self) -> None:
        """Forget what was added."""

    def forget(self, topic: str, partition: int) -> None:
        """A partition came or went."""

    def check_end(self, coordinates: str) -> None:
        """The next offset a partition will write; StopError if what is stored lies beyond it."""


S = TypeVar("S", bound="SinkLoopSettings")


class SinkLoopSettings(StageSettings):
    """What the loop needs to know beside what every stage has."""

    checkpoint_bytes: int


BuildWriter = Callable[[S, ClusterSettings, Metrics, Callable[[Record, Dead], None]], Writer]


def run_sink(spec: StageSpec, kind: type[S], build: BuildWriter[S]) -> None:
    """Run the sink until SIGTERM. Exit code 2: settings; 1: anything unexpected."""

    def body(shell: Shell, settings: S) -> None:
        cluster = shell.cluster
        app = create_application(spec, settings, cluster, shell.metrics, guarantee="at-least-once")
        app._consumer.commit = patient(app._consumer.commit)  # type: ignore[method-assign]
        time_commits(app, spec.name, shell.metrics)
        emitter = Emitter(spec, app._producer, shell.metrics, cluster.topic_prefix, samples_of(settings))

        def on_dead(record: Record, dead: Dead) -> None:
            emitter.emit(record.key, record, dead)
            # Durable before what lies behind the record is stored.
            if app._producer.flush(30):
                raise RuntimeError("a dead letter was not delivered in 30 s")

        epochs = topic_ids(cluster, shell.input_topics(spec))
        places, watch = Places(epochs), TopicWatch(cluster, epochs)
        offsets = Offsets(spec, app, cluster, epochs, places)
        app.before_assigned, app.after_revoked = offsets.place, offsets.drop
        follow_reading(app, shell.input_topics(spec), places)
        guard = start_guard(spec, settings, cluster, shell.metrics, app)
        writer = build(settings, cluster, shell.metrics, on_dead)
        sink = CheckpointSink(spec, app, writer, epochs, shell, settings, guard, watch)
        sink.unread = Unread(spec.name, app, offsets, places, shell.metrics, sink.write_gap)
        app._dataframe_registry.register_periodic_task(sink.turn)
        app.on_assigned = sink.assigned
        app.on_revoked = sink.revoked
        for name in shell.input_topics(spec):
            topic = read_as_it_lies(app.topic(name, key_deserializer="bytes", value_deserializer="bytes"))
            app.dataframe(topic).sink(sink)
        app.run()

    run_process(spec, kind, body)


class CheckpointSink(BaseSink):
    """Quix Streams' side of a writer."""

    def __init__(
        self,
        spec: StageSpec,
        app: StageApplication,
        writer: Writer,
        epochs: dict[str, str],
        shell: Shell,
        settings: SinkLoopSettings,
        guard: Guard,
        watch: TopicWatch | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(on_client_connect_success=_quiet)
        self._stage = spec.name
        self._app = app
        self._writer = writer
        self._epochs = epochs
        self._prefix = shell.cluster.topic_prefix
        self._metrics = shell.metrics
        self._heartbeat = shell.heartbeat
        self._limit = settings.checkpoint_bytes
        self._guard = guard
        self._watch = watch
        self.unread: Unread | None = None
        self._clock = clock
        self._unchecked: list[TopicPartition] = []
        self._flushing = threading.Lock()

    def turn(self) -> None:
        """Called on every turn of the loop."""
        self._heartbeat.beat()
        if self._watch is not None:
            self._watch.look()
        self._settle()

    def write_gap(self, gap: Gap, now: int) -> None:
        """Store a range that was lost as the record at its last offset: once, however often it is found."""
        name = gap.topic.removeprefix(self._prefix)
        loss = orjson.dumps(loss_of(gap, self._stage, name, now))
        coordinates = f"{gap.epoch}/{name}/{gap.partition}/{gap.last}"
        self._writer.add(LOSSES.name, Record("", {}, loss, now, coordinates))

    def add(self, value: Any, key: Any, timestamp: int, headers: Any, topic: str, partition: int, offset: int) -> None:
        """Hand one record to the writer; a full checkpoint ends with this record."""
        self._settle()
        name = topic.removeprefix(self._prefix)
        now = int(self._clock() * 1000)
        coordinates = f"{self._epochs[topic]}/{name}/{partition}/{offset}"
        with self._guard.hold(coordinates) as crashes:
            record, sound = read_record(name, key, headers, value, timestamp, coordinates, now)
            if crashes >= LIMIT:
                _log.error("record_set_aside", stage=self._stage, coordinates=coordinates)
                self._writer.set_aside(record, Reason.CRASHED)
            elif sound:
                self._writer.add(name, record)
            else:
                self._writer.set_aside(record, Reason.BAD_HEADERS)
        self._metrics.counter("reelstream_stage_bytes_total", self._stage, "in").inc(len(record.value))
        self._metrics.histogram("reelstream_stage_age_seconds", self._stage).observe(
            max(now - record.received, 0) / 1000
        )
        if self._writer.pending_bytes >= self._limit:
            # Quix ends checkpoints by time or count; a count of one ends this one now.
            self._app._processing_context.checkpoint._commit_every = 1

    def flush(self) -> None:
        """Store the checkpoint. While the store is away, partitions pause and go back to its start."""
        with self._flushing:
            try:
                if self._watch is not None:
                    # Before anything is stored under an id that its topic no longer has.
                    self._watch.check()
                while self._unchecked:
                    self._check(self._unchecked[-1])
                    self._unchecked.pop()
                self._writer.flush()
            except UnavailableError:
                self._writer.clear()
                _log.warning("store_away", retry_seconds=PAUSE_SECONDS)
                raise SinkBackpressureError(retry_after=PAUSE_SECONDS) from None

    def assigned(self, partitions: list[TopicPartition]) -> None:
        """Partitions came: what others stored meanwhile is read again."""
        self._heartbeat.assign(len(partitions))
        for partition in partitions:
            self._writer.forget(partition.topic.removeprefix(self._prefix), partition.partition)
        self._unchecked += partitions

    def revoked(self, partitions: list[TopicPartition]) -> None:
        """Partitions went, after their last checkpoint or without one. StopError if that one is still being stored.

        Quix gives a flush some seconds when partitions go, and leaves its thread running. That thread would clear away
        what is read afterwards, and the next checkpoint would commit it: only the end of the process stops it.
        """
        if self._flushing.locked():
            raise StopError("A checkpoint is still being stored though its partitions are gone: starting anew.")
        self._heartbeat.revoke(len(partitions))
        gone = {(partition.topic, partition.partition) for partition in partitions}
        for topic, number in gone:
            self._writer.forget(topic.removeprefix(self._prefix), number)
        self._unchecked = [each for each in self._unchecked if (each.topic, each.partition) not in gone]

    def _settle(self) -> None:
        if self.unread is not None:
            self.unread.settle(int(self._clock() * 1000))

    def _check(self, partition: TopicPartition) -> None:
        _, end = self._app._consumer.get_watermark_offsets(partition, timeout=30)
        name = partition.topic.removeprefix(self._prefix)
        self._writer.check_end(f"{self._epochs[partition.topic]}/{name}/{partition.partition}/{end}")


def _quiet() -> None:
    """The writer connects when it first needs to, so there is nothing to announce."""
