"""Token buckets by name, with a sum for each UTC day, in a memory that holds a fixed number of them."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Allowance:
    """`per_second` flow into a bucket of `burst`; `per_day` is the most in one UTC day."""

    per_second: float
    burst: float
    per_day: float = math.inf


class Moment(NamedTuple):
    """`clock` is monotonic seconds, `wall` seconds since 1970."""

    clock: float
    wall: float


@dataclass(slots=True)
class _Meter:
    tokens: float
    filled_at: float
    day: int
    today: float


class Meters:
    """Of more than `most`, the one not used for longest is forgotten, which forgives its debt.

    Asking remembers nothing; only taking does.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._meters: OrderedDict[str, _Meter] = OrderedDict()

    def __contains__(self, name: str) -> bool:
        return name in self._meters

    def __len__(self) -> int:
        return len(self._meters)

    def wait(
        self,
        name: str,
        size: float,
        allowance: Allowance,
        at: Moment,
        *,
        burst_kept: float = 0.0,
        day_kept: float = 0.0,
    ) -> float:
        """0.0 when `size` may be taken and leave what is to be kept, else the seconds until then.

        What is larger than the whole bucket needs a full one and leaves a debt, so that it can pass at all. The same
        holds of a day.
        """
        meter = self._meters.get(name)
        if meter is None:
            return 0.0
        _fill(meter, allowance, at)
        needed = min(size + burst_kept, allowance.burst)
        seconds = (needed - meter.tokens) / allowance.per_second if needed > meter.tokens else 0.0
        if meter.today and meter.today + size + day_kept > allowance.per_day:
            seconds = max(seconds, DAY_SECONDS - at.wall % DAY_SECONDS)
        return seconds

    def is_light(self, name: str, allowance: Allowance, at: Moment) -> bool:
        """True for who has half of its burst, and half of its day, left."""
        meter = self._meters.get(name)
        if meter is None:
            return True
        _fill(meter, allowance, at)
        return meter.tokens >= allowance.burst / 2 and meter.today <= allowance.per_day / 2

    def take(self, name: str, size: float, allowance: Allowance, at: Moment) -> None:
        """Take `size` out, if need be as a debt."""
        meter = self._meters.get(name)
        if meter is None:
            meter = self._meters[name] = _Meter(allowance.burst, at.clock, int(at.wall // DAY_SECONDS), 0.0)
            if len(self._meters) > self._most:
                self._meters.popitem(last=False)
        else:
            self._meters.move_to_end(name)
            _fill(meter, allowance, at)
        meter.tokens -= size
        meter.today += size


def _fill(meter: _Meter, allowance: Allowance, at: Moment) -> None:
    meter.tokens = min(allowance.burst, meter.tokens + (at.clock - meter.filled_at) * allowance.per_second)
    meter.filled_at = at.clock
    day = int(at.wall // DAY_SECONDS)
    if day != meter.day:
        meter.day, meter.today = day, 0.0
