"""The demo session: a committed recording of the demo site, posted through the gateway as a browser would."""

from __future__ import annotations

import gzip
import json
import secrets
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from deploy.local.demo_site import WRITE_KEY
from deploy.local.layout import HOST, REPOSITORY, Layout, Ports
from deploy.local.readiness import answers
from deploy.local.trouble import Trouble

RECORDING = REPOSITORY / "deploy/local/demo_session.json"
READ_TOKEN = "demo"  # noqa: S105 (of the project that only loopback accepts)
LISTED_SECONDS = 30.0
# The recording was made in a Chromium of this kind.
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"


@dataclass(frozen=True)
class Payload:
    """One request of the recorder: its page load, its place in it, the events, and what else it says."""

    page: uuid.UUID
    seq: int
    events: list[dict[str, Any]]
    more: dict[str, Any]


@dataclass(frozen=True)
class Session:
    """A recording under ids of its own."""

    session_id: uuid.UUID
    window_id: uuid.UUID
    payloads: list[Payload]


def ensure_demo_session(layout: Layout, ports: Ports) -> str:
    """The session id; posts the recording unless the replay service still knows the last one. Raises Trouble."""
    known = layout.demo_session_id.read_text().strip() if layout.demo_session_id.exists() else ""
    if known and _is_listed(known, ports):
        return known
    now_ms = time.time_ns() // 1_000_000
    session = moved(json.loads(RECORDING.read_bytes()), now_ms)
    for payload in session.payloads:
        _post(session, payload, ports)
    session_id = str(session.session_id)
    deadline = time.monotonic() + LISTED_SECONDS
    while not _is_listed(session_id, ports):
        if time.monotonic() > deadline:
            raise Trouble(f"The demo session {session_id} was accepted but is not listed after {LISTED_SECONDS:.0f} s.")
        time.sleep(0.2)
    layout.demo_session_id.write_text(session_id + "\n")
    return session_id


def moved(recording: dict[str, Any], end_ms: int) -> Session:
    """The recording under fresh ids, its times moved so that its last event is at `end_ms`.

    `recording` is `{"window": uuid, "payloads": [{"page": uuid, "seq": n, "events": [rrweb event, …]}, …]}`.
    """
    later = end_ms - max(event["timestamp"] for payload in recording["payloads"] for event in payload["events"])
    pages: dict[str, uuid.UUID] = {}
    payloads = []
    for payload in recording["payloads"]:
        # Page loads play in the order of their ids, so each id carries the time its page was opened.
        opened = payload["events"][0]["timestamp"] + later
        page = pages.setdefault(payload["page"], uuid7(opened))
        events = [event | {"timestamp": event["timestamp"] + later} for event in payload["events"]]
        more = {name: value for name, value in payload.items() if name not in ("page", "seq", "events")}
        payloads.append(Payload(page, payload["seq"], events, more))
    return Session(uuid7(end_ms), uuid7(end_ms), payloads)


def uuid7(unix_ms: int) -> uuid.UUID:
    """A time-ordered UUID (RFC 9562, section 5.7)."""
    version, variant = 0x7 << 76, 0b10 << 62
    return uuid.UUID(int=unix_ms << 80 | version | secrets.randbits(12) << 64 | variant | secrets.randbits(62))


def _post(session: Session, payload: Payload, ports: Ports) -> None:
    query = urlencode({"page": payload.page, "seq": payload.seq})
    path = f"/v1/replay/{WRITE_KEY}/{session.session_id}/{session.window_id}"
    request = urllib.request.Request(
        f"http://{HOST}:{ports.gateway}{path}?{query}",
        data=gzip.compress(json.dumps({**payload.more, "events": payload.events}).encode()),
        headers={
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
            "Origin": f"http://{HOST}:{ports.demo}",
            "User-Agent": _BROWSER,
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=30):  # noqa: S310
            pass
    except urllib.error.HTTPError as error:
        raise Trouble(f"The gateway refused the demo session with status {error.code}.") from None


def _is_listed(session_id: str, ports: Ports) -> bool:
    url = f"http://{HOST}:{ports.replay}/api/recordings/{session_id}"
    return answers(url, {"Authorization": f"Bearer {READ_TOKEN}"})
