"""What a recorder may send: every form of body, and what the recording then says of it."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import brotli
import zstandard

from tests.e2e.payloads import PageLoad, click, packed, page_start
from tests.e2e.reading import Reader, wait_for
from tests.e2e.stack import Stack


def test_body_may_be_encoded_in_every_named_way(stack: Stack, demo: Reader) -> None:
    """JSON lines, an envelope with the user, and each encoding of the contract are read, by header or by query."""
    load = PageLoad(stack.gateway)
    load.send(page_start())
    lines = b"\n".join(json.dumps(click(1, part)).encode() for part in (1, 2))
    envelope = json.dumps({"user": "ada@example.org", "events": [click(2, 1)]}).encode()
    text = [json.dumps([click(number, 1)]).encode() for number in range(7)]
    assert load.post(lines, enc="").status_code == 202
    assert load.post(gzip.compress(envelope), enc="", headers={"Content-Encoding": "gzip"}).status_code == 202
    assert load.post(zstandard.compress(text[3]), enc="zstd").status_code == 202
    assert load.post(brotli.compress(text[4]), enc="br").status_code == 202
    assert load.post(zlib.compress(text[5]), enc="deflate").status_code == 202
    assert load.post(packed([click(6, 1)])).status_code == 202
    found = wait_for("all clicks", lambda: demo.marks(load.session, at_least=7))
    assert found == [(1, 1), (1, 2), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1)]
    recording = demo.recording(load.session)
    assert recording is not None
    assert recording["user"] == "ada@example.org"


def test_bodies_as_programs_really_send_them(stack: Stack, demo: Reader) -> None:
    """Padded and concatenated gzip, x-gzip, a list of encodings and a byte order mark are read like any other body."""
    load = PageLoad(stack.gateway)
    load.send(page_start())
    mark = b"\xef\xbb\xbf"
    text = [json.dumps([click(number, 1)]).encode() for number in range(8)]
    first, second = text[3][:5], text[3][5:]
    for body, encoding in (
        (gzip.compress(text[1]) + bytes(512), "gzip"),
        (gzip.compress(text[2]) + b"\n", "x-gzip"),
        (gzip.compress(first) + gzip.compress(second) + b"\r\n", "gzip, identity"),
        (mark + text[4], "identity"),
        (gzip.compress(mark + text[5]), "GZIP"),
        (zlib.compress(text[6]) + b"\n", "X-Deflate"),
        (mark + b"\n".join(json.dumps(click(7, part)).encode() for part in (1, 2)), ""),
    ):
        headers = {"Content-Encoding": encoding} if encoding else {}
        assert load.post(body, enc="", headers=headers).status_code == 202, encoding
    found = wait_for("all clicks", lambda: demo.marks(load.session, at_least=8))
    assert found == [*((number, 1) for number in range(1, 8)), (7, 2)]


def test_length_of_a_recording_is_that_of_its_events(stack: Stack, demo: Reader) -> None:
    """Durations are seconds of the client's clock between the first event and the last, whenever they were received."""
    load = PageLoad(stack.gateway)
    first, last = page_start(), click(1, 1)
    last["timestamp"] = first[0]["timestamp"]
    for event in first:
        event["timestamp"] -= 12_500
    load.send(first)
    load.send([last])
    recording = wait_for("the recording", lambda: _complete(demo, load.session, 3))
    assert recording["duration"] == 12.5
    assert recording["started_at"].endswith(("Z", "+00:00"))
    assert recording["counts"]["clicks"] == 1


def _complete(reader: Reader, session: str, events: int) -> dict[str, Any] | None:
    recording = reader.recording(session)
    return recording if recording and recording["counts"]["events"] >= events else None
