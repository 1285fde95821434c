"""Runs one stage between topics, exactly once.

One call of the stage is one unit: its outcomes, its changes of state and the input's offset are committed in the
same Kafka transaction, or none of them is. After `kill -9` anywhere the next worker finds the state and offset of
the last commit, and readers never saw what came after it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import structlog
from quixstreams import message_context
from quixstreams.dataframe import StreamingDataFrame

from processors.outcome import Dead, Drop
from processors.record import Record
from processors.runtime.application import StageApplication
from processors.runtime.control import ControlFollower
from processors.runtime.crashes import LIMIT
from processors.runtime.emit import Emitter
from processors.runtime.guard import Guard
from processors.runtime.heartbeat import Heartbeat
from processors.runtime.offsets import Offsets
from processors.runtime.places import Gap, Places
from processors.runtime.reading import read_as_it_lies, read_record
from processors.runtime.state import SessionState, StatelessState
from processors.runtime.stores import Stores
from processors.runtime.topic_ids import TopicWatch
from processors.runtime.unread import Unread, loss_of
from processors.runtime.waking import Waking
from processors.stage import Stage
from processors.state import State
from processors.topology import StageSpec
from schemas.control import Tombstones
from schemas.header_forms import events_of
from schemas.reasons import Reason
from service.environment import ClusterSettings
from service.metrics import Metrics

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Partition:
    """An input partition: its number among `count`, and state that its sessions share. No wake-ups belong to it."""

    number: int
    count: int
    state: State


@runtime_checkable
class Connected(Protocol):
    """A stage that asks for more than the state of one session."""

    def connect(self, tombstones: Tombstones, partition: Callable[[], Partition]) -> None:
        """Called once, before the first record. `partition` is the one whose record or wake-up is at hand."""


class Worker:
    """Ties a stage to an application. `clock` is the wall clock in seconds."""

    def __init__(
        self,
        spec: StageSpec,
        stage: Stage,
        app: StageApplication,
        emitter: Emitter,
        guard: Guard,
        metrics: Metrics,
        heartbeat: Heartbeat,
        epochs: dict[str, str],
        cluster: ClusterSettings,
        offsets: Offsets,
        places: Places,
        watch: TopicWatch,
        control: ControlFollower | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._spec = spec
        self._stage = stage
        self._app = app
        self._emitter = emitter
        self._guard = guard
        self._metrics = metrics
        self._heartbeat = heartbeat
        self._control = control
        self._clock = clock
        self._at_hand = 0
        self._partitions = cluster.partitions
        self._topic = cluster.topic_prefix + spec.reads[0].name
        self._name = spec.reads[0].name
        # Coordinates name the topic without the deployment's prefix, as every other text does.
        self._origin = f"{epochs[self._topic]}/{self._name}"
        self._stores = Stores(app, self._compose().stream_id)
        self._places = places
        self._watch = watch
        self._unread = Unread(spec.name, app, offsets, places, metrics, self._write_gap)
        self._waking = Waking(app, self._topic, self._stores, self._wake, self._resume_at) if spec.stateful else None
        if isinstance(stage, Connected) and control is not None:
            stage.connect(control.tombstones, self._partition)

    def _compose(self) -> StreamingDataFrame:
        topic = read_as_it_lies(self._app.topic(self._topic, key_deserializer="bytes", value_deserializer="bytes"))
        frame = self._app.dataframe(topic)
        if self._spec.stateful:
            frame.register_store()
        frame.update(self._on_message, metadata=True)
        # The only turn-by-turn hook of Quix Streams 3.28; its own windows and lookups use it too.
        self._app._dataframe_registry.register_periodic_task(self._on_turn)
        return frame

    def _on_message(self, value: bytes | None, key: bytes | None, timestamp: int, headers: Any) -> None:
        started = time.perf_counter()
        now = int(self._clock() * 1000)
        place = message_context()
        self._unread.settle(now)
        coordinates = f"{self._origin}/{place.partition}/{place.offset}"
        if self._control is not None:
            # The broker's doing, not the record's.
            self._control.wait_for(timestamp)
        self._at_hand = place.partition
        with self._guard.hold(coordinates) as crashes:
            record, sound = read_record(self._name, key, headers, value, timestamp, coordinates, now)
            if self._waking is not None:
                self._waking.saw(place.partition, place.offset, record.received, now)
            self._places.weigh((self._topic, place.partition), len(record.value))
            if sound and self._spec.told_of_gaps:
                record = self._unread.tell(record, (self._topic, place.partition), now)
            if sound:
                self._handle(record, crashes, place.partition, now)
            else:
                self._set_aside(record, Reason.BAD_HEADERS)
        self._metrics.counter("reelstream_stage_bytes_total", self._spec.name, "in").inc(len(record.value))
        self._metrics.histogram("reelstream_stage_seconds", self._spec.name).observe(time.perf_counter() - started)
        self._metrics.histogram("reelstream_stage_age_seconds", self._spec.name).observe(
            max(now - record.received, 0) / 1000
        )

    def _handle(self, record: Record, crashes: int, partition: int, now: int) -> None:
        session = self._stores.session(partition, record.key) if self._waking is not None else None
        state: State = session or StatelessState()
        if crashes < LIMIT:
            # A stage may give its outcomes one by one: all of them are there before the first is written.
            for outcome in list(self._stage.on_record(record, state, now)):
                self._emitter.emit(record.key, record, outcome)
                self._guard.step()
        else:
            if crashes == LIMIT:
                # It may stumble over the same record: the next time it is not asked.
                self._stage.on_crashed(record, state)
            _log.error("record_set_aside", stage=self._spec.name, coordinates=record.coordinates)
            self._set_aside(record, Reason.CRASHED)
        if self._waking is not None and session is not None:
            self._waking.keep(partition, record.key, session, now)

    def _set_aside(self, record: Record, reason: Reason) -> None:
        dead = Dead(reason, record.headers, record.received, events_of(record.headers))
        self._emitter.emit(record.key, record, dead)

    def _on_turn(self) -> None:
        now = int(self._clock() * 1000)
        self._heartbeat.beat()
        self._watch.look()
        self._unread.settle(now)
        if self._control is not None:
            self._control.follow()
        if self._waking is not None and not self._app._state_manager.recovery_required:
            self._waking.turn(now)
            self._metrics.gauge("reelstream_stage_timers", self._spec.name).set(len(self._waking))

    def _wake(self, partition: int, key: str, session: SessionState, now: int) -> None:
        self._at_hand = partition
        with self._guard.hold(f"wake/{key}") as crashes:
            if crashes < LIMIT:
                outcomes = list(self._stage.on_wake(key, session, now))
            else:
                # Nobody knows what it would have written; that something is missing must be seen all the same.
                _log.error("wake_set_aside", stage=self._spec.name)
                outcomes = [Drop(Reason.CRASHED, {}, now, payloads=0)]
            for outcome in outcomes:
                self._emitter.emit(key, None, outcome)
                self._guard.step()

    def _write_gap(self, gap: Gap, now: int) -> None:
        self._emitter.lost(loss_of(gap, self._spec.name, self._spec.reads[0].name, now))

    def _resume_at(self, partition: int) -> int:
        return self._places.resume_at((self._topic, partition))

    def _partition(self) -> Partition:
        return Partition(self._at_hand, self._partitions, self._stores.shared(self._at_hand))
