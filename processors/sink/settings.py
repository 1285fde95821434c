"""What the sink can be told."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from processors.runtime.settings import MIB
from processors.runtime.sink import SinkLoopSettings
from service.environment import Duration, role_config


class SinkSettings(SinkLoopSettings):
    """Batches and ClickHouse's patience."""

    model_config = role_config("sink")

    commit_interval: Duration = Field(timedelta(seconds=0.5), description="Time between checkpoints.")
    session_timeout: Duration = Field(
        timedelta(seconds=6), description="A replica silent for longer loses its partitions."
    )
    checkpoint_bytes: int = Field(16 * MIB, ge=1, description="A checkpoint ends early at so many bytes.")
    # One INSERT must become one part to be atomic: ClickHouse cuts at 1 048 449 rows or 256 MiB.
    insert_rows: int = Field(100_000, ge=1, le=1_000_000, description="Most rows of one INSERT.")
    insert_bytes: int = Field(
        64 * MIB, ge=MIB, le=200 * MIB, description="Most bytes of one INSERT, guessed before sending."
    )
    connect_timeout: Duration = Field(timedelta(seconds=2), description="Longest wait for a connection.")
    answer_timeout: Duration = Field(timedelta(seconds=30), description="Longest wait for an answer.")
    retry_for: Duration = Field(
        timedelta(seconds=5), description="Time a failing INSERT is tried again before the sink pauses."
    )
