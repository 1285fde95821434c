"""What the worker is doing right now, in memory that it shares with its watchdog.

Layout, little-endian: step (8 bytes; odd while something is at hand), crashes noted of it before (4 bytes), length of
its coordinates (4 bytes), coordinates (ASCII, at most PLACE_BYTES). Writing costs less than a microsecond and asks
nobody: the watchdog reads when it likes, and believes only what has not moved for a long time.
"""

from __future__ import annotations

import mmap
import os
import struct
import tempfile
from dataclasses import dataclass

PLACE_BYTES = 1000
_HEAD = struct.Struct("<QII")
_STEP = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class Work:
    """What is at hand: its coordinates, or "wake/<session key>", and how often it has stopped workers before."""

    step: int
    coordinates: str
    crashes: int


class AtHand:
    """One block; `descriptor` opens it in another process."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._memory = mmap.mmap(descriptor, mmap.PAGESIZE)
        self._step = 0

    @classmethod
    def create(cls) -> AtHand:
        """A new block, nothing at hand."""
        if hasattr(os, "memfd_create"):
            descriptor = os.memfd_create("at-hand")
        else:  # macOS
            descriptor, path = tempfile.mkstemp()
            os.unlink(path)
        os.ftruncate(descriptor, mmap.PAGESIZE)
        return cls(descriptor)

    def begin(self, coordinates: str, crashes: int) -> None:
        """From now on this is at hand."""
        place = coordinates.encode()[:PLACE_BYTES]
        self._memory[_HEAD.size : _HEAD.size + len(place)] = place
        self._step = (self._step | 1) + 2
        _HEAD.pack_into(self._memory, 0, self._step, crashes, len(place))

    def go_on(self) -> None:
        """The same is still at hand, and one step of it is done."""
        self._step += 2
        _STEP.pack_into(self._memory, 0, self._step)

    def end(self) -> None:
        """Nothing is at hand."""
        self._step = (self._step | 1) + 1
        _STEP.pack_into(self._memory, 0, self._step)

    def look(self) -> Work | None:
        """What is at hand; None if nothing is. While the worker writes, it may be wrong."""
        step, crashes, length = _HEAD.unpack_from(self._memory)
        if step % 2 == 0:
            return None
        place = self._memory[_HEAD.size : _HEAD.size + min(length, PLACE_BYTES)]
        return Work(step, place.decode("ascii", "replace"), crashes)
