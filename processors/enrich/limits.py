"""The bounds within which enrich works; `settings` fills them in."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class HoldLimits:
    """How much of one page load may wait for a payload that is not there yet, and for how long."""

    payloads: int = 8
    bytes: int = 4 * MIB
    milliseconds: int = 10_000


# For a page load that may hold nothing: what is ahead passes at once, with its gap.
NO_HOLD = HoldLimits(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Limits:
    """`inflated_bytes` bounds a body with all its packed events opened."""

    inflated_bytes: int = 64 * MIB
    hold: HoldLimits = HoldLimits()
    # A tab seldom waits at all; a session with this many tabs waiting at once is not one person's.
    holding_pages: int = 16
    # How long after its first receipt a session is known, so that what still comes is too late: a week, for a tab that
    # was asleep over a weekend. About 200 bytes of state each.
    remembered_ms: int = 7 * 24 * 3_600_000
    # Page loads of one session remembered; beyond, the oldest is forgotten and a retry of it would pass again.
    pages: int = 1024
