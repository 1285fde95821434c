"""One page load: its mirror, whether it may be trusted, and the Meta event that waits for its snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from processors.privacy.clicks import Clicks
from processors.privacy.clock import Clock
from processors.privacy.mirror import WITHOUT_END, Mirror
from processors.privacy.refusal import Json
from schemas.reasons import Reason


class Phase(IntEnum):
    """What the mirror is worth. Only READY lets through what could hold content."""

    UNSEEN = 0
    READY = 1
    DEGRADED = 2


# Asked for with every event; looking a member up in its enum is slow.
_READY: Final = Phase.READY


@dataclass(frozen=True, slots=True)
class Origin:
    """The payload something came in: its headers and Kafka timestamp (ms), for the loss if it is given up."""

    headers: Mapping[str, str]
    received: int


@dataclass(slots=True)
class Held:
    """A Meta event, already enforced. `alone` says that its payload left nothing else, so it is still to be counted."""

    event: Json
    origin: Origin
    alone: bool = False


@dataclass(slots=True)
class PageLoad:
    """State of one page load. `seq` is the last payload's number, `active` the last activity (client ms); -1: none.

    `gap` counts payloads known to be missing whose word was in a payload of which nothing passed: the next one tells.
    `captures` is header rs-captures of its first payload, None if that had none.
    """

    mirror: Mirror
    phase: Phase = Phase.UNSEEN
    held: Held | None = None
    seq: int = -1
    active: int = -1
    gap: int = 0
    clock: Clock = field(default_factory=Clock)
    clicks: Clicks = field(default_factory=Clicks)
    captures: str | None = None
    origin: Origin = field(default_factory=lambda: Origin({}, 0))

    def degrade(self) -> None:
        """Forget the mirror: nothing with content passes until the next snapshot."""
        self.mirror.clear()
        self.mirror.allow(WITHOUT_END)
        self.phase = Phase.DEGRADED

    @property
    def closed(self) -> Reason | None:
        """Why content does not pass now; None if it does."""
        if self.phase is _READY:
            return None
        return Reason.NO_SNAPSHOT if self.phase is Phase.UNSEEN else Reason.DEGRADED
