"""The byte rate of each session: token buckets in a bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from schemas.project import Limits


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class SessionRates:
    """`session_bytes_per_second` flow into a bucket of `session_burst_bytes`; a body takes its size out.

    Of more than `max_sessions`, the one not seen for longest is forgotten, which forgives its debt.
    """

    def __init__(self, max_sessions: int, clock: Callable[[], float]) -> None:
        self._max_sessions = max_sessions
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, session: str, size: int, limits: Limits) -> float:
        """0.0 when `size` bytes are taken, else the seconds until they may be; then nothing is taken.

        A body larger than the whole bucket needs a full one and leaves a debt, so that it can pass at all.
        """
        bucket = self._filled(session, limits)
        missing = min(size, limits.session_burst_bytes) - bucket.tokens
        if missing > 0:
            return missing / limits.session_bytes_per_second
        bucket.tokens -= size
        return 0.0

    def charge(self, session: str, size: int, limits: Limits) -> None:
        """Take out what has already been received, if need be as a debt."""
        self._filled(session, limits).tokens -= size

    def _filled(self, session: str, limits: Limits) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.get(session)
        if bucket is None:
            bucket = self._buckets[session] = _Bucket(float(limits.session_burst_bytes), now)
            if len(self._buckets) > self._max_sessions:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(session)
            flow = (now - bucket.filled_at) * limits.session_bytes_per_second
            bucket.tokens = min(float(limits.session_burst_bytes), bucket.tokens + flow)
            bucket.filled_at = now
        return bucket
