"""Session state over cells: long values are cut and come back whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.runtime.state import PIECE, SessionState
from schemas.topics import SMALL_VALUE_LIMIT


class DictCells:
    """Cells in a dict, as the store would hold them."""

    def __init__(self) -> None:
        self.cells: dict[str, bytes] = {}

    def get_bytes(self, key: str) -> bytes | None:
        return self.cells.get(key)

    def set_bytes(self, key: str, value: bytes) -> None:
        self.cells[key] = value

    def delete(self, key: str) -> None:
        self.cells.pop(key, None)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7]))))
def test_any_sequence_of_sizes_reads_back_and_leaves_nothing_behind(writes: list[tuple[str, int]]) -> None:
    """Whatever was written last is read, every cell fits a changelog record, and deletes leave no pieces."""
    cells = DictCells()
    state = SessionState(cells)
    last: dict[str, bytes] = {}
    for number, (name, size) in enumerate(writes):
        last[name] = bytes([number % 251]) * size
        state.set(name, last[name])
    assert {name: state.get(name) for name in last} == last
    assert all(len(value) <= SMALL_VALUE_LIMIT for value in cells.cells.values())
    for name in last:
        state.delete(name)
    assert cells.cells == {}


def test_a_lost_piece_is_never_read_as_a_value() -> None:
    """State with a hole stops the worker instead of being misread."""
    cells = DictCells()
    SessionState(cells).set("a", b"x" * (2 * PIECE))
    cells.delete("a#1")
    with pytest.raises(RuntimeError):
        SessionState(cells).get("a")
