"""What the replay service can be told."""

from __future__ import annotations

from pydantic import Field, SecretStr

from service.connection_settings import ConnectionSettings
from service.environment import role_config
from service.proxy_settings import ProxySettings


class ReplaySettings(ProxySettings, ConnectionSettings):
    """Ports, bounds and the key of its cookies."""

    model_config = role_config("replay")

    port: int = Field(8090, ge=1, le=65535, description="Port of pages and API.")
    metrics_port: int = Field(9106, ge=1, le=65535, description="Port of probes and metrics.")
    threads: int = Field(8, ge=2, le=256, description="Questions asked of ClickHouse at a time; half for one project.")
    event_streams: int = Field(12, ge=1, le=256, description="Answers at a time that stream events.")
    event_streams_per_project: int = Field(8, ge=1, le=256, description="Of these, for one project.")
    event_streams_per_reader: int = Field(4, ge=1, le=256, description="Of these, for one login, or token and address.")
    cookie_key: SecretStr = Field(
        SecretStr(""), description="Signs cookies; 32 characters or more. Empty: made at start, logins end with it."
    )
    cookie_hours: float = Field(12.0, gt=0, le=720, description="How long a login lasts.")
    cookie_secure: bool = Field(False, description="Send the cookie over HTTPS only; set it behind TLS.")
    logout_seconds: float = Field(5.0, gt=0, le=60, description="How soon a logout elsewhere is known here.")
    login_attempts_per_second: float = Field(
        1.0, gt=0, description="Wrong tokens and cookies that one address (IPv6: /64) may show, averaged."
    )
    login_burst: int = Field(20, ge=1, description="Wrong tokens and cookies that one address may show at once.")
    login_body_seconds: float = Field(5.0, gt=0, le=60, description="Time the body of a login may take to arrive.")
    connect_timeout_seconds: float = Field(2.0, gt=0, description="Longest wait for a connection to ClickHouse.")
    answer_timeout_seconds: float = Field(15.0, gt=0, description="Longest wait for an answer of ClickHouse.")
    graceful_seconds: int = Field(20, ge=1, description="Time answers may take to end when the process stops.")
