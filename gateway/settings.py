"""Settings of the gateway: `REELSTREAM_GATEWAY_<NAME>`."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from service.connection_settings import ConnectionSettings
from service.environment import role_config
from service.proxy_settings import ProxySettings

MIB = 1024 * 1024
# Left between the last answer and the kill, for the producer to end.
FLUSH_MARGIN_SECONDS = 5
# Where prometheus_client has workers share their numbers.
METRICS_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"


class GatewaySettings(ConnectionSettings, ProxySettings):
    """Bounds are per process. It holds up to about twice `inflight_bytes`: a body, and the producer's copy of it."""

    model_config = role_config("gateway")

    port: int = Field(8080, ge=1, le=65535, description="Port of the public routes.")
    metrics_port: int = Field(9100, ge=1, le=65535, description="Port of /livez, /readyz and /metrics.")
    recorder_file: Path = Field(Path("recorder/dist/record.js"), description="The file served as /record.js.")
    path_prefix: str = Field(
        "",
        pattern=r"^(/[A-Za-z0-9._~-]+)*$",
        description="Path the gateway is below, as in /rs; for a proxy in front that leaves it in.",
    )
    workers: int = Field(1, ge=1, le=64, description="Processes; more than one switches metrics to shared files.")
    message_timeout_seconds: float = Field(10, ge=1, le=300, description="Longest wait for the broker's word.")
    graceful_timeout_seconds: int = Field(30, ge=1, le=600, description="Time from SIGTERM until it is killed.")
    drain_body_seconds: float = Field(
        10, gt=0, le=300, description="Time left to bodies on their way when the process is told to stop."
    )
    inflight_requests: int = Field(4096, ge=1, description="Payloads that wait for the broker at once.")
    inflight_bytes: int = Field(
        128 * MIB, ge=MIB, description="Body bytes held at once; keyframes may hold a tenth more."
    )
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
    rate_addresses: int = Field(20_000, ge=1, description="Addresses whose use is remembered, one for each project.")

    @model_validator(mode="after")
    def _fits_the_grace(self) -> Self:
        needed = self.drain_body_seconds + self.message_timeout_seconds + FLUSH_MARGIN_SECONDS
        if needed > self.graceful_timeout_seconds:
            raise ValueError(
                f"graceful_timeout_seconds must be at least drain_body_seconds + message_timeout_seconds "
                f"+ {FLUSH_MARGIN_SECONDS}, else a request admitted just before SIGTERM is cut off"
            )
        return self
