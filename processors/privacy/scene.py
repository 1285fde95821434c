"""What every rule needs at hand while one event is enforced."""

from __future__ import annotations

from dataclasses import dataclass, field

from processors.privacy.limits import Limits
from processors.privacy.mirror import Mirror
from processors.privacy.policy import Policy


@dataclass(slots=True)
class Scene:
    """`texts`, `attributes` and `fields` count values masked, `said` those of what the site's own code says, by rule;
    `blocked` counts elements emptied.

    `size` is how long the event at hand is, in bytes of JSON; 0 if that is not known.
    `veiled` says that the event at hand hid an option, and values of its select may have been let through before.
    """

    mirror: Mirror
    policy: Policy
    limits: Limits
    texts: int = 0
    attributes: int = 0
    fields: int = 0
    said: dict[str, int] = field(default_factory=dict)
    blocked: int = 0
    veiled: bool = False
    size: int = 0

    @property
    def masked(self) -> int:
        """Values masked."""
        return self.texts + self.attributes + self.fields + sum(self.said.values())

    def say(self, rule: str, masked: int = 1) -> None:
        """Count values masked of what the site's own code says."""
        if masked:
            self.said[rule] = self.said.get(rule, 0) + masked
