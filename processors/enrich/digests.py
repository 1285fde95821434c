"""Which payloads of a page load were received, and what they were: the start of each body's hash.

64 seqs share a state value ("bucket"), and each bucket names the one made before it. So all of them can be found
and forgotten at a cost of what was received, even if a page load jumps from seq 0 to seq 1 000 000.

    bucket = version, 1 byte | bucket made before, 4 bytes | entries of seq modulo 64, 1 byte, and digest, 8 bytes
"""

from __future__ import annotations

from processors.enrich.cells import VERSION
from processors.state import State

DIGEST = 8
BUCKET = 64
NONE = 0xFFFFFFFF
# Given to a payload that was set aside unread: any later body with its seq is taken for the same.
UNREAD = bytes(DIGEST)
_HEAD = 5
_ENTRY = 1 + DIGEST


class Digests:
    """Digests of one page load; `newest` is the bucket made last, which the page load remembers."""

    def __init__(self, state: State, page: str, newest: int) -> None:
        self._state = state
        self._page = page
        self.newest = newest

    def get(self, seq: int) -> bytes | None:
        """The digest of a seq that was received, else None."""
        bucket = self._load(seq // BUCKET)
        if bucket is None:
            return None
        for at in range(_HEAD, len(bucket), _ENTRY):
            if bucket[at] == seq % BUCKET:
                return bucket[at + 1 : at + _ENTRY]
        return None

    def add(self, seq: int, digest: bytes) -> None:
        """Note that a seq, not received before, was received."""
        number = seq // BUCKET
        bucket = self._load(number)
        if bucket is None:
            bucket = VERSION + self.newest.to_bytes(4)
            self.newest = number
        self._state.set(self._name(number), bucket + bytes((seq % BUCKET,)) + digest[:DIGEST])

    def forget(self) -> None:
        """Delete every bucket."""
        number = self.newest
        while number != NONE and (bucket := self._load(number)) is not None:
            self._state.delete(self._name(number))
            number = int.from_bytes(bucket[1:_HEAD])
        self.newest = NONE

    def _load(self, number: int) -> bytes | None:
        bucket = self._state.get(self._name(number))
        return bucket if bucket is not None and bucket[:1] == VERSION else None

    def _name(self, number: int) -> str:
        return f"h{self._page}.{number}"
