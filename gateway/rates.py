"""What sessions, addresses, write keys and projects may send: four meters for each body, in a bounded memory."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from gateway.fair_shares import FairShares
from gateway.meters import Allowance, Meters, Moment
from schemas.project import Limits

# What a body costs beside its bytes, in records and headers on two topics: a flood of tiny ones is a flood too.
BODY_OVERHEAD = 1024
# Parts of a burst and of a day that are kept for those who did not use them up.
BURST_RESERVE = 0.25
DAY_RESERVE = 0.1
# More write keys than a project file has; those of projects that are gone are pushed out.
MOST_KEYS = 10_000


class Limit(StrEnum):
    """Which bound was reached; the `reason` label of the metric."""

    SESSION = "session"
    ADDRESS = "address"
    KEY = "key"
    PROJECT = "project"
    ADDRESS_SESSIONS = "address_sessions"
    KEY_SESSIONS = "key_sessions"


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose use a body is. `address` is a group of addresses, as `service.client_address.rate_group` gives it."""

    project: str
    write_key: str
    address: str
    session: str
    keyframe: bool
    limits: Limits


@dataclass(frozen=True, slots=True)
class Shortage:
    """Which limit a body is over, and the seconds until it would not be."""

    limit: Limit
    seconds: float


@dataclass(frozen=True, slots=True)
class _Allowances:
    session: Allowance
    address: Allowance
    key: Allowance
    project: Allowance
    address_sessions: Allowance
    key_sessions: Allowance
    # What the addresses of a key share when it runs short: its rate, and at once what is kept for them.
    shared: Allowance
    shared_sessions: Allowance

    @classmethod
    def of(cls, limits: Limits) -> _Allowances:
        return cls(
            Allowance(limits.session_bytes_per_second, limits.session_burst_bytes),
            Allowance(limits.address_bytes_per_second, limits.address_burst_bytes, limits.address_bytes_per_day),
            Allowance(limits.key_bytes_per_second, limits.key_burst_bytes, limits.key_bytes_per_day),
            Allowance(limits.project_bytes_per_second, limits.project_burst_bytes, limits.project_bytes_per_day),
            Allowance(limits.address_new_sessions_per_minute / 60, limits.address_new_sessions_burst),
            Allowance(limits.key_new_sessions_per_minute / 60, limits.key_new_sessions_burst),
            Allowance(limits.key_bytes_per_second, limits.key_burst_bytes * BURST_RESERVE),
            Allowance(limits.key_new_sessions_per_minute / 60, limits.key_new_sessions_burst * BURST_RESERVE),
        )


class Rates:
    """`admit` before a body is read, `charge` for what was read.

    When a key or a project runs short, the first to be refused are addresses that take more than their fair share of
    the key, or have used up half of what they may themselves: keyframes and addresses that send little draw on reserves
    that others cannot reach. An address is one for each project. What has not been seen for longest is forgotten, which
    forgives its debt.
    """

    def __init__(self, sessions: int, addresses: int, clock: Callable[[], float], wall: Callable[[], float]) -> None:
        self._clock = clock
        self._wall = wall
        self._sessions = Meters(sessions)
        self._addresses = Meters(addresses)
        self._address_sessions = Meters(addresses)
        self._keys = Meters(MOST_KEYS)
        self._key_sessions = Meters(MOST_KEYS)
        self._projects = Meters(MOST_KEYS)
        self._shares = FairShares(addresses)
        self._session_shares = FairShares(addresses)
        self._allowances: dict[str, tuple[Limits, _Allowances]] = {}

    def admit(self, sender: Sender, size: int) -> Shortage | None:
        """None if `size` bytes may come; a session not seen before is then counted as begun."""
        now = Moment(self._clock(), self._wall())
        allowed = self._allowed(sender)
        seconds = self._sessions.wait(sender.session, size, allowed.session, now)
        if seconds:
            return Shortage(Limit.SESSION, seconds)
        address = f"{sender.project} {sender.address}"
        cost = size + BODY_OVERHEAD
        light = self._addresses.is_light(address, allowed.address, now) and self._shares.is_within(
            sender.write_key, sender.address, allowed.shared, now.clock
        )
        share = _share(light, sender.keyframe)
        own = 0.0 if sender.keyframe else 1.0
        for meters, name, allowance, limit, kept in (
            (self._addresses, address, allowed.address, Limit.ADDRESS, own),
            (self._keys, sender.write_key, allowed.key, Limit.KEY, share),
            (self._projects, sender.project, allowed.project, Limit.PROJECT, share),
        ):
            burst, day = kept * BURST_RESERVE * allowance.burst, kept * DAY_RESERVE * allowance.per_day
            seconds = meters.wait(name, cost, allowance, now, burst_kept=burst, day_kept=day)
            if seconds:
                return Shortage(limit, seconds)
        return None if sender.session in self._sessions else self._begin(sender, address, allowed, now)

    def charge(self, sender: Sender, size: int) -> None:
        """Take out what was received, if need be as a debt."""
        now = Moment(self._clock(), self._wall())
        allowed = self._allowed(sender)
        cost = size + BODY_OVERHEAD
        self._sessions.take(sender.session, size, allowed.session, now)
        self._addresses.take(f"{sender.project} {sender.address}", cost, allowed.address, now)
        self._keys.take(sender.write_key, cost, allowed.key, now)
        self._projects.take(sender.project, cost, allowed.project, now)
        self._shares.take(sender.write_key, sender.address, cost, allowed.shared, now.clock)

    def _begin(self, sender: Sender, address: str, allowed: _Allowances, now: Moment) -> Shortage | None:
        key = sender.write_key
        # A key's reserve is for addresses that begin few.
        light = self._session_shares.is_within(key, sender.address, allowed.shared_sessions, now.clock)
        seconds = self._address_sessions.wait(address, 1, allowed.address_sessions, now)
        if seconds:
            return Shortage(Limit.ADDRESS_SESSIONS, seconds)
        kept = 0.0 if light else BURST_RESERVE * allowed.key_sessions.burst
        seconds = self._key_sessions.wait(key, 1, allowed.key_sessions, now, burst_kept=kept)
        if seconds:
            return Shortage(Limit.KEY_SESSIONS, seconds)
        self._address_sessions.take(address, 1, allowed.address_sessions, now)
        self._key_sessions.take(key, 1, allowed.key_sessions, now)
        self._session_shares.take(key, sender.address, 1, allowed.shared_sessions, now.clock)
        self._sessions.take(sender.session, 0, allowed.session, now)
        return None

    def _allowed(self, sender: Sender) -> _Allowances:
        """Made once for each project and reading of the project file, which has few projects."""
        limits, allowed = self._allowances.get(sender.project, (None, None))
        if allowed is None or limits is not sender.limits:
            if len(self._allowances) >= MOST_KEYS:
                self._allowances.clear()
            allowed = _Allowances.of(sender.limits)
            self._allowances[sender.project] = (sender.limits, allowed)
        return allowed


def retry_after(shortage: Shortage) -> int:
    """Whole seconds, never 0: a client told to come back at once would."""
    return max(1, math.ceil(shortage.seconds))


def _share(light: bool, keyframe: bool) -> float:
    """The part of a reserve that is kept from a body."""
    if light:
        return 0.0 if keyframe else 0.25
    return 0.5 if keyframe else 1.0
