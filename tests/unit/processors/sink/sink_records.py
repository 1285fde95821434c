"""Records as the sink reads them, made for tests: legal unless a test changes a field."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from processors.record import Record
from schemas import headers as h
from schemas.lines import pack
from schemas.topics import BLOCKS, LOSSES, SESSIONS

PROJECT = "shop"
EPOCH = "Zm9vYmFyYmF6cXV4MTIzNA"
STARTED = 1_790_000_000_000
EXPIRES = "2031-01-02"


def uid(kind: int, number: int) -> str:
    """A UUIDv7 of a kind (1 session, 2 window, 3 page) and a number."""
    return str(UUID(f"01900000-000{kind}-7000-8000-{number:012x}"))


def event_lines(*times: int, type: int = 3, size: int = 0) -> bytes:
    """JSON lines of one event per time, each padded by `size` characters."""
    return b"".join(
        orjson.dumps({"type": type, "data": {"source": 1, "pad": "x" * size}, "timestamp": time}) + b"\n"
        for time in times
    )


def block(
    offset: int,
    *,
    session: int = 1,
    window: int = 1,
    page: int = 1,
    seq: str | None = None,
    value: bytes | None = None,
    times: tuple[int, ...] = (STARTED + 1, STARTED + 2),
    keyframe: bool = False,
    partition: int = 0,
    epoch: str = EPOCH,
    changes: Mapping[str, str | None] | None = None,
) -> Record:
    """A block of one payload, numbered as its offset unless `seq` says otherwise; None in `changes` removes."""
    lines = event_lines(*times)
    headers = {
        h.PROJECT: PROJECT,
        h.WINDOW: uid(2, window),
        h.PAGE: uid(3, page),
        h.SEQ: seq or f"{offset}-{offset}",
        h.SOURCE: f"rawid/replay.raw.v1/{partition}/{offset}",
        h.STARTED: str(STARTED),
        h.EXPIRES: EXPIRES,
        h.EVENTS: str(len(times)),
        h.FIRST: str(min(times)),
        h.LAST: str(max(times)),
        h.BYTES: str(len(lines)),
        h.KEYFRAME: "1" if keyframe else "0",
        h.POLICY: "1",
        h.GENERATION: "0",
    }
    return Record(
        f"{PROJECT}:{uid(1, session)}",
        _changed(headers, changes),
        pack(lines) if value is None else value,
        STARTED + 5,
        f"{epoch}/{BLOCKS.name}/{partition}/{offset}",
    )


def cut_value(first_offset: int, value: bytes, pieces: int, **options: Any) -> list[Record]:
    """Blocks that hold the pieces of one value, as split and batch write them."""
    size = -(-len(value) // pieces)
    digest = hashlib.sha256(value).hexdigest()
    changes = dict(options.pop("changes", {}))
    return [
        block(
            first_offset + index,
            value=value[index * size : (index + 1) * size],
            **options,
            changes={
                h.SOURCE: f"rawid/replay.raw.v1/0/{first_offset}",
                h.PART: f"{index}/{pieces}/{len(value)}/{digest}",
                **({} if index == 0 else {h.EVENTS: "0", h.BYTES: "0"}),
                **changes,
            },
        )
        for index in range(pieces)
    ]


def summary(offset: int, *, session: int = 1, version: int = 1, partition: int = 0, **changes: Any) -> Record:
    """A session's summary; `changes` replace members of its JSON."""
    value = {
        "version": version,
        "started": STARTED,
        "last_received": STARTED + 5000,
        "first": STARTED + 1,
        "last": STARTED + 4001,
        "payloads": 1,
        "blocks": 1,
        "keyframes": 1,
        "gaps": 0,
        "bytes_raw": 1000,
        "bytes_stored": 100,
        "skew_ms": -3,
        "counts": {"events": 2, "clicks": 1, "active_ms": 1500},
        "context": {
            "country": "DE",
            "region": "",
            "city": "",
            "browser": "Firefox",
            "os": "Linux",
            "device": "desktop",
            "bot": False,
        },
        "user": "",
        "windows": [{"window": uid(2, 1), "first": STARTED + 1, "last": STARTED + 4001}],
        "pages": [[STARTED + 1, "https://shop.example/cart"]],
        "policy": "1",
    }
    return Record(
        f"{PROJECT}:{uid(1, session)}",
        {h.PROJECT: PROJECT, h.STARTED: str(STARTED), h.EXPIRES: EXPIRES},
        orjson.dumps({**value, **changes}),
        STARTED + 5000,
        f"{EPOCH}/{SESSIONS.name}/{partition}/{offset}",
    )


def loss(offset: int, *, session: int = 1, partition: int = 0, **changes: Any) -> Record:
    """A lost payload; `changes` replace members of its JSON."""
    value = {
        "stage": "enrich",
        "reason": "bad_json",
        "kind": "dead",
        "project": PROJECT,
        "session": uid(1, session),
        "window": uid(2, 1),
        "page": uid(3, 1),
        "seq": offset,
        "id": uid(4, offset),
        "payloads": 1,
        "events": 0,
        "bytes": 17,
        "source": f"rawid/replay.raw.v1/{partition}/{offset}",
        "received": STARTED + 5,
        "expires": EXPIRES,
    }
    return Record(
        f"{PROJECT}:{uid(1, session)}",
        {h.PROJECT: PROJECT},
        orjson.dumps({**value, **changes}),
        STARTED + 5,
        f"{EPOCH}/{LOSSES.name}/{partition}/{offset}",
    )


def _changed(headers: Mapping[str, str], changes: Mapping[str, str | None] | None) -> dict[str, str]:
    merged = {**headers, **(changes or {})}
    return {name: text for name, text in merged.items() if text is not None}
