"""Finding a text in bytes however they are packed: plain, or inside zstd, gzip or zlib streams that start anywhere.

Blocks are frames one after another, state values carry a byte in front, rows of a table dump have lengths between
them: so every place that looks like the start of a compressed stream is tried, also inside what was inflated.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

import zstandard

# RFC 8878 3.1.1 (zstd), RFC 1952 2.3.1 (gzip with deflate), RFC 1950 2.2 (zlib with a window of 32 KiB).
_STARTS = re.compile(rb"\x28\xb5\x2f\xfd|\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
_ZSTD = b"\x28\xb5\x2f\xfd"
_LARGEST = 256 * 1024 * 1024
_DEEPEST = 3


def found_in(blob: bytes, needles: dict[str, str], depth: int = 0) -> set[str]:
    """Names of the needles (name to text) whose text is somewhere in `blob`."""
    found = {name for name, text in needles.items() if text.encode() in blob}
    if depth < _DEEPEST:
        for inflated in _streams(blob):
            found |= found_in(inflated, needles, depth + 1)
    return found


def _streams(blob: bytes) -> Iterator[bytes]:
    whole = memoryview(blob)
    for start in _STARTS.finditer(blob):
        inflated = _inflate(start.group(), whole[start.start() :])
        if inflated:
            yield inflated


def _inflate(start: bytes, data: memoryview) -> bytes:
    """As much as the stream gives; most places that look like a start are none."""
    try:
        if start == _ZSTD:
            return zstandard.ZstdDecompressor().decompressobj().decompress(data)
        return zlib.decompressobj(wbits=32 + zlib.MAX_WBITS).decompress(data, _LARGEST)
    except (zlib.error, zstandard.ZstdError):
        return b""
