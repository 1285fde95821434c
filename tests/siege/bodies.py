"""Bodies that a visitor with a public key may send, each made to cost more than it should."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import Iterator

from tests.e2e.payloads import Event, now_ms, packed, page_start

SHEET_BYTES = 200_000
BOMB_BYTES = 60 * 1024 * 1024
# What made a scanner begin again at every repetition, or walk a run once for each of its characters.
_STYLES = (
    "url(" + " " * SHEET_BYTES,
    "url(" * (SHEET_BYTES // 4),
    "@import/*" * (SHEET_BYTES // 9),
    "@import " + "/**/" * (SHEET_BYTES // 4),
    "image-set(" * (SHEET_BYTES // 10),
    "image-set('" * (SHEET_BYTES // 11),
    "a{content:'" * (SHEET_BYTES // 11),
    "/*" * (SHEET_BYTES // 2),
    '"\\' * (SHEET_BYTES // 2),
    "--" * (SHEET_BYTES // 2),
    "\\75" * (SHEET_BYTES // 3),
    "sourceMappingURL=" * (SHEET_BYTES // 17),
)


def hostile_styles() -> Iterator[bytes]:
    """Pages whose style sheets, style attributes and addresses are hard to scan; without end."""
    while True:
        for css in _STYLES:
            yield packed(page_start(styles=[css]))
            yield packed(_with_attribute({"style": css}))
            yield packed(_with_attribute({"srcset": css.replace(" ", ", ")}))


def odd_bodies(chance: random.Random) -> Iterator[tuple[bytes, str]]:
    """Body and encoding of what is no payload, in turn; without end."""
    good = packed(page_start())
    bomb = gzip.compress(bytes(BOMB_BYTES), 9)
    while True:
        yield bomb, "gzip"
        yield good[: len(good) // 2], "gzip"
        yield chance.randbytes(2000), "gzip"
        yield chance.randbytes(2000), "zstd"
        yield chance.randbytes(2000), "br"
        yield zlib.compress(b"[" * 200_000), "deflate"
        yield b'[{"a":' * 20_000, "none"
        yield b'{"events":null}', "none"
        yield b"[1,2,3]", "none"
        yield b"\xff\xfe\x00", "none"
        yield packed([{"type": 3, "data": None, "timestamp": now_ms()}]), "gzip"
        yield packed([{"type": 99, "data": {}, "timestamp": 1e300}]), "gzip"
        yield json.dumps([{"type": 3, "data": {"source": 0, "adds": [{}] * 2000}, "timestamp": 0}]).encode(), "none"


def empty_page() -> bytes:
    """The smallest body that begins a session: a page's own events without content pass before any snapshot."""
    return packed([{"type": 0, "data": {}, "timestamp": now_ms()}])


def noise(chance: random.Random, size: int) -> bytes:
    """What nothing can compress."""
    return chance.randbytes(size)


def _with_attribute(attributes: dict[str, str]) -> list[Event]:
    events = page_start(images=["data:image/png;base64,AA=="])
    body = events[1]["data"]["node"]["childNodes"][0]["childNodes"][1]
    body["childNodes"][1]["attributes"] |= attributes
    return events
