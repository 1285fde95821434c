"""Packed JSON lines: frames join, limits hold, damage is told from plenty."""

from __future__ import annotations

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from schemas.lines import LimitExceededError, NotZstdError, pack, unpack


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=8))
def test_concatenated_frames_are_the_concatenated_lines(pieces: list[bytes]) -> None:
    """A block made by joining values reads as the joined lines."""
    assert unpack(b"".join(pack(piece) for piece in pieces), 10_000) == b"".join(pieces)


def test_a_bomb_is_refused_before_it_is_inflated() -> None:
    """A frame that says it is larger than the limit, one that does not say, and too many small ones are refused."""
    bomb = b"0" * 5_000_000
    with pytest.raises(LimitExceededError):
        unpack(pack(bomb), 1_000_000)
    silent = zstandard.ZstdCompressor(write_content_size=False).compress(bomb)
    with pytest.raises(NotZstdError):
        unpack(silent, 1_000_000)
    with pytest.raises(LimitExceededError):
        unpack(pack(b"a" * 600) + pack(b"b" * 600), 1_000)


def test_a_cut_or_foreign_value_is_not_zstd() -> None:
    """Every proper prefix of a value, and text, are refused."""
    value = pack(b"some lines\n" * 50)
    for end in (1, 5, len(value) - 1):
        with pytest.raises(NotZstdError):
            unpack(value[:end], 10_000)
    with pytest.raises(NotZstdError):
        unpack(b"[]", 10_000)
