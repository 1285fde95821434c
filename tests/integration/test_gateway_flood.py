"""One flooding write key beside a good project in the same gateway."""

from __future__ import annotations

import http.client
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.integration.gateway_process import (
    GatewayProcess,
    create_raw_topic,
    new_id,
    read_raw_topic,
    target,
)
from tests.integration.servers import Kafka

KIB = 1024
NOISE_BYTES = 16 * KIB
BURST_BYTES = 2048 * KIB
# The trickle is too thin to matter within the test.
PROJECTS = f"""
projects:
  noise:
    write_keys: [noise-write-key]
    limits: {{key_bytes_per_second: 1024, key_burst_bytes: {BURST_BYTES}}}
  good: {{write_keys: [good-write-key], origins: ["https://good.example"]}}
"""
FLOODERS, BODIES = 8, 60


def post(connection: http.client.HTTPConnection, path: str, body: bytes, **headers: str) -> tuple[int, str, str | None]:
    """Status, code if refused, and Retry-After."""
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read()).get("error", ""), answer.getheader("Retry-After")


def flood(gateway: GatewayProcess, flooder: int) -> list[tuple[int, str, str | None]]:
    """Bodies of noise, each as a session of its own, from one of many addresses, chunked or not."""
    connection = gateway.connect()
    answers = []
    for number in range(BODIES):
        session, address = new_id(), f"198.51.100.{flooder * 16 + number % 16}"
        body = os.urandom(NOISE_BYTES)
        pieces = (body[start : start + 4 * KIB] for start in range(0, len(body), 4 * KIB))
        answers.append(
            post(
                connection,
                target(session, session, key="noise-write-key"),
                body if number % 2 else pieces,  # type: ignore[arg-type]
                **{"X-Forwarded-For": address},
            )
        )
    connection.close()
    return answers


def test_a_flood_is_refused_after_its_allowance_and_no_one_else_is(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """Of noise no more reaches the topic than its key may send; the good project is served to the last payload."""
    create_raw_topic(kafka.brokers, prefix)
    with GatewayProcess(kafka.brokers, prefix, tmp_path, PROJECTS, trusted_proxies="127.0.0.0/8") as gateway:
        with ThreadPoolExecutor(FLOODERS) as threads:
            floods = [threads.submit(flood, gateway, flooder) for flooder in range(FLOODERS)]
            connection, session, page = gateway.connect(), new_id(), new_id()
            good: list[tuple[int, str, str | None]] = []
            while not all(each.done() for each in floods) or len(good) < 50:
                path = target(session, page, len(good), key="good-write-key")
                good.append(post(connection, path, os.urandom(KIB), **{"X-Forwarded-For": "198.51.100.1"}))
        answers = [answer for each in floods for answer in each.result()]
        metrics = gateway.probe("/metrics")[1]
    assert {answer[:2] for answer in answers} == {(202, ""), (429, "rate_limited")}
    assert all(int(answer[2] or 0) > 0 for answer in answers if answer[0] == 429)
    assert {answer[0] for answer in good} == {202}
    assert 'reelstream_gateway_rate_limited_total{reason="key"}' in metrics
    values = [record.value() or b"" for record in read_raw_topic(kafka.brokers, prefix)]
    noise = sum(len(value) for value in values if len(value) == NOISE_BYTES)
    # What was admitted while others were being read may come on top.
    assert BURST_BYTES / 2 < noise <= BURST_BYTES + FLOODERS * NOISE_BYTES
    assert sum(len(value) == KIB for value in values) == len(good)
