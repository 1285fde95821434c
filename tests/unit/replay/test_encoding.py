"""Compression is used when asked for and undone by the client to the same bytes."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
import zstandard

from replay.encoding import PIECE, accepted, compressed


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        (None, ""),
        ("", ""),
        ("br", ""),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.5, gzip", "gzip"),
        ("zstd;q=0, gzip;q=0", ""),
        ("*", "zstd"),
        ("*;q=0, GZIP", "gzip"),
        ("gzip;q=much", ""),
    ],
)
def test_choice(header: str | None, encoding: str) -> None:
    """The client's weights decide; zstd wins a tie; what it refuses is not used."""
    assert accepted(header) == encoding


@pytest.mark.parametrize("encoding", ["", "gzip", "zstd"])
def test_bytes_come_back(encoding: str) -> None:
    """Pieces put together and unpacked are the lines."""
    lines = [b"line %d\n" % number for number in range(50_000)]
    packed = b"".join(compressed(iter(lines), encoding))
    unpack: dict[str, Callable[[bytes], bytes]] = {
        "": bytes,
        "gzip": gzip.decompress,
        "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
    }
    assert unpack[encoding](packed) == b"".join(lines)


def test_nothing_is_held_back_without_bound() -> None:
    """A piece goes out as soon as enough was gathered."""
    pieces = compressed(iter([b"x" * PIECE, b"y"]), "")
    assert next(pieces) == b"x" * PIECE
