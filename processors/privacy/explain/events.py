"""What an event brings, read without trusting its form: it comes from a file."""

from __future__ import annotations

from processors.privacy.refusal import Json
from schemas.rrweb import EventType, IncrementalSource

_TYPES = {int(each): each.name.lower() for each in EventType}
_SOURCES = {int(each): each.name.lower() for each in IncrementalSource}


def name_of(event: Json) -> str:
    """`mouse_move`, `full_snapshot`, or `unknown`."""
    kind, data = event.get("type"), event.get("data")
    if kind == EventType.INCREMENTAL_SNAPSHOT and type(data) is dict:
        source = data.get("source")
        return _SOURCES.get(source, "unknown") if type(source) is int else "unknown"
    return _TYPES.get(kind, "unknown") if type(kind) is int else "unknown"


def nodes_of(event: Json) -> list[tuple[int, Json]]:
    """Roots of the trees an event brings, each with the id of its parent; 0 for the page's own document."""
    data = event.get("data")
    if event.get("type") == EventType.FULL_SNAPSHOT and type(data) is dict and type(data.get("node")) is dict:
        return [(0, data["node"])]
    added = [(entry.get("parentId"), entry.get("node")) for entry in _entries(event, "adds")]
    return [(parent, node) for parent, node in added if type(parent) is int and type(node) is dict]


def changes_of(event: Json) -> dict[int, Json]:
    """Attributes a mutation changes, by node."""
    found: dict[int, Json] = {}
    for entry in _entries(event, "attributes"):
        if type(entry.get("id")) is int and type(entry.get("attributes")) is dict:
            found.setdefault(entry["id"], {}).update(entry["attributes"])
    return found


def texts_of(event: Json) -> dict[int, object]:
    """Texts a mutation changes, by node."""
    return {entry["id"]: entry.get("value") for entry in _entries(event, "texts") if type(entry.get("id")) is int}


def pointed_at(event: Json, name: str, end: str) -> list[int]:
    """Nodes of the positions or ranges of an event."""
    data = event.get("data")
    entries = data.get(name) if type(data) is dict else None
    entries = entries if type(entries) is list else []
    return [entry[end] for entry in entries if type(entry) is dict and type(entry.get(end)) is int]


def _entries(event: Json, name: str) -> list[Json]:
    data = event.get("data")
    if event.get("type") != EventType.INCREMENTAL_SNAPSHOT or type(data) is not dict:
        return []
    if data.get("source") != IncrementalSource.MUTATION or type(data.get(name)) is not list:
        return []
    return [entry for entry in data[name] if type(entry) is dict]
