"""What a stage may remember, seen from the stage: bytes by name, for one session at a time."""

from __future__ import annotations

from typing import Protocol


class State(Protocol):
    """State of one session in one stage. Changes become durable together with the outcomes of the same call.

    Values of any size are allowed (they are cut to fit the changelog); names are short ASCII without "|".
    """

    def get(self, name: str) -> bytes | None:
        """The value, or None."""

    def set(self, name: str, value: bytes) -> None:
        """Store a value."""

    def delete(self, name: str) -> None:
        """Forget a value; no error if there is none."""

    def wake_at(self, when: int | None) -> None:
        """Ask for one `on_wake` of this session at `when` (wall clock, ms), instead of any asked for before."""


class MemoryState:
    """State in a dict, for tests and tools. `wake` is the time last asked for."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.wake: int | None = None

    def get(self, name: str) -> bytes | None:
        """The value, or None."""
        return self.values.get(name)

    def set(self, name: str, value: bytes) -> None:
        """Store a value."""
        self.values[name] = value

    def delete(self, name: str) -> None:
        """Forget a value."""
        self.values.pop(name, None)

    def wake_at(self, when: int | None) -> None:
        """Remember when to wake."""
        self.wake = when
