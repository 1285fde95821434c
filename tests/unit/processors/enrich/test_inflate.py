"""Bodies are inflated whole, within the limit, or refused with a reason."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.enrich.inflate import MEMBERS, inflate
from schemas.reasons import Reason

MIB = 1024 * 1024
Compress = Callable[[bytes], bytes]


def raw_deflate(data: bytes) -> bytes:
    """Deflate without the zlib wrapper."""
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


def quick_brotli(data: bytes) -> bytes:
    """Brotli at a low quality: the highest takes seconds for the bombs."""
    packed: bytes = brotli.compress(data, quality=4)
    return packed


def zstd_without_size(data: bytes) -> bytes:
    """A frame that does not say how much it holds, as streaming compressors write it."""
    return zstandard.ZstdCompressor(write_content_size=False).compress(data)


COMPRESSORS = [
    ("gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("zstd", zstandard.ZstdCompressor().compress),
    ("zstd", zstd_without_size),
    ("br", quick_brotli),
]


@pytest.mark.parametrize(("encoding", "compress"), COMPRESSORS)
@settings(max_examples=25)
@given(data=st.binary(max_size=200_000))
def test_every_encoding_gives_back_the_body(encoding: str, compress: Compress, data: bytes) -> None:
    """What was compressed comes back byte for byte."""
    assert inflate(compress(data), encoding, 200_000) == data


@pytest.mark.parametrize("encoding", ["", "identity", "none"])
def test_plain_bodies_are_bounded_too(encoding: str) -> None:
    """A body without an encoding passes up to the limit and not beyond."""
    assert inflate(b"x" * 10, encoding, 10) == b"x" * 10
    assert inflate(b"x" * 11, encoding, 10) is Reason.INFLATE_LIMIT


@pytest.mark.parametrize(("encoding", "compress"), COMPRESSORS)
@pytest.mark.parametrize("missing", [1, 3, 9])
def test_bodies_cut_short_are_refused(encoding: str, compress: Compress, missing: int) -> None:
    """A body that ends before its own end is never taken for a whole one."""
    body = compress(bytes(range(256)) * 400)
    assert inflate(body[:-missing], encoding, MIB) is Reason.BAD_ENCODING


@pytest.mark.parametrize(("encoding", "compress"), COMPRESSORS)
def test_bytes_after_the_end_are_refused(encoding: str, compress: Compress) -> None:
    """Something behind the compressed data is an error, not ignored."""
    assert inflate(compress(b"data") + b"\x01more", encoding, MIB) is Reason.BAD_ENCODING


@pytest.mark.parametrize(("encoding", "compress"), COMPRESSORS[:-1])
@pytest.mark.parametrize("padding", [b"\n", b"\r\n", b"\0", bytes(100_000), b" \t\0\n" * 3])
def test_padding_after_the_end_is_ignored(encoding: str, compress: Compress, padding: bytes) -> None:
    """Zeros, blanks and line ends after the compressed data are no part of the body, however many there are."""
    assert inflate(compress(b"data") + padding, encoding, MIB) == b"data"
    noise = bytes(range(256)) * 100
    assert inflate(compress(noise) + padding, encoding, MIB) == noise


@pytest.mark.parametrize(("encoding", "compress"), COMPRESSORS[:-1])
@pytest.mark.parametrize("more", [b"\0x", b"\n\x01", bytes(100_000) + b"\x1f", b"\n" + gzip.compress(b"two", mtime=0)])
def test_what_follows_padding_is_refused(encoding: str, compress: Compress, more: bytes) -> None:
    """Only padding may follow padding."""
    assert inflate(compress(b"data") + more, encoding, MIB) is Reason.BAD_ENCODING


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_padding_alone_is_no_body(encoding: str) -> None:
    """Where nothing was compressed there is nothing to pad."""
    assert inflate(bytes(1000), encoding, MIB) is Reason.BAD_ENCODING


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd", "br"])
@pytest.mark.parametrize("body", [b"", b"[1, 2, 3]", b"\xff" * 100])
def test_bodies_that_were_never_compressed_are_refused(encoding: str, body: Any) -> None:
    """An encoding that the body does not have is an error."""
    assert inflate(body, encoding, MIB) is Reason.BAD_ENCODING


@pytest.mark.parametrize(("encoding", "compress"), [COMPRESSORS[0], COMPRESSORS[3], COMPRESSORS[4]])
def test_several_members_are_one_body(encoding: str, compress: Compress) -> None:
    """Gzip members and zstd frames in a row are put together."""
    assert inflate(compress(b"one ") + compress(b"") + compress(b"two"), encoding, MIB) == b"one two"


@pytest.mark.parametrize(("encoding", "compress"), [COMPRESSORS[0], COMPRESSORS[3]])
def test_the_number_of_members_is_bounded(encoding: str, compress: Compress) -> None:
    """A body of very many empty members is refused instead of keeping a worker busy."""
    assert inflate(compress(b"") * MEMBERS, encoding, MIB) == b""
    assert inflate(compress(b"") * (MEMBERS + 1), encoding, MIB) is Reason.BAD_ENCODING


@pytest.mark.parametrize(("encoding", "compress"), COMPRESSORS)
def test_a_bomb_is_refused_within_bounded_memory(encoding: str, compress: Compress) -> None:
    """However far a body would grow, memory stays at the limit and one slice of 16 MiB with its copy."""
    bomb = compress(bytes(64 * MIB))
    tracemalloc.start()
    try:
        assert inflate(bomb, encoding, 8 * MIB) is Reason.INFLATE_LIMIT
        assert tracemalloc.get_traced_memory()[1] < 60 * MIB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("encoding", "compress"), COMPRESSORS)
def test_the_limit_is_exact(encoding: str, compress: Compress) -> None:
    """A body as long as the limit passes, one byte more does not."""
    assert inflate(compress(b"y" * 1000), encoding, 1000) == b"y" * 1000
    assert inflate(compress(b"y" * 1001), encoding, 1000) is Reason.INFLATE_LIMIT


def test_a_zstd_window_beyond_the_content_coding_is_refused() -> None:
    """A frame that asks for a window over 8 MiB (RFC 9659) is refused before memory is set aside for it."""
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=24)
    body = zstandard.ZstdCompressor(compression_params=parameters).compress(bytes(20 * MIB))
    assert inflate(body, "zstd", 64 * MIB) is Reason.BAD_ENCODING
