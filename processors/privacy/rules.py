"""Which rules an element falls under: what the policy's selectors find, as the flags of `nodes.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from processors.privacy.nodes import BLOCKED, IGNORE, MASK, QUIRKS, SVG, VEILED
from processors.privacy.refusal import Json
from processors.privacy.scene import Scene

# By what `Selectors.matches` says; the order of lists is that of `schemas.policy.Policy.selector_lists`.
_LISTS = (BLOCKED, MASK, IGNORE, VEILED)
FLAGS: Final = tuple(sum(flag for list_, flag in enumerate(_LISTS) if found >> list_ & 1) for found in range(16))
NO_BITS: Final[Mapping[int, int]] = MappingProxyType({})


def flags_of(scene: Scene, bits: int, parent: int, before: Mapping[int, int] = NO_BITS) -> int:
    """The flags of an element that has these bits, below `parent`, where elements of `before` have the bits they had
    before this event.
    """
    return FLAGS[scene.policy.selectors.matches(bits, scene.mirror.chain(parent, before))]


def flags_on_arrival(
    scene: Scene, node: Json, tag: str, kind: int, parent: int, changes: Sequence[Json], before: Mapping[int, int]
) -> int:
    """The flags of an element that comes now, and remembers its bits.

    `changes` are those the same event gives it elsewhere: all it could have been counts, and so do elements above as
    they were `before`.
    """
    selectors = scene.policy.selectors
    is_svg, quirks = bool(kind & SVG), bool(kind & QUIRKS)
    bits = selectors.bits(tag, node.get("attributes") or {}, is_svg, quirks)
    if ":" in tag:
        # Selectors go by the name behind a prefix.
        bits |= selectors.bits(tag.rpartition(":")[2], {}, is_svg, quirks)
    flags = flags_of(scene, bits, parent)
    if before:
        flags |= flags_of(scene, bits, parent, before)
    for each in changes:
        bits = selectors.updated(bits, each, is_svg, quirks)
        flags |= flags_of(scene, bits, parent) | (flags_of(scene, bits, parent, before) if before else 0)
    scene.mirror.note_bits(node["id"], bits)
    return flags
