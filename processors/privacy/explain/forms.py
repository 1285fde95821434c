"""The forms in which the product and its documents hand out recordings, as page loads.

    [event, …]  ·  one event on each line, as `GET /api/recordings/{id}/events` gives them
    {"events": [event, …], …}, what a recorder posts; several of them in an array or on lines
    {"window": uuid, "payloads": [{"page": uuid, "seq": n, "events": [event, …]}, …]}, a session as it was captured
    {"key": …, "headers": …, "value": {"lines": [event, …]}}, an example of a record

Each of them plain, in gzip, or in zstd.
"""

from __future__ import annotations

import zlib
from typing import Any

from processors.json_text import loads
from schemas import lines

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


class TooLargeError(ValueError):
    """More bytes than the limit once unpacked."""


def unpacked(content: bytes, limit: int) -> bytes:
    """The text of a file. TooLargeError; what cannot be unpacked is returned as it is."""
    try:
        if content.startswith(ZSTD):
            return lines.unpack(content, limit)
        if content.startswith(GZIP):
            stream = zlib.decompressobj(16 + zlib.MAX_WBITS)
            text = stream.decompress(content, limit + 1)
            if len(text) > limit:
                raise TooLargeError
            return text if stream.eof else content
    except lines.LimitExceededError:
        raise TooLargeError from None
    except (lines.NotZstdError, zlib.error):
        pass
    return content


def page_loads(text: bytes) -> list[list[Any]] | None:
    """Entries of page load after page load, of a form that has several payloads; None for any other form."""
    try:
        document = loads(text)
    except ValueError:
        documents = _lines(text)
    else:
        documents = document if isinstance(document, list) else [document]
    first = documents[0] if documents else None
    if not isinstance(first, dict):
        return None
    if len(documents) == 1 and isinstance(first.get("payloads"), list):
        return _captured(first["payloads"])
    value = first.get("value")
    if len(documents) == 1 and isinstance(value, dict) and isinstance(value.get("lines"), list):
        return [value["lines"]]
    if len(documents) > 1 and all(_is_posted(each) for each in documents):
        return [[event for each in documents for event in each["events"]]]
    return None


def _captured(payloads: list[Any]) -> list[list[Any]] | None:
    """By page in the order in which pages first appear, payloads of each by their number."""
    pages: dict[str, list[tuple[int, list[Any]]]] = {}
    for payload in payloads:
        if not _is_posted(payload) or type(payload.get("seq")) is not int:
            return None
        pages.setdefault(str(payload.get("page")), []).append((payload["seq"], payload["events"]))
    return [
        [event for _, events in sorted(own, key=lambda each: each[0]) for event in events] for own in pages.values()
    ]


def _is_posted(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("events"), list)


def _lines(text: bytes) -> list[Any]:
    try:
        return [loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        return []
