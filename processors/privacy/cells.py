"""Small state values: a version byte, then a JSON list."""

from __future__ import annotations

from typing import Any

import orjson

VERSION = b"\x01"


def pack_cell(*fields: Any) -> bytes:
    """A small state value of this version."""
    return VERSION + orjson.dumps(fields)


def unpack_cell(value: bytes | None, known: int) -> list[Any] | None:
    """The first `known` fields of a small state value; None if there is none, or of a version this code does not know.

    Fields may be added at the end: readers take those they know.
    """
    if value is None or value[:1] != VERSION:
        return None
    fields: list[Any] = orjson.loads(value[1:])
    return fields[:known]
