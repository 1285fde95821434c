"""A mirror as bytes: a base with all of it, and patches with what changed since.

    base   version, zstd of: counts, then columns of ids (differences), parents (differences to the id), facts,
           secret ids, sheet ids, ids with bits, these bits (low and high half)
    patch  the same; facts and parent 0xFFFFFFFF stand for a node that went, and secrets and sheets are always all

Integers are little-endian, 32 bits. A base costs about 1.5 bytes a node, a patch some 30 bytes and 5 a node.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from operator import sub

import zstandard

from processors.privacy.mirror import Mirror
from processors.privacy.nodes import OWN_MASK, PARENT_SHIFT

VERSION = b"\x02"
_WORD = 0xFFFFFFFF
_GONE = _WORD
_COUNTS = struct.Struct("<4I")
# Twelve bytes a node, more nodes than any limit allows: bounds what a damaged value can make us allocate.
_MOST = 64 * 1024 * 1024


class PackingError(ValueError):
    """Not bytes of this version."""


def pack_base(mirror: Mirror) -> bytes:
    """All of a mirror."""
    return _pack(mirror, sorted(mirror.nodes))


def pack_patch(mirror: Mirror) -> bytes:
    """What changed since the mirror was last stored."""
    return _pack(mirror, sorted(mirror.changed))


def apply(mirror: Mirror, packed: bytes) -> None:
    """Bring a mirror to what a base or patch says. PackingError if it cannot be read."""
    if packed[:1] != VERSION:
        raise PackingError
    try:
        data = zstandard.ZstdDecompressor().decompress(packed[1:], max_output_size=_MOST)
        nodes, secrets, sheets, marked = _COUNTS.unpack_from(data)
        words = struct.unpack_from(f"<{3 * nodes + secrets + sheets + 3 * marked}I", data, _COUNTS.size)
    except (zstandard.ZstdError, struct.error):
        raise PackingError from None
    node_id = 0
    for step, up, facts in zip(words[:nodes], words[nodes : 2 * nodes], words[2 * nodes : 3 * nodes], strict=True):
        node_id = (node_id + step) & _WORD
        mirror.bits.pop(node_id, None)
        if facts == _GONE:
            mirror.nodes.pop(node_id, None)
        else:
            mirror.nodes[node_id] = ((node_id - up) & _WORD) << PARENT_SHIFT | facts
    mirror.secrets = set(words[3 * nodes : 3 * nodes + secrets])
    mirror.sheets = set(words[3 * nodes + secrets : 3 * nodes + secrets + sheets])
    ids, low, high = (words[len(words) - left * marked :][:marked] for left in (3, 2, 1))
    mirror.bits |= {each: few | more << 32 for each, few, more in zip(ids, low, high, strict=True)}


def _pack(mirror: Mirror, ids: Sequence[int]) -> bytes:
    nodes = mirror.nodes
    kinds = [nodes.get(node_id) for node_id in ids]
    parents = [
        _WORD if kind is None else (node_id - (kind >> PARENT_SHIFT)) & _WORD
        for node_id, kind in zip(ids, kinds, strict=True)
    ]
    facts = [_GONE if kind is None else kind & OWN_MASK for kind in kinds]
    secrets, sheets = sorted(mirror.secrets), sorted(mirror.sheets)
    marked = [node_id for node_id in ids if node_id in mirror.bits] if mirror.bits else []
    bits = [mirror.bits[node_id] for node_id in marked]
    halves = (*(each & _WORD for each in bits), *(each >> 32 for each in bits))
    steps = map(sub, ids, (0, *ids))
    words = [*steps, *parents, *facts, *secrets, *sheets, *marked, *halves]
    data = _COUNTS.pack(len(ids), len(secrets), len(sheets), len(marked)) + struct.pack(f"<{len(words)}I", *words)
    return VERSION + zstandard.ZstdCompressor(level=3).compress(data)
