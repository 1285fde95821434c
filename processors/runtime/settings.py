"""Settings every stage has; a stage's own class adds to them."""

from __future__ import annotations

from datetime import timedelta

from pydantic import ByteSize, Field
from pydantic_settings import BaseSettings

from service.environment import Duration

MIB = 1024 * 1024


class StageSettings(BaseSettings):
    """How a stage runs, whatever it does."""

    metrics_port: int = Field(0, ge=0, le=65535, description="Port of probes and metrics; 0 is the stage's default.")
    commit_interval: Duration = Field(
        timedelta(seconds=0.2), description="Time between transactions; each hop costs readers one interval."
    )
    poll_timeout: Duration = Field(timedelta(seconds=0.05), description="Longest wait of the poll loop.")
    session_timeout: Duration = Field(
        timedelta(seconds=20), description="A replica silent for longer loses its partitions."
    )
    transaction_timeout: Duration = Field(
        timedelta(seconds=15), description="A transaction open for longer is aborted by the broker."
    )
    record_timeout: Duration = Field(
        timedelta(seconds=45),
        ge=timedelta(seconds=1),
        le=timedelta(seconds=50),
        description="A worker that takes longer over one record is killed; the third time the record is set aside.",
    )
    linger: Duration = Field(timedelta(milliseconds=20), description="Wait for fuller batches; a commit ends it.")
    prefetch: ByteSize = Field(ByteSize(16 * MIB), description="Bytes fetched ahead per partition.")
    write_buffer: ByteSize = Field(ByteSize(4 * MIB), description="RocksDB write buffer, two per partition.")
    least_free: ByteSize = Field(
        ByteSize(512 * MIB), description="Free bytes on the disk of the state, below which the stage is not ready."
    )
    dead_letters: int = Field(
        300, ge=1, description="Dead letters kept a minute of one project and reason; further ones are only counted."
    )
    dead_letter_bytes: ByteSize = Field(
        ByteSize(16 * MIB), description="Their bytes kept a minute; further ones are only counted."
    )
    block_cache: ByteSize = Field(ByteSize(64 * MIB), description="RocksDB block cache of the process.")
