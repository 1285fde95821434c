"""Large pages go through whole; what is too large or too slow is refused at the door."""

from __future__ import annotations

import base64
import json
import secrets
import socket
import time
from urllib.parse import urlsplit

import httpx

from tests.e2e.payloads import PageLoad, click, page_start
from tests.e2e.reading import Reader, query, wait_for
from tests.e2e.stack import BODY_IDLE_SECONDS, Stack

MIB = 1024 * 1024


def test_page_of_twelve_megabytes(stack: Stack, demo: Reader) -> None:
    """A page with 12 MB of inlined styles and images is cut into parts and comes back byte for byte."""
    # Half of it does not compress, as in pages that inline their fonts and pictures.
    styles = [
        "".join(
            f".rule-{sheet}-{rule} {{ color: #{secrets.token_hex(3)}; margin: {rule}px }}\n" for rule in range(33_000)
        )
        for sheet in range(4)
    ]
    images = ["data:image/png;base64," + base64.b64encode(secrets.token_bytes(768 * 1024)).decode() for _ in range(6)]
    start = page_start(styles, images)
    assert len(json.dumps(start, separators=(",", ":"))) > 12_000_000
    load = PageLoad(stack.gateway)
    load.send(start)
    load.send([click(1, 1)])
    events = wait_for("the large page and the click", lambda: demo.events(load.session, at_least=3), 60)

    snapshot = next(event for event in events if event["type"] == 2)
    (html,) = snapshot["data"]["node"]["childNodes"]
    head, body = html["childNodes"]
    assert [sheet["attributes"]["_cssText"] for sheet in head["childNodes"]] == styles
    assert [image["attributes"]["src"] for image in body["childNodes"] if image["tagName"] == "img"] == images
    parts = query(stack, f"SELECT max(parts) AS most FROM blocks WHERE session_id = '{load.session}'")
    assert parts[0]["most"] > 1


def test_sixty_megabytes_are_refused(stack: Stack) -> None:
    """A body over the limit gets 413 with the limit in words, whether its length is told in advance or not."""
    body = secrets.token_bytes(MIB) * 60
    load = PageLoad(stack.gateway)
    told = load.post(body)
    # An iterator is sent in chunks, without a length.
    untold = httpx.post(
        stack.gateway + load.path,
        params={"page": load.page, "seq": "1"},
        content=(body[start : start + MIB] for start in range(0, len(body), MIB)),
        timeout=60,
    )
    for answer in (told, untold):
        assert answer.status_code == 413, answer.text
        assert answer.json()["error"] == "body_too_large"
        assert str(20 * MIB) in answer.json()["detail"]


def test_stalled_body_is_given_up(stack: Stack) -> None:
    """A client that stops in the middle of its body gets 408, and the gateway goes on serving others meanwhile."""
    load = PageLoad(stack.gateway)
    address = urlsplit(stack.gateway)
    head = (
        f"POST {load.path}?page={load.page}&seq=0 HTTP/1.1\r\n"
        f"Host: {address.netloc}\r\nContent-Type: text/plain\r\nContent-Length: 5000\r\n\r\n"
    )
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=30) as connection:
        connection.sendall(head.encode() + b"[" * 100)
        began = time.monotonic()
        PageLoad(stack.gateway).send(page_start())
        assert time.monotonic() - began < BODY_IDLE_SECONDS
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 408 "), answer[:200]
    assert b'"body_timeout"' in answer


def test_good_payload_after_a_refused_one_plays(stack: Stack, demo: Reader) -> None:
    """A recorder whose payload was too large sends its parts under the same number and the next, and they play."""
    load = PageLoad(stack.gateway)
    load.send(page_start())
    refused = load.post(secrets.token_bytes(21 * MIB), seq=1)
    assert refused.status_code == 413
    load.send([click(1, 1)])
    load.send([click(2, 2)])
    assert wait_for("both clicks", lambda: demo.marks(load.session, at_least=2)) == [(1, 1), (2, 2)]
