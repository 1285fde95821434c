"""What cannot be read is set aside with its bytes and found by the id its 202 gave; the session goes on."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest

from tests.e2e.payloads import PageLoad, click, packed, page_start
from tests.e2e.reading import Reader, wait_for
from tests.e2e.stack import Stack
from tests.e2e.topics import read

MIB = 1024 * 1024


def _eighty_megabytes() -> bytes:
    event = json.dumps({"type": 5, "data": {"tag": "filler", "payload": "x" * 1000}, "timestamp": 1_700_000_000_000})
    return gzip.compress(f"[{','.join([event] * (80 * MIB // len(event)))}]".encode(), 1)


def _bomb() -> bytes:
    """Six GiB of zeros in about as many MB: one gzip member after another, which RFC 1952 2.2 allows."""
    return gzip.compress(bytes(64 * MIB), 9) * 96


def _torn() -> bytes:
    return packed([click(1, 1)] * 200)[:-20]


def _garbled() -> bytes:
    body = bytearray(packed([click(number, number) for number in range(2000)]))
    body[len(body) // 2] ^= 0xFF
    return bytes(body)


UNREADABLE = {
    "80 MB of JSON": (_eighty_megabytes, "gzip", "inflate_limit"),
    "zip bomb": (_bomb, "gzip", "inflate_limit"),
    "zip bomb, zlib": (lambda: zlib.compress(bytes(300 * MIB), 9), "deflate", "inflate_limit"),
    "cut short": (_torn, "gzip", "bad_encoding"),
    "bit flipped": (_garbled, "gzip", "bad_encoding"),
    "not gzip": (lambda: b"[]", "gzip", "bad_encoding"),
    "not JSON": (lambda: b'[{"type": 3, "data"', "", "bad_json"),
    "not text": (lambda: bytes(range(128, 256)), "", "bad_json"),
    "not a list of events": (lambda: b"7", "", "bad_shape"),
    "an object without events": (lambda: b'{"hello": 1}', "", "bad_shape"),
}


@pytest.fixture(scope="module")
def session(stack: Stack) -> tuple[PageLoad, dict[str, tuple[str, int, bytes]]]:
    """A page load whose good first payload is followed by each unreadable one and then by a good one.

    What could not be read may have marked something, so the page waits for a snapshot, which the last one brings.

    With it, by name, the id that the 202 gave, the number of the payload and the bytes sent.
    """
    load = PageLoad(stack.gateway)
    load.send(page_start())
    sent = {}
    for name, (make, encoding, _) in UNREADABLE.items():
        body, number = make(), load.seq
        answer = load.post(body, enc=encoding)
        assert answer.status_code == 202, (name, answer.text)
        sent[name] = (str(answer.json()["id"]), number, body)
    load.send([*page_start(), click(7, 7)])
    return load, sent


@pytest.mark.parametrize("name", UNREADABLE)
def test_dead_letter_is_found_by_its_id(
    stack: Stack, demo: Reader, session: tuple[PageLoad, dict[str, tuple[str, int, bytes]]], name: str
) -> None:
    """`GET /api/losses?id=` names stage and reason; the dead letter is exactly what was sent."""
    load, sent = session
    identity, number, body = sent[name]
    (loss,) = wait_for("the loss", lambda: demo.losses(id=identity), 60)
    assert (loss["stage"], loss["reason"], loss["kind"]) == ("enrich", UNREADABLE[name][2], "dead")
    assert loss["payloads"] == 1
    (letter,) = [
        message
        for message in read(stack.brokers, ["replay.dead.v1"])
        if message.key == f"demo:{load.session}" and message.headers["rs-seq"] == str(number)
    ]
    assert letter.value == body
    assert letter.headers["rs-reason"] == UNREADABLE[name][2]
    assert letter.headers["rs-src"].split("/")[1] == "replay.raw.v1"


def test_good_payload_after_dead_ones_plays(
    demo: Reader, session: tuple[PageLoad, dict[str, tuple[str, int, bytes]]]
) -> None:
    """Nothing else is lost: the payload sent after all of them plays, without a gap, and the losses are shown."""
    load, sent = session
    assert wait_for("the click", lambda: demo.marks(load.session), 60) == [(7, 7)]
    recording = demo.recording(load.session)
    assert recording is not None
    assert recording["gaps"] == 0
    assert sum(loss["payloads"] for loss in recording["losses"]) == len(sent)


def test_single_bad_events_are_counted(stack: Stack, demo: Reader) -> None:
    """Events that are none are counted, good ones before them kept; after them the page waits for a snapshot."""
    load = PageLoad(stack.gateway)
    load.send(page_start())
    identity = load.send([click(1, 1), {"type": "3"}, {"type": 3, "data": {}, "timestamp": None}, click(2, 2)])
    losses = wait_for("the losses", lambda: found if len(found := demo.losses(id=identity)) > 1 else None)
    assert {(loss["reason"], loss["kind"], loss["payloads"], loss["events"]) for loss in losses} == {
        ("bad_event", "drop", 0, 2),
        ("degraded", "drop", 0, 1),
    }
    load.send([*page_start(), click(3, 3)])
    assert wait_for("the clicks", lambda: len(found := demo.marks(load.session)) > 1 and found) == [(1, 1), (3, 3)]


def test_session_out_of_the_sample_is_counted(stack: Stack) -> None:
    """A project that samples nothing keeps nothing, and every payload left out is counted."""
    load = PageLoad(stack.gateway, key="unsampled-key")
    identities = [load.send(page_start()), load.send([click(1, 1)])]
    reader = Reader(stack, "unsampled-token")
    for identity in identities:
        (loss,) = wait_for("the loss", lambda: reader.losses(id=identity))  # noqa: B023
        assert (loss["stage"], loss["reason"], loss["payloads"]) == ("privacy", "sampled_out", 1)
    assert reader.recording(load.session) is None
    reader.close()
