"""Example records: `schemas/examples/<topic>/<case>.json`, one record each, readable and without real people.

    {"key": "demo:<uuid>", "headers": {...}, "received": ms, "value": VALUE}

VALUE is {"lines": [events]} for JSON lines in zstd, {"json": ...} for plain JSON, {"text": "..."} or
{"base64": "..."} for anything else. An example of a topic is an input of every stage that reads the topic.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from processors.record import Record
from schemas.lines import NotZstdError, pack, unpack

ROOT = Path(__file__).parents[2] / "schemas" / "examples"


@dataclass(frozen=True, slots=True)
class Example:
    """One example record, and the case it stands for."""

    topic: str
    case: str
    record: Record
    content: Any


def examples(topic: str) -> list[Example]:
    """All examples of a topic, by name of the case."""
    return [read(topic, path.stem, json.loads(path.read_text())) for path in sorted((ROOT / topic).glob("*.json"))]


def write(topic: str, case: str, record: Record) -> None:
    """Store a record as an example."""
    path = ROOT / topic / f"{case}.json"
    path.parent.mkdir(exist_ok=True)
    document = {
        "key": record.key,
        "headers": dict(sorted(record.headers.items())),
        "received": record.received,
        "value": content(record.value),
    }
    path.write_text(json.dumps(document, indent=1) + "\n")


def content(value: bytes) -> dict[str, Any]:
    """A value as an example shows it."""
    try:
        return {"lines": [orjson.loads(line) for line in unpack(value, 1 << 20).splitlines()]}
    except NotZstdError:
        pass
    try:
        return {"json": orjson.loads(value)}
    except orjson.JSONDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def read(topic: str, case: str, document: dict[str, Any]) -> Example:
    """The example that a document shows."""
    record = Record(
        key=document["key"],
        headers=document["headers"],
        value=_value(document["value"]),
        received=document["received"],
        # Offset 0 of a topic with a made-up id; what stages derive from it is part of the goldens.
        coordinates=f"exampleTopicId00000000/{topic}/0/0",
    )
    return Example(topic, case, record, document["value"])


def _value(shown: dict[str, Any]) -> bytes:
    match shown:
        case {"lines": events}:
            return pack(b"".join(orjson.dumps(event) + b"\n" for event in events))
        case {"json": document}:
            return orjson.dumps(document)
        case {"text": text}:
            return str(text).encode()
        case {"base64": text}:
            return base64.b64decode(text)
    raise ValueError("an example's value is lines, json, text or base64")
