"""A mirror as bytes: a base with all of it, and patches with what changed since.

    base   version, zstd of: counts, then columns of ids (differences), parents (differences to the id), facts,
           secret ids, sheet ids, ids with bits, these bits (low and high half), ids with names of slots, these names,
           ids that ask for a slot, its name
    patch  the same; facts and parent 0xFFFFFFFF stand for a node that went, and secrets and sheets are always all

The last count is 1 if slots are known. Version 2 had nothing about slots: what it holds is followed as it was then,
until the next snapshot.

Integers are little-endian, 32 bits. A base costs about 1.5 bytes a node, a patch some 30 bytes and 5 a node.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from operator import sub

import zstandard

from processors.privacy.mirror import Mirror
from processors.privacy.nodes import OWN_MASK, PARENT_SHIFT

VERSION = b"\x03"
_WITHOUT_SLOTS = b"\x02"
_WORD = 0xFFFFFFFF
_GONE = _WORD
_COUNTS = struct.Struct("<7I")
_FEWER_COUNTS = struct.Struct("<4I")
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
    version = packed[:1]
    if version not in (VERSION, _WITHOUT_SLOTS):
        raise PackingError
    form = _COUNTS if version == VERSION else _FEWER_COUNTS
    try:
        data = zstandard.ZstdDecompressor().decompress(packed[1:], max_output_size=_MOST)
        nodes, secrets, sheets, marked, named, asking, is_flat = (*form.unpack_from(data), 0, 0, 0)[:7]
        count = 3 * nodes + secrets + sheets + 3 * marked + 2 * (named + asking)
        words = struct.unpack_from(f"<{count}I", data, form.size)
    except (zstandard.ZstdError, struct.error):
        raise PackingError from None
    node_id = 0
    for step, up, facts in zip(words[:nodes], words[nodes : 2 * nodes], words[2 * nodes : 3 * nodes], strict=True):
        node_id = (node_id + step) & _WORD
        mirror.bits.pop(node_id, None)
        mirror.slots.forget(node_id)
        if facts == _GONE:
            mirror.nodes.pop(node_id, None)
        else:
            mirror.nodes[node_id] = ((node_id - up) & _WORD) << PARENT_SHIFT | facts
    mirror.secrets = set(words[3 * nodes : 3 * nodes + secrets])
    mirror.sheets = set(words[3 * nodes + secrets : 3 * nodes + secrets + sheets])
    at = 3 * nodes + secrets + sheets
    ids, low, high = (words[at + column * marked :][:marked] for column in (0, 1, 2))
    mirror.bits |= {each: few | more << 32 for each, few, more in zip(ids, low, high, strict=True)}
    at += 3 * marked
    for each, name in zip(words[at : at + named], words[at + named : at + 2 * named], strict=True):
        mirror.slots.names[each] = (*mirror.slots.names.get(each, ()), name)
    at += 2 * named
    mirror.slots.wanted |= dict(zip(words[at : at + asking], words[at + asking : at + 2 * asking], strict=True))
    mirror.is_flat = bool(is_flat)


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
    slots = mirror.slots
    named = [(each, name) for each in ids for name in slots.names.get(each, ())] if slots.names else []
    asking = [each for each in ids if each in slots.wanted] if slots.wanted else []
    of_slots = (*(each for each, _ in named), *(name for _, name in named), *asking, *map(slots.wanted.get, asking))
    words = [*steps, *parents, *facts, *secrets, *sheets, *marked, *halves, *of_slots]
    counts = (len(ids), len(secrets), len(sheets), len(marked), len(named), len(asking), int(mirror.is_flat))
    data = _COUNTS.pack(*counts) + struct.pack(f"<{len(words)}I", *words)
    return VERSION + zstandard.ZstdCompressor(level=3).compress(data)
