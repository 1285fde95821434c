"""rrweb events made by hand, and payloads sent the way the recorder sends them.

Numbers are rrweb's own, from the type definitions of npm rrweb 2.2.2 (@rrweb/types).
"""

from __future__ import annotations

import gzip
import json
import secrets
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx

Event = dict[str, Any]
# The node that clicks hit, in every page made here.
BUTTON = 5
SECONDS = 30.0


def uuid7() -> str:
    """A time-ordered UUID (RFC 9562, section 5.7)."""
    milliseconds = time.time_ns() // 1_000_000
    bits = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=bits))


def now_ms() -> int:
    """The client's clock."""
    return time.time_ns() // 1_000_000


def page_start(styles: list[str] | None = None, images: list[str] | None = None) -> list[Event]:
    """Meta and full snapshot of a page with these style sheets, inlined, these images, and one button."""
    at = now_ms()
    sheets = [
        {
            "type": 2,
            "tagName": "link",
            "attributes": {"rel": "stylesheet", "_cssText": css},
            "childNodes": [],
            "id": 100 + index,
        }
        for index, css in enumerate(styles or [])
    ]
    pictures = [
        {"type": 2, "tagName": "img", "attributes": {"src": source, "alt": ""}, "childNodes": [], "id": 1000 + index}
        for index, source in enumerate(images or [])
    ]
    text = {"type": 3, "textContent": "Press", "id": 6}
    button = {"type": 2, "tagName": "button", "attributes": {"type": "button"}, "childNodes": [text], "id": BUTTON}
    head = {"type": 2, "tagName": "head", "attributes": {}, "childNodes": sheets, "id": 3}
    body = {"type": 2, "tagName": "body", "attributes": {}, "childNodes": [button, *pictures], "id": 4}
    html = {"type": 2, "tagName": "html", "attributes": {"lang": "en"}, "childNodes": [head, body], "id": 2}
    document = {"type": 0, "childNodes": [html], "id": 1}
    return [
        {"type": 4, "data": {"href": "https://shop.example/page", "width": 1280, "height": 800}, "timestamp": at},
        {"type": 2, "data": {"node": document, "initialOffset": {"left": 0, "top": 0}}, "timestamp": at + 1},
    ]


def click(x: int, y: int) -> Event:
    """A click on the button. Its place is a number pair that no privacy rule touches, so it marks the payload."""
    return {"type": 3, "data": {"source": 2, "type": 2, "id": BUTTON, "x": x, "y": y}, "timestamp": now_ms()}


def marks(events: list[Event]) -> list[tuple[int, int]]:
    """The places of all clicks, in order."""
    return [
        (event["data"]["x"], event["data"]["y"])
        for event in events
        if event["type"] == 3 and event["data"]["source"] == 2 and event["data"]["type"] == 2
    ]


def packed(events: object) -> bytes:
    """The recorder's usual body: a JSON array, gzipped."""
    return gzip.compress(json.dumps(events, separators=(",", ":")).encode(), compresslevel=1)


@dataclass
class PageLoad:
    """One page load of a session: what its URL says, and the number of its next payload."""

    gateway: str
    key: str = "demo"
    session: str = field(default_factory=uuid7)
    window: str = field(default_factory=uuid7)
    page: str = field(default_factory=uuid7)
    seq: int = 0

    @property
    def path(self) -> str:
        """Where payloads of this page load go, without the query."""
        return f"/v1/replay/{self.key}/{self.session}/{self.window}"

    def post(
        self,
        body: bytes,
        *,
        seq: int | None = None,
        enc: str = "gzip",
        headers: dict[str, str] | None = None,
        client: httpx.Client | None = None,
    ) -> httpx.Response:
        """Send a body as payload `seq`, by default the next one."""
        number = self.seq if seq is None else seq
        if seq is None:
            self.seq += 1
        query = {"page": self.page, "seq": str(number), "t": str(now_ms())} | ({"enc": enc} if enc else {})
        return (client.post if client else httpx.post)(
            self.gateway + self.path, params=query, content=body, headers=headers, timeout=SECONDS
        )

    def send(self, events: list[Event], *, seq: int | None = None) -> str:
        """Send events; gives the id of the payload, which must have been accepted."""
        answer = self.post(packed(events), seq=seq)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])
