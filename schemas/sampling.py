"""Deterministic sampling: the recorder and the server reach the same answer from the session id alone."""

from __future__ import annotations

_OFFSET = 0x811C9DC5
_PRIME = 0x01000193
BUCKETS = 10_000


def fnv1a32(text: str) -> int:
    """FNV-1a, 32 bit, over the UTF-8 bytes of `text` (draft-eastlake-fnv)."""
    value = _OFFSET
    for byte in text.encode():
        value = ((value ^ byte) * _PRIME) & 0xFFFFFFFF
    return value


def in_sample(session_id: str, percent: float) -> bool:
    """True if the session is recorded at `percent` (0 to 100, hundredths count)."""
    return fnv1a32(session_id.lower()) % BUCKETS < round(percent * 100)
