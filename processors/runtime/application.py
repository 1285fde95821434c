"""A Quix Streams application configured for us, with hooks where the worker needs to know what happens."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal

import orjson
from confluent_kafka import TopicPartition
from quixstreams import Application
from quixstreams.kafka.configuration import ConnectionConfig
from quixstreams.state.rocksdb import RocksDBOptions

from processors.runtime.settings import StageSettings
from processors.topology import StageSpec
from schemas.topics import DEAD, consumer_group
from service.environment import ClusterSettings
from service.kafka import connection
from service.metrics import Metrics

# Room for one dead letter, its headers and the batch around them.
LARGEST_MESSAGE = DEAD.max_bytes
STATISTICS_MS = 5000
# A group was seen to wait this long for a member that died while its coordinator was coming back; the default is five
# minutes. A turn of the loop is one record or one checkpoint; a sink that needs longer for its checkpoint starts anew,
# and skips what is stored.
POLL_INTERVAL_MS = 60_000
# librdkafka holds this much unsent; Quix waits when it is full. Several of the largest messages fit.
QUEUE_KIB = 256 * 1024


class StageApplication(Application):
    """Tells `on_assigned` and `on_revoked` what the group gave and took, after Quix has dealt with it.

    `before_assigned` may set the offsets to read from; `after_revoked` comes after their last commit.
    """

    before_assigned: Callable[[list[TopicPartition]], None] = staticmethod(lambda _: None)
    after_revoked: Callable[[list[TopicPartition]], None] = staticmethod(lambda _: None)
    on_assigned: Callable[[list[TopicPartition]], None]
    on_revoked: Callable[[list[TopicPartition]], None]

    def _on_assign(self, consumer: Any, partitions: list[TopicPartition]) -> None:
        self.before_assigned(partitions)
        super()._on_assign(consumer, partitions)
        self.on_assigned(partitions)

    def _on_revoke(self, consumer: Any, partitions: list[TopicPartition]) -> None:
        super()._on_revoke(consumer, partitions)
        self.after_revoked(partitions)
        self.on_revoked(partitions)

    def _on_lost(self, consumer: Any, partitions: list[TopicPartition]) -> None:
        super()._on_lost(consumer, partitions)
        if not self._processing_context.exactly_once:
            # What was read and is not committed is read again by whoever has the partitions now. Quix keeps the
            # checkpoint, and would commit its offsets. (A transaction is refused by the broker.)
            self._processing_context.init_checkpoint()  # type: ignore[no-untyped-call]
        self.after_revoked(partitions)
        self.on_revoked(partitions)


def create_application(
    spec: StageSpec,
    settings: StageSettings,
    cluster: ClusterSettings,
    metrics: Metrics,
    *,
    guarantee: Literal["exactly-once", "at-least-once"],
) -> StageApplication:
    """The application of one replica of a stage; nothing connects before it runs.

    Stages between topics are static members with a stable transactional id, so that a restarted replica fences
    its dead self at once; two processes with one ordinal therefore never work side by side.
    """
    identity = f"{consumer_group(spec.name, cluster.topic_prefix)}.{cluster.ordinal}"
    # Quix takes only what concerns the connection itself from `connection`.
    reconnect = {"reconnect.backoff.max.ms": connection(cluster)["reconnect.backoff.max.ms"]}
    consumer: dict[str, Any] = {
        **reconnect,
        "session.timeout.ms": _ms(settings.session_timeout.total_seconds()),
        "heartbeat.interval.ms": _ms(settings.session_timeout.total_seconds() / 10),
        "max.poll.interval.ms": POLL_INTERVAL_MS,
        "queued.max.messages.kbytes": settings.prefetch // 1024,
        "fetch.message.max.bytes": settings.prefetch // 2,
        "fetch.max.bytes": settings.prefetch * 2,
        "statistics.interval.ms": STATISTICS_MS,
        "stats_cb": _lag_callback(spec, cluster.topic_prefix, metrics),
        # The end of a partition is committed too (`processors.runtime.polling`).
        "enable.partition.eof": True,
    }
    producer: dict[str, Any] = {
        **reconnect,
        "linger.ms": _ms(settings.linger.total_seconds()),
        "message.max.bytes": LARGEST_MESSAGE,
        "queue.buffering.max.kbytes": QUEUE_KIB,
    }
    if guarantee == "exactly-once":
        consumer["group.instance.id"] = identity
        producer["transactional.id"] = identity
        producer["transaction.timeout.ms"] = _ms(settings.transaction_timeout.total_seconds())
    return StageApplication(
        broker_address=ConnectionConfig.from_librdkafka_dict(connection(cluster), ignore_extras=True),
        consumer_group=consumer_group(spec.name, cluster.topic_prefix),
        # Every partition is assigned with an offset (`processors.runtime.offsets`).
        auto_offset_reset="error",
        commit_interval=settings.commit_interval.total_seconds(),
        processing_guarantee=guarantee,
        consumer_poll_timeout=settings.poll_timeout.total_seconds(),
        consumer_extra_config=consumer,
        producer_extra_config=producer,
        state_dir=cluster.state_dir / f"{spec.name}-{cluster.ordinal}",
        rocksdb_options=RocksDBOptions(
            write_buffer_size=settings.write_buffer,
            max_write_buffer_number=2,
            block_cache_size=settings.block_cache,
        ),
        auto_create_topics=False,
        use_changelog_topics=spec.stateful,
        # State is never wiped by itself.
        auto_recover_from_source_offset_out_of_range=False,
        # A broker that is away for long is waited for; readiness and lag tell.
        broker_availability_timeout=0,
        on_processing_error=_never_swallow,
        loglevel=None,
    )


def time_commits(app: StageApplication, stage: str, metrics: Metrics) -> None:
    """Observe how long each checkpoint with something in it takes; Quix Streams has no callback for that."""
    context = app._processing_context
    commit = context.commit_checkpoint
    histogram = metrics.histogram("reelstream_stage_commit_seconds", stage)

    def timed(force: bool = False, revoking: bool = False) -> None:
        worth = (force or context.checkpoint.expired()) and not context.checkpoint.empty()
        started = time.perf_counter()
        commit(force=force, revoking=revoking)
        if worth:
            histogram.observe(time.perf_counter() - started)

    context.commit_checkpoint = timed  # type: ignore[method-assign]


def _never_swallow(error: Exception, row: object, logger: object) -> bool:
    """Every exception ends the worker. Quix's own handler would log the exception's text, which may quote data."""
    return False


def _lag_callback(spec: StageSpec, prefix: str, metrics: Metrics) -> Callable[[str], None]:
    """Statistics of librdkafka to the lag gauge. A plain function: Quix copies the configuration deeply."""
    names = [prefix + topic.name for topic in spec.reads]
    gauge = metrics.gauge("reelstream_stage_lag_records", spec.name)

    def on_statistics(text: str) -> None:
        topics = orjson.loads(text).get("topics", {})
        gauge.set(
            sum(
                max(partition.get("consumer_lag", -1), 0)
                for name in names
                for partition in topics.get(name, {}).get("partitions", {}).values()
            )
        )

    return on_statistics


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
