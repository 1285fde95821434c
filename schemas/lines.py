"""The value of every record after enrich: JSON lines in zstd frames.

Frames may be concatenated, and the result is again a legal value (RFC 8878, section 3): batch builds blocks of
payloads without opening them.
"""

from __future__ import annotations

import threading

import zstandard

ENCODING = "zstd"
# Level 3: the measured knee of size against time on real recordings.
LEVEL = 3


class LimitExceededError(ValueError):
    """The inflated value would be larger than allowed."""


class NotZstdError(ValueError):
    """The value is not a whole sequence of zstd frames."""


class _Codec(threading.local):
    """A thread's own compressor and decompressor: making one costs more than a small payload takes."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
        self.decompressor = zstandard.ZstdDecompressor()


_codec = _Codec()


def pack(lines: bytes) -> bytes:
    """One zstd frame of JSON lines; the frame says its content size and carries a checksum."""
    return _codec.compressor.compress(lines)


def unpack(value: bytes, limit: int) -> bytes:
    """The JSON lines of one or more concatenated frames, at most `limit` bytes.

    Raises LimitExceededError or NotZstdError (also for a frame cut short, or one that does not say its size).
    """
    try:
        # An empty first frame would make the library return at once, whatever follows it.
        if 0 < zstandard.frame_content_size(value) <= limit:
            return _codec.decompressor.decompress(value, allow_extra_data=False)
    except zstandard.ZstdError:
        pass  # several frames, or none
    return _unpack_frames(value, limit)


def _unpack_frames(value: bytes, limit: int) -> bytes:
    pieces: list[bytes] = []
    total = 0
    rest = value
    while rest:
        inflater = _codec.decompressor.decompressobj()
        try:
            size = zstandard.frame_content_size(rest)
            if size > limit - total:
                raise LimitExceededError
            # Every frame of ours says its size; one that does not cannot be bounded before it is inflated.
            piece = inflater.decompress(rest) if size >= 0 else b""
        except zstandard.ZstdError:
            raise NotZstdError from None
        if size < 0 or not inflater.eof:
            raise NotZstdError
        total += len(piece)
        pieces.append(piece)
        rest = inflater.unused_data
    return b"".join(pieces)
