"""A page load is read once, whole, and in order, however its blocks were written."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from replay.plan import Block, plan, within


def _block(first: int, last: int | None = None, offset: int | None = None, **changes: Any) -> Block:
    end = first if last is None else last
    block = Block(
        first_seq=first,
        last_seq=end,
        part=0,
        parts=1,
        value_bytes=10,
        value_sha256="",
        generation=0,
        keyframe=False,
        first_ms=first * 1000,
        last_ms=end * 1000 + 999,
        size=10,
        sources=tuple(range(first, end + 1)),
        at=("e", "t", 0, first if offset is None else offset),
    )
    return replace(block, **changes)


def _pieces(seq: int, parts: int, offset: int, **changes: Any) -> list[Block]:
    cut: dict[str, Any] = {"value_sha256": "ab", "parts": parts, **changes}
    return [_block(seq, offset=offset + part, part=part, **cut) for part in range(parts)]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=12), st.randoms())
def test_order_of_rows_does_not_matter(lengths: list[int], dice: Random) -> None:
    """Rows in any order, with copies, give each payload once and rising."""
    blocks, at = [], 0
    for length in lengths:
        blocks.append(_block(at, at + length - 1))
        at += length
    rows = [*blocks, *blocks[::2]]
    dice.shuffle(rows)
    assert [value.head for value in plan(rows)] == blocks


def test_late_payload_keeps_its_place() -> None:
    """A payload that came after its neighbours were stored is played between them."""
    values = plan([_block(0, 1), _block(3, 5), _block(2, offset=99)])
    assert [value.head.first_seq for value in values] == [0, 2, 3]


def test_same_payloads_written_twice_are_played_once() -> None:
    """Payloads stored again under other offsets and in other blocks do not double."""
    first = [_block(0, 3), _block(4, 7)]
    again = [_block(0, 3, offset=100), _block(4, 5, offset=101), _block(6, 7, offset=102)]
    assert [value.head for value in plan([*again, *first])] == first


def test_higher_generation_replaces_lower() -> None:
    """A rewritten stretch is read from its newest form, the rest from the old one."""
    rewritten = _block(0, 5, offset=50, generation=1)
    old = [_block(0, 3), _block(4, 5), _block(6, 7)]
    assert [value.head for value in plan([*old, rewritten])] == [rewritten, old[2]]


def test_incomplete_rewrite_replaces_nothing() -> None:
    """A rewrite of which a piece is missing does not hide the old form that is whole."""
    rewritten = _pieces(0, 3, 50, generation=1)[:2]
    values = plan([*rewritten, _block(0)])
    assert [value.complete for value in values if value.head.generation == 0] == [True]


def test_pieces_are_put_together_in_order() -> None:
    """Pieces of a cut value make one value; with one missing it is known to be incomplete."""
    pieces = _pieces(4, 3, 10)
    (whole,) = plan(reversed(pieces))
    assert whole.complete
    assert [block.part for block in whole.blocks] == [0, 1, 2]
    (torn,) = plan([pieces[0], pieces[2]])
    assert not torn.complete


def test_whole_copy_is_preferred_to_torn_one() -> None:
    """When the same payload is there torn and whole, only the whole one is used."""
    torn = _pieces(4, 3, 10)[1:]
    whole = _pieces(4, 2, 20, value_sha256="cd")
    values = plan([*torn, *whole])
    assert [value.complete for value in values] == [True]


def test_range_starts_at_the_keyframe_before_it() -> None:
    """A range can be drawn: it begins with the last keyframe at or before it and ends after its last block."""
    values = plan([_block(seq, keyframe=seq in (0, 4, 8)) for seq in range(12)])
    assert [value.head.first_seq for value in within(values, 6_500, 9_000)] == [4, 5, 6, 7, 8, 9]
    assert [value.head.first_seq for value in within(values, 0, 2_500)] == [0, 1, 2]
