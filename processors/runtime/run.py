"""The composition root of every stage: settings, log, metrics, probes, application, loop."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, TypeVar

import structlog
from confluent_kafka import KafkaException, TopicPartition

from processors.runtime.application import StageApplication, create_application, time_commits
from processors.runtime.control import open_control
from processors.runtime.emit import Emitter
from processors.runtime.guard import start_guard
from processors.runtime.heartbeat import Heartbeat
from processors.runtime.inputs import Inputs
from processors.runtime.offsets import Offsets
from processors.runtime.places import Places
from processors.runtime.polling import follow_reading
from processors.runtime.samples import Samples
from processors.runtime.settings import StageSettings
from processors.runtime.topic_ids import TopicWatch, topic_ids
from processors.runtime.worker import Connected, Worker
from processors.stage import Stage
from processors.stop import StopError
from processors.topology import StageSpec
from schemas.project import ProjectFileError
from schemas.topics import CONTROL
from service.disk import free_bytes, low_disk
from service.environment import ClusterSettings, SettingsError, describe, load
from service.log import configure
from service.metrics import Metrics
from service.probes import serve_probes

T = TypeVar("T", bound=StageSettings)
# Their exceptions speak of brokers, topics and offsets, never of a record's content.
_CLIENTS = ("confluent_kafka", "cimpl", "quixstreams")


def run_stage(
    spec: StageSpec, kind: type[T], build: Callable[[T, ClusterSettings], Stage], *, compiled: bool = False
) -> None:
    """Run a stage between topics until SIGTERM. Exit code 2: settings; 1: anything unexpected.

    `compiled` says that the stage's own modules are machine code: the log and the metrics tell.
    """

    def body(shell: Shell, settings: T) -> None:
        stage = build(settings, shell.cluster)
        app = create_application(spec, settings, shell.cluster, shell.metrics, guarantee="exactly-once")
        shell.heartbeat.busy = lambda: bool(app._state_manager.recovery_required)
        time_commits(app, spec.name, shell.metrics)
        follow_assignments(app, shell.heartbeat, shell.input_topics(spec))
        connected = isinstance(stage, Connected)
        # A tombstone on a topic made anew would never be read by who is past its offset in the old one.
        control = [shell.cluster.topic_prefix + CONTROL.name] if connected else []
        ids = topic_ids(shell.cluster, shell.input_topics(spec) + control)
        places, watch = Places(ids), TopicWatch(shell.cluster, ids)
        inputs = Inputs(
            spec.name, shell.cluster, {topic.name: ids[shell.cluster.topic_prefix + topic.name] for topic in spec.reads}
        )
        offsets = Offsets(spec, app, shell.cluster, ids, places, inputs)
        app.before_assigned, app.after_revoked = offsets.place, offsets.drop
        follow_reading(app, shell.input_topics(spec), places, before=watch.check, after=inputs.note)
        Worker(
            spec,
            stage,
            app,
            Emitter(spec, app._producer, shell.metrics, shell.cluster.topic_prefix, samples_of(settings)),
            start_guard(spec, settings, shell.cluster, shell.metrics, app),
            shell.metrics,
            shell.heartbeat,
            ids,
            shell.cluster,
            offsets,
            places,
            watch,
            open_control(shell.cluster) if connected else None,
        )
        app.run()

    run_process(spec, kind, body, compiled=compiled)


class Shell:
    """What every stage process has."""

    def __init__(self, spec: StageSpec, cluster: ClusterSettings, metrics: Metrics) -> None:
        self.cluster = cluster
        self.metrics = metrics
        self.heartbeat = Heartbeat(spec.name, metrics)

    def input_topics(self, spec: StageSpec) -> list[str]:
        """Full names of the topics the stage reads."""
        return [self.cluster.topic_prefix + topic.name for topic in spec.reads]


def run_process(spec: StageSpec, kind: type[T], body: Callable[[Shell, T], None], *, compiled: bool = False) -> None:
    """Settings, log, metrics and probes around `body`; ends the process with the right code."""
    try:
        cluster, settings = load(spec.name, kind, os.environ)
    except SettingsError as error:
        print(f"reelstream {spec.name}: {error}", file=sys.stderr)  # noqa: T201 - there is no log yet
        sys.exit(2)
    log = configure(cluster.log_level, spec.name)
    log.info("process_started", version=version("reelstream"), compiled=compiled, settings=describe(cluster, settings))
    metrics = Metrics()
    metrics.gauge("reelstream_build_info", spec.name, version("reelstream"), str(compiled).lower()).set(1)
    shell = Shell(spec, cluster, metrics)
    port = settings.metrics_port or spec.probe_port
    least_free = int(settings.least_free)

    def ready() -> str | None:
        return shell.heartbeat.ready() or low_disk(cluster.state_dir, least_free)

    metrics.gauge("reelstream_disk_free_bytes", spec.name).set_function(lambda: free_bytes(cluster.state_dir))
    serve_probes(cluster.bind_host, port, metrics, live=shell.heartbeat.live, ready=ready)
    started = time.monotonic()
    try:
        body(shell, settings)
    except Exception as error:
        _log_failure(log, error)
        sys.exit(1)
    log.info("process_stopped", seconds=round(time.monotonic() - started, 1))


def samples_of(settings: StageSettings) -> Samples:
    """Which dead letters of the process are kept."""
    return Samples(settings.dead_letters, int(settings.dead_letter_bytes))


def follow_assignments(app: StageApplication, heartbeat: Heartbeat, topics: list[str]) -> None:
    """Count assigned input partitions; changelog partitions come along and are not counted."""

    def ours(partitions: list[TopicPartition]) -> int:
        return sum(1 for partition in partitions if partition.topic in topics)

    app.on_assigned = lambda partitions: heartbeat.assign(ours(partitions))
    app.on_revoked = lambda partitions: heartbeat.revoke(ours(partitions))


def _log_failure(log: structlog.stdlib.BoundLogger, error: BaseException) -> None:
    """Kind and place of an exception. Its text only where it cannot quote what was being read."""
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    facts: dict[str, Any] = {"error": type(error).__name__, "frames": frames[-12:]}
    if isinstance(error, StopError | ProjectFileError | SettingsError) or type(error).__module__.startswith(_CLIENTS):
        facts["detail"] = str(error)[:500]
    # Quix Streams wraps what its client says, and what is said while partitions are assigned.
    if isinstance(error.__cause__, KafkaException | StopError):
        facts["cause"] = str(error.__cause__)[:500]
    log.error("process_failed", **facts)
