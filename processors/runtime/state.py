"""A stage's state on Quix Streams: one session's part of a partition's store.

Layout of the store, beside Quix's own separator "|":

    <session key>|"<name>"      first byte 0: the value follows
                                first byte 1: the number of pieces follows, 4 bytes big-endian
    <session key>|"<name>#<i>"  piece i of a long value
    <session key>|"#cut"        names of the session's values in pieces, separated by spaces; absent if there are none
    ~wake|"<session key>"       when to wake the session, see `processors.runtime.wakeups.Wake`

    ~partition|"<name>"         what the sessions of the partition share, see `processors.runtime.worker.Partition`

Project names never start with "~", so wake-ups lie in a range of their own and can be read without the rest.
"""

from __future__ import annotations

from typing import Protocol

WAKE_PREFIX = b"~wake"
PARTITION_PREFIX = b"~partition"
# The changelog topic takes 1 MiB; records carry a key and headers too.
PIECE = 800 * 1024
_WHOLE = b"\x00"
_PIECES = b"\x01"
_CUT = "#cut"


class Cells(Protocol):
    """What Quix's `State` offers, as far as we use it."""

    def get_bytes(self, key: str) -> bytes | None: ...
    def set_bytes(self, key: str, value: bytes) -> None: ...
    def delete(self, key: str) -> None: ...


class SessionState:
    """`processors.state.State` over Quix cells; cuts long values so that each fits the changelog."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._cut_names: frozenset[str] | None = None
        # What on_record or on_wake asked for; the worker reads it after the call.
        self.wake: int | None = None
        self.wake_asked = False

    def get(self, name: str) -> bytes | None:
        """The value, or None."""
        head = self._cells.get_bytes(name)
        if head is None:
            return None
        if head[:1] == _WHOLE:
            return head[1:]
        if head[:1] != _PIECES:
            # Of a version this code does not know, and so to the stage, since every stage begins with a version byte.
            return b""
        pieces = []
        for index in range(int.from_bytes(head[1:5])):
            piece = self._cells.get_bytes(f"{name}#{index}")
            if piece is None:
                raise RuntimeError(f"state value {name.split(':')[0]} lost a piece")
            pieces.append(piece)
        return b"".join(pieces)

    def set(self, name: str, value: bytes) -> None:
        """Store a value."""
        self._drop_pieces(name)
        if len(value) <= PIECE:
            self._cells.set_bytes(name, _WHOLE + value)
            return
        count = -(-len(value) // PIECE)
        for index in range(count):
            self._cells.set_bytes(f"{name}#{index}", value[index * PIECE : (index + 1) * PIECE])
        self._cells.set_bytes(name, _PIECES + count.to_bytes(4))
        self._remember_cut(self._cut() | {name})

    def delete(self, name: str) -> None:
        """Forget a value."""
        self._drop_pieces(name)
        self._cells.delete(name)

    def wake_at(self, when: int | None) -> None:
        """Note when to wake this session."""
        self.wake, self.wake_asked = when, True

    def _drop_pieces(self, name: str) -> None:
        if name not in self._cut():
            return
        head = self._cells.get_bytes(name) or b""
        for index in range(int.from_bytes(head[1:5])):
            self._cells.delete(f"{name}#{index}")
        self._remember_cut(self._cut() - {name})

    def _cut(self) -> frozenset[str]:
        """Names in pieces: read once, so that a change of a small value does not look its old one up first."""
        if self._cut_names is None:
            self._cut_names = frozenset((self._cells.get_bytes(_CUT) or b"").decode().split())
        return self._cut_names

    def _remember_cut(self, names: frozenset[str]) -> None:
        self._cut_names = names
        if names:
            self._cells.set_bytes(_CUT, " ".join(sorted(names)).encode())
        else:
            self._cells.delete(_CUT)


class StatelessState:
    """Given to a stage that declares no state: anything it tries is a mistake in the stage."""

    def get(self, name: str) -> bytes | None:
        """Not available."""
        raise RuntimeError("this stage declares no state")

    def set(self, name: str, value: bytes) -> None:
        """Not available."""
        raise RuntimeError("this stage declares no state")

    def delete(self, name: str) -> None:
        """Not available."""
        raise RuntimeError("this stage declares no state")

    def wake_at(self, when: int | None) -> None:
        """Not available."""
        raise RuntimeError("this stage declares no state")
