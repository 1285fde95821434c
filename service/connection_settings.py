"""What every web server of ours can be told of connections; the gateway and the replay service inherit it."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings

from service.progress import Pace


class ConnectionSettings(BaseSettings):
    """Bounds of what anyone may hold of a server by connecting to it. All are per process."""

    connections: int = Field(
        20_000, ge=16, description="Connections of the public port; fewer where the descriptor limit is lower."
    )
    probe_connections: int = Field(64, ge=4, description="Connections of the metrics port, beside those.")
    connection_bytes: int = Field(
        64 * 1024 * 1024, ge=1024 * 1024, description="Unread bytes that large connections hold together."
    )
    first_byte_seconds: float = Field(10, gt=0, le=600, description="Silence of a new connection.")
    header_seconds: float = Field(10, gt=0, le=600, description="Time from a request's first byte to its last header.")
    keepalive_seconds: float = Field(
        75, gt=0, le=600, description="Idle time of a connection; more than that of a proxy in front (often 60)."
    )
    request_line_bytes: int = Field(16 * 1024, ge=1024, le=1024 * 1024, description="Longest request line.")
    header_bytes: int = Field(64 * 1024, ge=1024, le=1024 * 1024, description="All headers of a request together.")
    header_fields: int = Field(100, ge=10, le=1000, description="Headers of a request, and trailers.")
    body_floor_bytes: float = Field(1000, ge=0, description="Bytes a second below which a body is too slow.")
    body_window_seconds: float = Field(10, gt=0, le=300, description="Any time of this length must keep the floor.")
    body_idle_seconds: float = Field(10, gt=0, le=300, description="Longest silence within one body.")
    body_seconds: float = Field(300, gt=0, le=3600, description="Longest time one body may take.")
    stall_seconds: float = Field(
        60, gt=0, le=600, description="A reader that takes less than the floor for so long is dropped."
    )

    def body_pace(self) -> Pace:
        """How fast a body must come."""
        return Pace(self.body_floor_bytes, self.body_window_seconds, self.body_idle_seconds, self.body_seconds)

    def answer_pace(self) -> Pace:
        """How fast an answer must be taken. It may be long."""
        return Pace(self.body_floor_bytes, self.stall_seconds, self.stall_seconds, float("inf"))
