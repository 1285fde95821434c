"""Settings of enrich: `REELSTREAM_ENRICH_<NAME>`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import ByteSize, Field

from processors.enrich.limits import MIB, HoldLimits, Limits
from processors.runtime.settings import StageSettings
from service.environment import Duration, role_config


class EnrichSettings(StageSettings):
    """How far bodies are opened and how long payloads wait for one another."""

    model_config = role_config("enrich")

    inflated_bytes: ByteSize = Field(ByteSize(64 * MIB), gt=0, description="Largest body once inflated and unpacked.")
    held_payloads: int = Field(8, ge=0, le=64, description="Payloads of a page load that may wait for a missing one.")
    held_bytes: ByteSize = Field(ByteSize(4 * MIB), description="Bytes of a page load that may wait.")
    held_time: Duration = Field(timedelta(seconds=10), description="Longest wait for a missing payload.")
    session_memory: Duration = Field(
        timedelta(days=7),
        ge=timedelta(hours=26),
        le=timedelta(days=31),
        description="Time from a session's first receipt in which what comes too late is known to be.",
    )
    geoip_database: Path | None = Field(None, description="MaxMind-format file; without one, places are unknown.")
    user_agents_remembered: int = Field(2000, ge=1, le=100_000, description="User agents whose reading is kept.")

    def limits(self) -> Limits:
        """The bounds in the form the transform takes."""
        hold = HoldLimits(self.held_payloads, self.held_bytes, round(self.held_time.total_seconds() * 1000))
        remembered = round(self.session_memory.total_seconds() * 1000)
        return Limits(inflated_bytes=self.inflated_bytes, hold=hold, remembered_ms=remembered)
