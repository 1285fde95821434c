"""Appends to `replay.raw.v1` and waits for the broker's word.

The order that makes a 202 true: produce, delivery report, answer. A process that dies anywhere in it has not answered.
The producer must be made after the worker is forked: its threads do not survive a fork.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import orjson
import structlog
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from gateway.backlog import Backlog
from gateway.errors import Code, RejectedError
from gateway.readiness import BrokerHealth
from gateway.settings import GatewaySettings
from gateway.shares import KEYFRAME_SHARE
from gateway.stamp import RawRecord
from schemas.topics import RAW
from service.environment import ClusterSettings
from service.kafka import connection
from service.metrics import Metrics

POLL_SECONDS = 0.2
QUEUE_SHARE = 0.8
# An outage fails hundreds of records a second for one and the same reason.
TELL_AGAIN_SECONDS = 10.0

_log = structlog.get_logger(__name__)


def producer_config(cluster: ClusterSettings, settings: GatewaySettings) -> dict[str, Any]:
    """librdkafka's settings, where they differ from its defaults."""
    return connection(cluster) | {
        "acks": "all",
        # Without it a broker restart under load left 206 of 7 840 records twice and 50 out of order.
        "enable.idempotence": True,
        "linger.ms": 5,
        # Quix Streams' partitioner: stages then find a session on the same partition of every topic.
        "partitioner": "murmur2_random",
        "message.max.bytes": RAW.max_bytes,
        # Bodies come compressed from the recorder.
        "compression.type": "none",
        "message.timeout.ms": int(settings.message_timeout_seconds * 1000),
        "queue.buffering.max.messages": settings.queue_records,
        "queue.buffering.max.kbytes": max(1, int(settings.inflight_bytes * KEYFRAME_SHARE) // 1024),
        "statistics.interval.ms": 1000,
        "log.connection.close": False,
    }


class KafkaLog:
    """The raw topic. `start` in the worker's event loop, `append` from it, `close` when no more will come."""

    def __init__(
        self, cluster: ClusterSettings, settings: GatewaySettings, metrics: Metrics, on_fatal: Callable[[], None]
    ) -> None:
        self._topic = f"{cluster.topic_prefix}{RAW.name}"
        self._config = producer_config(cluster, settings)
        self._flush_seconds = settings.message_timeout_seconds
        self._queue_limit = int(settings.queue_records * QUEUE_SHARE)
        self._on_fatal = on_fatal
        self._backlog = Backlog(cluster, settings.backlog_share, metrics)
        self._health = BrokerHealth(settings.broker_grace_seconds, time.monotonic)
        self._broken = threading.Event()
        self._stopping = threading.Event()
        self._producer: Producer | None = None
        self._told_at: dict[str, float] = {}
        self._delivery = metrics.histogram("reelstream_gateway_delivery_seconds")
        self._queued = metrics.gauge("reelstream_gateway_producer_queue_records")
        self._brokers = metrics.gauge("reelstream_gateway_brokers_up")

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Connect; does not wait for the broker, which may come later."""
        self._loop = loop
        config = self._config | {"stats_cb": self._on_stats, "error_cb": self._on_error}
        self._producer = Producer(config, logger=logging.getLogger("librdkafka"))
        self._backlog.start()
        threading.Thread(target=self._poll, name="delivery-reports", daemon=True).start()

    async def append(self, record: RawRecord) -> None:
        """Return once the broker has the record by `acks=all`; RejectedError if it does not, or may not, have it."""
        producer = self._producer
        assert producer is not None
        report: asyncio.Future[KafkaError | None] = self._loop.create_future()

        def delivered(error: KafkaError | None, message: Message) -> None:
            self._delivery.observe(message.latency() or 0.0)
            if error is None:
                self._backlog.sent(message.partition() or 0, len(record.value))
            try:
                self._loop.call_soon_threadsafe(_settle, report, error)
            except RuntimeError:
                # The loop is closed: whoever waited has been cancelled and was told nothing.
                return

        try:
            producer.produce(
                self._topic,
                value=record.value,
                key=record.key,
                headers=record.headers,
                timestamp=record.timestamp,
                on_delivery=delivered,
            )
        except BufferError:
            raise RejectedError(Code.OVERLOADED) from None
        except KafkaException as failure:
            raise self._refusal(failure.args[0]) from None
        error = await report
        if error is not None:
            raise self._refusal(error)

    def trouble(self) -> Code | None:
        """Why an append would be pointless now, or None."""
        if self._producer is None or self._broken.is_set() or not self._health.ok():
            return Code.BROKER_UNAVAILABLE
        full = len(self._producer) >= self._queue_limit or self._backlog.refuses()
        return Code.OVERLOADED if full else None

    def close(self) -> None:
        """Deliver what is queued, within the message timeout, and stop; may be called again, from any thread."""
        if self._producer is None:
            return
        self._stopping.set()
        self._backlog.stop()
        left = self._producer.flush(self._flush_seconds)
        if left:
            _log.warning("records_abandoned", records=left, acknowledged=False)

    def _poll(self) -> None:
        assert self._producer is not None
        try:
            while not self._stopping.is_set():
                self._producer.poll(POLL_SECONDS)
        except BaseException:
            self._fail("poll_failed")
            raise

    def _on_stats(self, text: str) -> None:
        stats = orjson.loads(text)
        real = [broker for broker in stats["brokers"].values() if broker["source"] in ("configured", "learned")]
        up = sum(broker["state"] == "UP" for broker in real)
        self._health.report(up)
        self._brokers.set(up)
        self._queued.set(stats["msg_cnt"])

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal():
            self._fail(error.name())

    def _refusal(self, error: KafkaError) -> RejectedError:
        if error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            return RejectedError(Code.BODY_TOO_LARGE, detail="The broker takes no record of this size.")
        now = time.monotonic()
        if now - self._told_at.get(error.name(), -TELL_AGAIN_SECONDS) >= TELL_AGAIN_SECONDS:
            self._told_at[error.name()] = now
            _log.warning("delivery_failed", reason=error.name())
        return RejectedError(Code.BROKER_UNAVAILABLE)

    def _fail(self, reason: str) -> None:
        """A producer that can never deliver again: only a new process helps."""
        self._broken.set()
        _log.error("producer_failed", reason=reason)
        self._on_fatal()


def _settle(report: asyncio.Future[KafkaError | None], error: KafkaError | None) -> None:
    if not report.done():
        report.set_result(error)
