"""Settings of the stage `privacy`."""

from __future__ import annotations

from pydantic import ByteSize, Field

from processors.privacy.limits import Limits
from processors.runtime.settings import StageSettings
from service.environment import role_config

_DEFAULT = Limits()


class PrivacySettings(StageSettings):
    """Bounds; the policy itself is not a setting of the process."""

    model_config = role_config("privacy")

    nodes: int = Field(_DEFAULT.nodes, ge=1000, description="Most nodes of one page.")
    levels: int = Field(_DEFAULT.levels, ge=16, le=512, description="Deepest nesting of one page.")
    pages: int = Field(_DEFAULT.pages, ge=1, le=1000, description="Page loads remembered per session.")
    inflated: ByteSize = Field(ByteSize(_DEFAULT.inflated), description="Largest payload as JSON lines, in bytes.")
    cached_nodes: int = Field(
        _DEFAULT.cached_nodes,
        ge=0,
        description="Nodes kept in memory between payloads, about 250 bytes each; a page load counts as ten more.",
    )
    work: ByteSize = Field(
        ByteSize(_DEFAULT.work),
        description="Bytes looked at for one event: eight times its length and more.",
    )

    def limits(self) -> Limits:
        """The bounds as the stage takes them."""
        return Limits(self.nodes, self.levels, self.pages, self.inflated, self.cached_nodes, self.work)
