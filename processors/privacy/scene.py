"""What every rule needs at hand while one event is enforced."""

from __future__ import annotations

from dataclasses import dataclass

from processors.privacy.limits import Limits
from processors.privacy.mirror import Mirror
from processors.privacy.policy import Policy


@dataclass(slots=True)
class Scene:
    """`masked` counts values masked, `blocked` elements emptied, since the counters were last reset.

    `size` is how long the event at hand is, in bytes of JSON; 0 if that is not known.
    `veiled` says that the event at hand hid an option, and values of its select may have been let through before.
    """

    mirror: Mirror
    policy: Policy
    limits: Limits
    masked: int = 0
    blocked: int = 0
    veiled: bool = False
    size: int = 0
