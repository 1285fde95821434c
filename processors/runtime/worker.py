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
from confluent_kafka import TopicPartition
from quixstreams import message_context
from quixstreams.dataframe import StreamingDataFrame
from quixstreams.state.rocksdb import RocksDBStorePartition

from processors.outcome import Dead
from processors.record import Record
from processors.runtime.application import StageApplication
from processors.runtime.control import ControlFollower
from processors.runtime.crashes import CrashLedger
from processors.runtime.emit import Emitter
from processors.runtime.heartbeat import Heartbeat
from processors.runtime.state import WAKE_PREFIX, SessionState, StatelessState
from processors.runtime.wakeups import RESCAN_MS, Wake, Wakeups
from processors.stage import Stage
from processors.state import State
from processors.topology import StageSpec
from schemas import headers as h
from schemas.control import Tombstones
from schemas.reasons import Reason
from service.environment import ClusterSettings
from service.metrics import Metrics

_log = structlog.get_logger(__name__)
# A partition whose records are older than this when read has a backlog.
BEHIND_MS = 60_000
# A partition that has not been read from for this long has none, whatever its last record's age was.
QUIET_MS = 5_000
# Longest a turn of the poll loop may spend on wake-ups before it looks at records again.
WAKE_BUDGET_SECONDS = 0.5
# Where the state that the sessions of a partition share lies in its store, beside those of `state.py`.
PARTITION_PREFIX = b"~partition"


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
        ledger: CrashLedger,
        metrics: Metrics,
        heartbeat: Heartbeat,
        epochs: dict[str, str],
        cluster: ClusterSettings,
        control: ControlFollower | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._spec = spec
        self._stage = stage
        self._app = app
        self._emitter = emitter
        self._ledger = ledger
        self._metrics = metrics
        self._heartbeat = heartbeat
        self._control = control
        self._clock = clock
        self._at_hand = 0
        self._wakeups = Wakeups()
        self._stores: dict[int, object] = {}
        self._offsets: dict[int, int] = {}
        self._read: dict[int, tuple[int, int]] = {}
        self._next_scan = 0
        self._partitions = cluster.partitions
        self._topic = cluster.topic_prefix + spec.reads[0].name
        # Coordinates name the topic without the deployment's prefix, as every other text does.
        self._origin = f"{epochs[self._topic]}/{spec.reads[0].name}"
        self._frame = self._compose()
        if isinstance(stage, Connected) and control is not None:
            stage.connect(control.tombstones, self._partition)

    def _compose(self) -> StreamingDataFrame:
        topic = self._app.topic(self._topic, key_deserializer="bytes", value_deserializer="bytes")
        frame = self._app.dataframe(topic)
        if self._spec.stateful:
            frame.register_store()
        frame.update(self._on_message, metadata=True)
        # The only turn-by-turn hook of Quix Streams 3.28; its own windows and lookups use it too.
        self._app._dataframe_registry.register_periodic_task(self._on_turn)
        return frame

    def _on_message(self, value: bytes, key: bytes | None, timestamp: int, headers: Any) -> None:
        started = time.perf_counter()
        now = int(self._clock() * 1000)
        place = message_context()
        record = Record(
            key=(key or b"").decode("ascii", "replace"),
            headers={name: text.decode("ascii", "replace") for name, text in headers or ()},
            value=value or b"",
            received=timestamp,
            coordinates=f"{self._origin}/{place.partition}/{place.offset}",
        )
        if self._control is not None:
            self._control.wait_for(timestamp)
        self._at_hand = place.partition
        self._offsets[place.partition] = place.offset
        self._read[place.partition] = now, now - timestamp
        state = self._state(place.partition, record.key)
        for outcome in self._outcomes(record, state, now):
            self._emitter.emit(record.key, record, outcome)
        self._keep_wake(place.partition, record.key, state, now)
        self._metrics.counter("reelstream_stage_bytes_total", self._spec.name, "in").inc(len(record.value))
        self._metrics.histogram("reelstream_stage_seconds", self._spec.name).observe(time.perf_counter() - started)
        self._metrics.histogram("reelstream_stage_age_seconds", self._spec.name).observe(max(now - timestamp, 0) / 1000)

    def _outcomes(self, record: Record, state: SessionState | StatelessState, now: int) -> list[Any]:
        if self._ledger.exhausted(record.coordinates):
            self._stage.on_crashed(record, state)
            _log.error("record_set_aside", stage=self._spec.name, coordinates=record.coordinates)
            events = record.headers.get(h.EVENTS, "0")
            return [Dead(Reason.CRASHED, record.headers, record.received, int(events) if events.isdigit() else 0)]
        try:
            return list(self._stage.on_record(record, state, now))
        except Exception:
            # Noted durably before the worker ends, so that the third crash is the last.
            count = self._ledger.note(record.coordinates)
            self._metrics.counter("reelstream_stage_crashes_total", self._spec.name).inc()
            _log.error("record_crashed", stage=self._spec.name, coordinates=record.coordinates, count=count)
            raise

    def _on_turn(self) -> None:
        now = int(self._clock() * 1000)
        self._heartbeat.beat()
        if self._control is not None:
            self._control.follow()
        if not self._spec.stateful or self._app._state_manager.recovery_required:
            return
        self._follow_partitions(now)
        deadline = time.monotonic() + WAKE_BUDGET_SECONDS
        while time.monotonic() < deadline and (due := self._wakeups.next_due(now)) is not None:
            self._wake(*due, now)
        self._metrics.gauge("reelstream_stage_timers", self._spec.name).set(len(self._wakeups))

    def _wake(self, partition: int, key: str, now: int) -> None:
        cells = self._transaction(partition).as_state(prefix=WAKE_PREFIX)
        cell = cells.get_bytes(key)
        if cell is None or (wake := Wake.read(cell)).when > now:
            return  # read from the store before a change that is now in the open transaction
        if wake.sweeps and self._behind(partition, now):
            self._wakeups.put(partition, key, now + BEHIND_MS, now)
            return
        coordinates = f"wake/{key}"
        if self._ledger.exhausted(coordinates):
            _log.error("wake_set_aside", stage=self._spec.name)
            return
        self._at_hand = partition
        state = self._state(partition, key)
        cells.delete(key)
        try:
            outcomes = list(self._stage.on_wake(key, state, now))
        except Exception:
            count = self._ledger.note(coordinates)
            self._metrics.counter("reelstream_stage_crashes_total", self._spec.name).inc()
            _log.error("wake_crashed", stage=self._spec.name, count=count)
            raise
        for outcome in outcomes:
            self._emitter.emit(key, None, outcome)
        self._keep_wake(partition, key, state, now)
        self._fence(partition)

    def _behind(self, partition: int, now: int) -> bool:
        """Whether the partition has a backlog: then the past of a session may still be unread, so none is swept."""
        at, age = self._read.get(partition, (0, 0))
        return age > BEHIND_MS and now - at < QUIET_MS

    def _keep_wake(self, partition: int, key: str, state: SessionState | StatelessState, now: int) -> None:
        if not isinstance(state, SessionState) or not state.wake_asked:
            return
        cells = self._transaction(partition).as_state(prefix=WAKE_PREFIX)
        if state.wake is None:
            cells.delete(key)
        else:
            cells.set_bytes(key, Wake.asked(state.wake, now).cell())
        self._wakeups.put(partition, key, state.wake, now)

    def _fence(self, partition: int) -> None:
        """Commit the partition's offset with what a wake-up wrote.

        Only offsets tie a transaction to the group's generation; without one a paused worker whose partition is
        long someone else's could still commit.
        """
        offsets = self._app._processing_context.checkpoint._tp_offsets
        offset = self._offsets.get(partition)
        if offset is None:
            offset = self._committed(partition) - 1
            self._offsets[partition] = offset
        if offset >= 0:
            offsets.setdefault((self._topic, partition), offset)

    def _committed(self, partition: int) -> int:
        (committed,) = self._app._consumer.committed([TopicPartition(self._topic, partition)], timeout=30)
        return int(committed.offset)

    def _follow_partitions(self, now: int) -> None:
        """Read the wake-ups of partitions that came, forget those that went, and look again now and then."""
        store = self._app._state_manager.get_store(self._frame.stream_id, "default")
        rescan = now >= self._next_scan
        if rescan:
            self._next_scan = now + RESCAN_MS
        for partition in [number for number in self._stores if number not in store.partitions]:
            self._drop_partition(partition)
        for partition, opened in store.partitions.items():
            if self._stores.get(partition) is not opened:
                self._drop_partition(partition)
            elif not rescan:
                continue
            self._stores[partition] = opened
            if not isinstance(opened, RocksDBStorePartition):
                raise RuntimeError("stage state must lie in RocksDB")
            for cell, value in opened.iter_items(WAKE_PREFIX + b"|", WAKE_PREFIX + b"}"):
                key = cell[len(WAKE_PREFIX) + 2 : -1].decode("ascii", "replace")
                self._wakeups.find(partition, key, Wake.read(value).when, now)

    def _drop_partition(self, partition: int) -> None:
        self._stores.pop(partition, None)
        self._offsets.pop(partition, None)
        self._read.pop(partition, None)
        self._wakeups.forget(partition)

    def _transaction(self, partition: int) -> Any:
        return self._app._processing_context.checkpoint.get_store_transaction(
            stream_id=self._frame.stream_id, partition=partition
        )

    def _partition(self) -> Partition:
        cells = self._transaction(self._at_hand).as_state(prefix=PARTITION_PREFIX)
        return Partition(self._at_hand, self._partitions, SessionState(cells))

    def _state(self, partition: int, key: str) -> SessionState | StatelessState:
        if not self._spec.stateful:
            return StatelessState()
        return SessionState(self._transaction(partition).as_state(prefix=key.encode()))
