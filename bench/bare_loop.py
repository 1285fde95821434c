"""The yardstick of every stage: a process that only consumes records and produces them again.

    python -m bench.bare_loop BROKERS SOURCE TARGET

In order and acknowledged by all replicas, but without transactions, state, metrics or a look at the records. Prints
`ready` once it has its partitions and runs until SIGTERM.
"""

from __future__ import annotations

import signal
import sys
from typing import Any

from confluent_kafka import Consumer, KafkaException, Producer

from bench.broker import BATCH, PRODUCER, WAIT_SECONDS


def main() -> None:
    """Copy from SOURCE to TARGET; an error of the broker ends the process."""
    brokers, source, target = sys.argv[1:]
    stopped: list[int] = []
    failed: list[Any] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
    producer = Producer({"bootstrap.servers": brokers, **PRODUCER})
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": f"{target}.loop",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            # Whoever measures freezes this process while records are prepared.
            "session.timeout.ms": 60_000,
        }
    )
    consumer.subscribe([source], on_assign=lambda *_: print("ready", flush=True))
    while not stopped:
        messages = consumer.consume(BATCH, WAIT_SECONDS)
        for message in messages:
            if error := message.error():
                raise KafkaException(error)
            _send_on(producer, target, message, failed)
        producer.poll(0)
        if failed:
            raise KafkaException(failed[0])
        if messages:
            consumer.commit(asynchronous=True)
    producer.flush(10)
    consumer.close()


def _send_on(producer: Producer, target: str, message: Any, failed: list[Any]) -> None:
    while True:
        try:
            producer.produce(
                target,
                key=message.key(),
                value=message.value(),
                headers=message.headers(),
                timestamp=message.timestamp()[1],
                on_delivery=lambda error, _: failed.append(error) if error else None,
            )
        except BufferError:
            producer.poll(0.1)
        else:
            return


if __name__ == "__main__":
    main()
