"""A stage's state on Quix Streams: one session's part of a partition's store.

Layout of the store, beside Quix's own separator "|":

    <session key>|"<name>"      first byte 0: the value follows
                                first byte 1: the number of pieces follows, 4 bytes big-endian
    <session key>|"<name>#<i>"  piece i of a long value
    ~wake|"<session key>"       when to wake the session, see `processors.runtime.wakeups.Wake`

Project names never start with "~", so wake-ups lie in a range of their own and can be read without the rest.
"""

from __future__ import annotations

from typing import Protocol

WAKE_PREFIX = b"~wake"
# The changelog topic takes 1 MiB; records carry a key and headers too.
PIECE = 800 * 1024
_WHOLE = b"\x00"
_PIECES = b"\x01"


class Cells(Protocol):
    """What Quix's `State` offers, as far as we use it."""

    def get_bytes(self, key: str) -> bytes | None: ...
    def set_bytes(self, key: str, value: bytes) -> None: ...
    def delete(self, key: str) -> None: ...


class SessionState:
    """`processors.state.State` over Quix cells; cuts long values so that each fits the changelog."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
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

    def delete(self, name: str) -> None:
        """Forget a value."""
        self._drop_pieces(name)
        self._cells.delete(name)

    def wake_at(self, when: int | None) -> None:
        """Note when to wake this session."""
        self.wake, self.wake_asked = when, True

    def _drop_pieces(self, name: str) -> None:
        head = self._cells.get_bytes(name)
        if head is not None and head[:1] == _PIECES:
            for index in range(int.from_bytes(head[1:5])):
                self._cells.delete(f"{name}#{index}")


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
