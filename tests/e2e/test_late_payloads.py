"""A payload that comes when its session is over and swept: late, and one recording to every reader."""

from __future__ import annotations

import json
import time

from confluent_kafka import Producer

from tests.e2e.payloads import PageLoad, click, page_start
from tests.e2e.reading import Reader, wait_for
from tests.e2e.stack import Stack

HOUR = 3_600_000
# A session is swept 26 h after its first receipt; so long from now.
SWEPT_IN_MS = 4_000


def test_a_payload_after_its_session_was_swept_is_too_late(stack: Stack, demo: Reader) -> None:
    """It is dropped with a reason, and list, summary and events go on telling the same of one recording."""
    load = PageLoad(stack.gateway)
    first = time.time_ns() // 1_000_000 - 26 * HOUR + SWEPT_IN_MS
    _append(stack, load, 0, [*page_start(), click(1, 1)], first)
    wait_for("the recording", lambda: demo.marks(load.session) == [(1, 1)])
    before = demo.recording(load.session)
    time.sleep(max(0.0, (first + 26 * HOUR - time.time_ns() // 1_000_000) / 1000) + 2)
    # The same page load goes on, and another one begins.
    load.seq = 1
    load.send([click(1, 2)])
    other = PageLoad(stack.gateway, session=load.session)
    other.send([*page_start(), click(2, 1)])
    (loss,) = wait_for("both losses", lambda: _both(demo, load.session))
    assert (loss["stage"], loss["reason"], loss["kind"]) == ("enrich", "too_late", "drop")
    time.sleep(2)
    assert demo.marks(load.session) == [(1, 1)]
    after = demo.recording(load.session)
    assert before is not None
    assert after is not None
    assert {**after, "losses": []} == before
    assert after["counts"]["events"] == len(demo.events(load.session)) == 3
    listed = demo.get("/api/recordings", limit="200", order="oldest").json()["recordings"]
    assert [each for each in listed if each["session_id"] == load.session] == [after]


def _both(demo: Reader, session: str) -> list[dict[str, object]]:
    losses = demo.losses(session=session)
    return losses if sum(int(each["payloads"]) for each in losses) == 2 else []


def _append(stack: Stack, load: PageLoad, seq: int, events: object, received: int) -> None:
    """A raw record as the gateway would have written it at another time."""
    failed: list[object] = []
    producer = Producer({"bootstrap.servers": stack.brokers, "partitioner": "murmur2_random"})
    producer.produce(
        "replay.raw.v1",
        key=f"demo:{load.session}",
        value=json.dumps(events).encode(),
        headers={
            "rs-project": "demo",
            "rs-window": load.window,
            "rs-page": load.page,
            "rs-seq": str(seq),
            "rs-enc": "",
            "rs-ip": "127.0.0.1",
            "rs-ua": "test",
        },
        timestamp=received,
        on_delivery=lambda error, _: failed.append(error) if error else None,
    )
    assert producer.flush(30) == 0
    assert not failed
