"""Settings of batch: `REELSTREAM_BATCH_<NAME>`. The size of a block is the topic's."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from processors.batch.transform import BlockLimits
from processors.runtime.settings import StageSettings
from service.environment import Duration, role_config


class BatchSettings(StageSettings):
    """When blocks are written."""

    model_config = role_config("batch")

    block_payloads: int = Field(256, ge=1, le=256, description="Payloads in a block; more would not fit its headers.")
    block_age: Duration = Field(timedelta(seconds=0.5), description="Longest a payload waits for its block.")
    open_blocks: int = Field(8, ge=1, le=64, description="Page loads of a session gathered at the same time.")

    def limits(self) -> BlockLimits:
        """The bounds in the form the transform takes."""
        return BlockLimits(
            payloads=self.block_payloads,
            age_ms=round(self.block_age.total_seconds() * 1000),
            open_blocks=self.open_blocks,
        )
