"""The times of a page load's events, where the visitor's clock was set or is wrong. Pure; ARCHITECTURE.md has the rule.

A payload says by the client's clock when it was sent, and the gateway when it was received: their difference is the
skew, as large as the network is slow. A session's times are all on the clock that its first payload was sent by.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

import orjson

# How far skews differ without a change of the clock: a large payload on a slow line takes so long.
NETWORK_MS = 120_000
# Within a page load less will do, since the events themselves must show the step as well.
STEP_MS = 20_000
# Events of frames come a little late; less than this is no clock set back.
DISORDER_MS = 1_000
# Without a time of sending: how far the client's clock may be ahead.
AHEAD_MS = 24 * 3_600_000
# No event waits longer to be sent.
OLDEST_MS = 26 * 3_600_000

# The last millisecond an ECMAScript Date can name.
_LATEST: Final = 8_640_000_000_000_000
# As a number before the brace that closes the event, it can only be the event's own.
_FIELDS = 3
_AT_END = re.compile(rb'[,{]"timestamp":([0-9]{1,16}(?:\.[0-9]{1,16})?)\}\s*$')


@dataclass(slots=True)
class Clock:
    """What is remembered of one page load, ms. `offset` is what its events' times are put right by, None before the
    first; `last` is the latest time given; `earlier` is the offset before this one.

    Of the payload at hand: `jumped` is the offset by which it was sent, `latest` when, on the session's clock;
    `is_known` says that it told, `is_steady` that no clock was set. `corrected`: a time was changed that
    no record has told of yet.
    """

    offset: int | None = None
    last: float | None = None
    earlier: int = 0
    jumped: int = 0
    latest: float = math.inf
    is_known: bool = False
    is_steady: bool = False
    corrected: bool = False

    @property
    def is_new(self) -> bool:
        """True before the first event: `receive` is to be told the times of the payload then."""
        return self.offset is None

    def receive(self, sent: int | None, received: int, skew: int | None, times: Sequence[float] = ()) -> None:
        """A payload is at hand, sent by the client's clock, received by the server's. `skew` is the session's."""
        jumped = None if sent is None or skew is None else received - sent - skew
        if self.offset is None and times:
            self._begin(times, sent, jumped, received)
        offset = self.offset or 0
        if sent is None or jumped is None:
            self.jumped, self.latest, self.is_known = offset, float(received + AHEAD_MS), False
        else:
            # A clock known already is known better than the network tells.
            self.jumped = next((each for each in (offset, self.earlier) if abs(jumped - each) <= STEP_MS), jumped)
            # A slow line makes a clock seem set back that was not.
            self.latest, self.is_known = float(sent + max(self.jumped, offset) + DISORDER_MS), True
        self.is_steady = self.jumped == offset == self.earlier == 0

    def place(self, time: float) -> float:
        """The time of the payload's next event, put right."""
        if self.is_steady and self.last is not None and self.last <= time <= self.latest:
            self.last = time
            return time
        right = self._place(time)
        if right != time:
            self.corrected = True
        return right

    def _begin(self, times: Sequence[float], sent: int | None, jumped: int | None, received: int) -> None:
        """At the first events: which clock they were recorded by, and since when."""
        self.offset = 0
        if sent is None or jumped is None:
            believed = _alike(times, received)
            if min(believed) > received + AHEAD_MS:
                # A clock that is far ahead, or the first event alone is wrong: its distance to what follows tells.
                self.offset = math.floor(received - max(believed))
        else:
            believed = [time for time in times if sent - OLDEST_MS <= time <= sent + DISORDER_MS]
            if not believed:
                # No clock: wrong events, or a copy of an older recording. It ends when it was sent.
                believed = _alike(times, sent)
                self.offset = math.floor(sent - max(believed)) + (jumped if abs(jumped) > NETWORK_MS else 0)
            elif abs(jumped) > NETWORK_MS:
                self.offset = jumped
        if believed[0] != times[0]:
            self.last = believed[0] + self.offset

    def _place(self, time: float) -> float:
        offset, jumped, latest, is_known = self.offset or 0, self.jumped, self.latest, self.is_known
        earliest = -math.inf if self.last is None else self.last - DISORDER_MS
        if (self.last is None or jumped == offset == self.earlier) and earliest <= time + offset <= latest:
            fitting = [offset]
        else:
            fitting = [each for each in (offset, self.earlier) if earliest <= time + each <= latest]
            # Steps too small to be seen came before, perhaps, so that it leads to where time has been already.
            if jumped != offset and earliest - STEP_MS <= time + jumped <= latest:
                fitting.append(jumped)
        if fitting:
            # The shortest step: a clock that jumped says a longer one.
            best = min(fitting)
        else:
            goes_on = math.ceil((latest if self.last is None else self.last) - time)
            is_early = self.last is not None and time + offset < earliest
            is_set = is_early and (not is_known or abs(goes_on - jumped) <= NETWORK_MS)
            if not is_set and (is_known or self.last is not None):
                # This event alone is wrong: it stands where the one before it does.
                return latest - DISORDER_MS if self.last is None else self.last
            best = goes_on
        if best != offset:
            if self.last is not None and time + best < self.last:
                # How far it jumped is known only as well as the network is even: what follows is still later.
                best = math.ceil(self.last - time)
            self.offset, self.earlier, self.is_steady = best, offset, False
        place = time + best
        self.last = place if self.last is None else max(self.last, place)
        return place

    def pack(self) -> list[Any]:
        """As a list for JSON."""
        return [self.offset, self.last, self.earlier, self.corrected]


def unpack_clock(fields: Any) -> Clock:
    """The clock of a state value; a new one if there is none."""
    if type(fields) is not list or len(fields) < _FIELDS:
        return Clock()
    offset, last, earlier, *more = fields
    return Clock(offset, last, earlier, corrected=more[:1] == [True])


def _alike(times: Sequence[float], near: int) -> list[float]:
    """Of a payload's times those about its middle; of two that could be it, the one nearer to a time of the server's or
    of sending."""
    ordered = sorted(times)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    middle = min(low, high, key=lambda time: abs(time - near))
    return [time for time in times if abs(time - middle) <= OLDEST_MS]


def is_time(value: object) -> TypeGuard[float]:
    """Whether an event may have this time."""
    return (type(value) is int or type(value) is float) and 0 <= value <= _LATEST


def times_of(written: Sequence[bytes]) -> list[float]:
    """The times of events as JSON lines, in their order; those that have none are left out."""
    times: list[float] = []
    for line in written:
        found = _AT_END.search(line, max(0, len(line) - 64))
        time = float(found[1]) if found else _read(line)
        if is_time(time):
            times.append(time)
    return times


def _read(line: bytes) -> object:
    try:
        event = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return event.get("timestamp") if type(event) is dict else None
