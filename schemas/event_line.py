"""One rrweb event as one line of JSON, however deep its page is."""

from __future__ import annotations

from typing import Any

import orjson

# Stands for events that were lost before privacy: what they said of blocked and masked elements is not known after it.
LOST = b"null\n"
# orjson reads 1 024 levels but writes 254, two for each level of a page; a piece this deep leaves it room.
_PIECE_LEVELS = 100


def event_line(event: dict[str, Any]) -> bytes | None:
    """The event with its newline; None if it nests too deep anywhere but in its nodes, or holds what JSON cannot.

    Always written anew: the bytes that came could hold a key twice, and a reader might take the one nobody saw.
    A deep event's nodes are replaced in place by their text: it can be written, not read any more.
    """
    try:
        return orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        pass
    try:
        for root in _roots(event.get("data")):
            _write_pieces(root)
        return orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        return None


def _roots(data: object) -> list[dict[str, Any]]:
    if type(data) is not dict:
        return []
    adds = data.get("adds")
    entries = [data, *(entry for entry in (adds if type(adds) is list else ()) if type(entry) is dict)]
    return [node for node in (entry.get("node") for entry in entries) if type(node) is dict]


def _write_pieces(root: dict[str, Any]) -> None:
    """Replace deep subtrees by their JSON text, the deepest first."""
    pieces: list[tuple[int, list[Any], int]] = []
    stack: list[tuple[Any, int]] = [(root, 0)]
    while stack:
        node, level = stack.pop()
        children = node.get("childNodes") if type(node) is dict else None
        for index, child in enumerate(children if type(children) is list else ()):
            stack.append((child, level + 1))
            if (level + 1) % _PIECE_LEVELS == 0:
                pieces.append((level + 1, children, index))  # type: ignore[arg-type]
    for _, siblings, index in sorted(pieces, key=lambda piece: -piece[0]):
        siblings[index] = orjson.Fragment(orjson.dumps(siblings[index]))
