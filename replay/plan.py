"""Which stored blocks make up a page load, each payload once, in playable order. Pure.

Rows may be copies of each other (merged later), blocks of an older generation, the same payloads written twice, or
pieces of a cut value of which some are missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

Place = tuple[str, str, int, int]


@dataclass(frozen=True, slots=True)
class Block:
    """A row of `page_load_blocks`. `at` is (epoch, topic, partition, offset); `sources` hashes of raw coordinates."""

    first_seq: int
    last_seq: int
    part: int
    parts: int
    value_bytes: int
    value_sha256: str
    generation: int
    keyframe: bool
    first_ms: int
    last_ms: int
    size: int
    sources: tuple[int, ...]
    at: Place


@dataclass(frozen=True, slots=True)
class Value:
    """What was one value before it was cut: a block, or all pieces of one. Incomplete: some were never stored."""

    blocks: tuple[Block, ...]

    @property
    def head(self) -> Block:
        """The first piece there is."""
        return self.blocks[0]

    @property
    def complete(self) -> bool:
        """True if every piece is there."""
        return len(self.blocks) == self.head.parts

    @property
    def size(self) -> int:
        """Stored bytes."""
        return sum(block.size for block in self.blocks)


def plan(blocks: Iterable[Block]) -> list[Value]:
    """Values in the order of their payloads; those that another one replaces or repeats are left out.

    A complete value of a higher generation replaces every lower one whose payload numbers it touches. Within a
    generation a value is a repetition if all raw records it was made of are in others already.
    """
    chosen: list[Value] = []
    seen: set[int] = set()
    covered: list[tuple[int, int]] = []
    for _, generation in groupby(_preferred(blocks), key=lambda value: value.head.generation):
        kept = [value for value in generation if not _touches(value, covered) and _is_new(value, seen)]
        chosen += kept
        covered = _merged(covered + [(each.head.first_seq, each.head.last_seq) for each in kept if each.complete])
    return sorted(chosen, key=lambda value: (value.head.first_seq, value.head.last_seq, value.head.at))


def within(values: Sequence[Value], from_ms: int, to_ms: int) -> list[Value]:
    """The values a player needs for a range of client time: from the last keyframe at or before its start."""
    start = 0
    for index, value in enumerate(values):
        if any(block.keyframe for block in value.blocks) and value.head.first_ms <= from_ms:
            start = index
    return [value for value in values[start:] if value.head.first_ms <= to_ms]


def _preferred(blocks: Iterable[Block]) -> list[Value]:
    """Values, the better ones first: higher generation, complete, longer."""

    def whole(block: Block) -> tuple[int, int, int, str, int]:
        return block.generation, block.first_seq, block.last_seq, block.value_sha256, block.parts

    values: list[Value] = []
    unique = {block.at: block for block in blocks}.values()
    for (*_, parts), members in groupby(sorted(unique, key=lambda block: (*whole(block), block.part, block.at)), whole):
        if parts == 1:
            values += [Value((block,)) for block in members]
        else:
            pieces = {block.part: block for block in reversed(list(members))}
            values.append(Value(tuple(pieces[part] for part in sorted(pieces))))
    return sorted(
        values,
        key=lambda value: (
            -value.head.generation,
            not value.complete,
            value.head.first_seq,
            -value.head.last_seq,
            value.head.at,
        ),
    )


def _is_new(value: Value, seen: set[int]) -> bool:
    sources = set(value.head.sources)
    if sources and sources <= seen:
        return False
    if value.complete:
        seen |= sources
    return True


def _touches(value: Value, covered: Sequence[tuple[int, int]]) -> bool:
    return any(first <= value.head.last_seq and value.head.first_seq <= last for first, last in covered)


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(merged[-1][1], last)
        else:
            merged.append((first, last))
    return merged
