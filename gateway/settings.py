"""Settings of the gateway: `REELSTREAM_GATEWAY_<NAME>`."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

from service.environment import role_config

MIB = 1024 * 1024
# Left between the last answer and the kill, for the producer to end.
FLUSH_MARGIN_SECONDS = 5
# Where prometheus_client has workers share their numbers.
METRICS_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"


class GatewaySettings(BaseSettings):
    """Bounds are per process. It holds up to about twice `inflight_bytes`: a body, and the producer's copy of it."""

    model_config = role_config("gateway")

    port: int = Field(8080, ge=1, le=65535, description="Port of the public routes.")
    metrics_port: int = Field(9100, ge=1, le=65535, description="Port of /livez, /readyz and /metrics.")
    recorder_file: Path = Field(Path("recorder/dist/record.js"), description="The file served as /record.js.")
    workers: int = Field(1, ge=1, le=64, description="Processes; more than one switches metrics to shared files.")
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        (), description="Comma-separated networks whose X-Forwarded-For is believed."
    )
    body_timeout_seconds: float = Field(15, gt=0, le=300, description="Longest time one body may take.")
    body_idle_seconds: float = Field(10, gt=0, le=300, description="Longest silence within one body.")
    message_timeout_seconds: float = Field(10, ge=1, le=300, description="Longest wait for the broker's word.")
    graceful_timeout_seconds: int = Field(30, ge=1, le=600, description="Time from SIGTERM until it is killed.")
    keepalive_seconds: int = Field(
        75, ge=1, le=600, description="Idle time of a connection; more than that of a proxy in front (often 60)."
    )
    inflight_requests: int = Field(1024, ge=1, description="Requests read or waiting at once; more are refused.")
    inflight_bytes: int = Field(128 * MIB, ge=MIB, description="Body bytes held at once; more are refused.")
    queue_records: int = Field(10_000, ge=10, description="Records in the producer's queue; ready below 80 %.")
    broker_grace_seconds: float = Field(
        10, ge=3, description="Time without any broker after which requests are refused at once."
    )
    backlog_share: float = Field(
        0.5,
        gt=0,
        le=1,
        description="Share of a topic's bytes (retention.bytes) that may lie unread; beyond, payloads are refused.",
    )
    rate_sessions: int = Field(50_000, ge=1, description="Sessions whose byte rate is remembered.")

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _fits_the_grace(self) -> Self:
        needed = self.body_timeout_seconds + self.message_timeout_seconds + FLUSH_MARGIN_SECONDS
        if needed > self.graceful_timeout_seconds:
            raise ValueError(
                f"graceful_timeout_seconds must be at least body_timeout_seconds + message_timeout_seconds "
                f"+ {FLUSH_MARGIN_SECONDS}, else a request admitted just before SIGTERM is cut off"
            )
        return self
