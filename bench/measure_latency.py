"""From the 202 of a payload to the moment ClickHouse answers with it, at a rate the machine bears easily.

Beside it, the same bodies from produce to consume on a bare topic.
"""

from __future__ import annotations

import http.client
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from bench.broker import PRODUCER, StalledError
from bench.records import WRITE_KEY, Payload
from bench.stack import Bench
from bench.store import LOOK_SECONDS, Store
from bench.timing import LIMIT_SECONDS, LOOP
from deploy.local.layout import HOST
from schemas.topics import ENRICHED

# The gateway's linger; the loop of this comparison has it too.
LINGER_MS = 5


@dataclass(frozen=True, slots=True)
class Latency:
    """Quantiles of one repetition in seconds."""

    repetition: int
    bare: bool
    payloads: int
    p50: float
    p99: float

    def __str__(self) -> str:
        side = "bare topic" if self.bare else "queryable"
        return f"latency {self.repetition + 1}: {side} p50 {self.p50:.3f} s, p99 {self.p99:.3f} s"


def measure_latency(
    bench: Bench, store: Store, repetitions: Sequence[Sequence[Payload]], rate: float
) -> Iterator[Latency]:
    """Both sides in turns; `rate` is payloads a second. Gateway and all stages are running."""
    for repetition, payloads in enumerate(repetitions):
        yield _latency(repetition, False, _accepted_to_queryable(bench, store, payloads, 1 / rate))
        yield _latency(repetition, True, _produced_to_consumed(bench, payloads, 1 / rate))


def staggered(payloads: Sequence[Payload]) -> list[Payload]:
    """Payloads of sessions that begin one after the other, so that not all first snapshots come at once."""
    started: dict[str, int] = {}
    for payload in payloads:
        started.setdefault(payload.identity.session, len(started))
    return sorted(payloads, key=lambda payload: started[payload.identity.session] + payload.identity.seq)


def _latency(repetition: int, bare: bool, waits: Sequence[float]) -> Latency:
    cuts = statistics.quantiles(waits, n=100)
    return Latency(repetition, bare, len(waits), cuts[49], cuts[98])


def _accepted_to_queryable(bench: Bench, store: Store, payloads: Sequence[Payload], interval: float) -> list[float]:
    since = time.time_ns() // 1_000_000
    seen: dict[tuple[str, int], float] = {}
    reached: dict[str, int] = {}
    deadline = time.monotonic() + LIMIT_SECONDS
    with ThreadPoolExecutor(1) as pool:
        posting = pool.submit(_post_all, bench.ports.gateway, payloads, interval)
        while len(seen) < len(payloads):
            _raise_failure(posting)
            if time.monotonic() > deadline:
                raise StalledError(f"{len(seen)} of {len(payloads)} payloads were stored in {LIMIT_SECONDS:.0f} s")
            newest = store.newest(since)
            moment = time.monotonic()
            for session, last in newest.items():
                seen |= {(session, seq): moment for seq in range(reached.get(session, -1) + 1, last + 1)}
                reached[session] = last
            time.sleep(LOOK_SECONDS)
        accepted = posting.result()
    return [seen[name] - moment for name, moment in accepted.items()]


def _raise_failure(posting: Future[dict[tuple[str, int], float]]) -> None:
    if posting.done():
        posting.result()


def _post_all(port: int, payloads: Sequence[Payload], interval: float) -> dict[tuple[str, int], float]:
    """Post at a steady rate over one connection; the moment of each 202 by (session, seq)."""
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    accepted = {}
    start = time.monotonic()
    for number, payload in enumerate(payloads):
        time.sleep(max(start + number * interval - time.monotonic(), 0))
        who = payload.identity
        path = f"/v1/replay/{WRITE_KEY}/{who.session}/{who.window}?page={who.page}&seq={who.seq}"
        connection.request("POST", path, payload.body, {"Content-Encoding": "gzip"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 202:
            raise StalledError(f"the gateway answered {answer.status}")
        accepted[who.session, who.seq] = time.monotonic()
    connection.close()
    return accepted


def _produced_to_consumed(bench: Bench, payloads: Sequence[Payload], interval: float) -> list[float]:
    topic = bench.prefix(LOOP) + ENRICHED.name
    producer = Producer({"bootstrap.servers": bench.brokers, **PRODUCER, "linger.ms": LINGER_MS})
    consumer = _consumer_from_end(bench.brokers, topic)
    produced: dict[str, float] = {}
    waits: list[float] = []
    start = time.monotonic()
    deadline = start + LIMIT_SECONDS
    while len(waits) < len(payloads):
        now = time.monotonic()
        if now > deadline:
            raise StalledError(f"{len(waits)} of {len(payloads)} records came back in {LIMIT_SECONDS:.0f} s")
        due = start + len(produced) * interval
        if len(produced) < len(payloads) and due <= now:
            payload = payloads[len(produced)]
            name = payload.identity.id
            producer.produce(topic, key=name, value=payload.body)
            produced[name] = now
            continue
        producer.poll(0)
        message = consumer.poll(min(due - now, LOOK_SECONDS) if due > now else LOOK_SECONDS)
        if message is None:
            continue
        if error := message.error():
            raise KafkaException(error)
        waits.append(time.monotonic() - produced[message.key().decode()])
    producer.flush(10)
    consumer.close()
    return waits


def _consumer_from_end(brokers: str, topic: str) -> Consumer:
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": f"{topic}.latency", "enable.auto.commit": False})
    partitions = [TopicPartition(topic, number) for number in consumer.list_topics(topic).topics[topic].partitions]
    for partition in partitions:
        partition.offset = consumer.get_watermark_offsets(partition, timeout=10)[1]
    consumer.assign(partitions)
    return consumer
