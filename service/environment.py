"""Settings from the environment: typed, strict, printed at start with secrets hidden.

Settings every process shares are `REELSTREAM_<NAME>`; a role's own are `REELSTREAM_<ROLE>_<NAME>`, declared beside
the role. pydantic-settings ignores unknown variables, so unknown names with our prefix are refused here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "REELSTREAM_"
# Roles have settings of their own; LOCAL belongs to the one-machine stack, which starts the processes.
ROLES = ("gateway", "enrich", "privacy", "split", "batch", "sink", "replay", "topics", "migrate", "control", "local")


class ClusterSettings(BaseSettings):
    """Where the shared parts are. The same for every process of a deployment."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    brokers: str = Field("127.0.0.1:9092", description="Kafka bootstrap servers, comma-separated.")
    kafka_security_protocol: str = Field("plaintext", description="plaintext, ssl, sasl_plaintext or sasl_ssl.")
    kafka_sasl_mechanism: str = Field("", description="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.")
    kafka_sasl_username: str = Field("", description="SASL user.")
    kafka_sasl_password: SecretStr = Field(SecretStr(""), description="SASL password.")
    kafka_ca_file: str = Field("", description="PEM file of the authority that signed the brokers' certificates.")
    topic_prefix: str = Field("", pattern=r"^[a-z0-9._-]{0,64}$", description="Put before every topic and group name.")
    partitions: int = Field(12, ge=1, le=1024, description="Partitions of every replay topic.")
    replication: int = Field(3, ge=1, le=7, description="Replicas of every topic; 1 only on one machine.")
    clickhouse_url: str = Field("http://127.0.0.1:8123", description="ClickHouse's HTTP interface.")
    clickhouse_user: str = Field("default", description="ClickHouse user.")
    clickhouse_password: SecretStr = Field(SecretStr(""), description="ClickHouse password.")
    clickhouse_database: str = Field("reelstream", pattern=r"^[a-z0-9_]{1,64}$", description="Database of our tables.")
    projects: Path = Field(Path("projects.yaml"), description="The project file.")
    bind_host: str = Field("127.0.0.1", description="Address every listener of the process binds.")
    state_dir: Path = Field(Path("state"), description="Where stages keep their state between restarts.")
    ordinal: int = Field(0, ge=0, description="Number of this replica among those of its role.")
    log_level: str = Field("info", pattern=r"^(debug|info|warning|error)$", description="Lowest level logged.")


class SettingsError(ValueError):
    """The environment cannot be used; the message names the variable, never its value."""


def _seconds(value: Any) -> Any:
    """A plain number in the environment means seconds; pydantic alone would want ISO 8601 (`PT0.2S`) there."""
    if isinstance(value, str):
        try:
            return timedelta(seconds=float(value))
        except ValueError:
            return value
    return value


# A length of time: a number of seconds, or ISO 8601.
Duration = Annotated[timedelta, BeforeValidator(_seconds)]

S = TypeVar("S", bound=BaseSettings)


def role_config(role: str) -> SettingsConfigDict:
    """The `model_config` of a role's settings class."""
    return SettingsConfigDict(env_prefix=f"{PREFIX}{role.upper()}_", frozen=True, extra="ignore")


def load(role: str, kind: type[S], environ: Mapping[str, str]) -> tuple[ClusterSettings, S]:
    """Cluster and role settings from the process environment, which `environ` must be.

    Raises SettingsError naming the first variable that is unknown or has an illegal value.
    """
    _refuse_unknown(role, kind, environ)
    return _read(ClusterSettings), _read(kind)


def describe(*settings: BaseSettings) -> dict[str, Any]:
    """Every effective setting for the start-up line of the log; secrets show as asterisks."""
    return {name: _plain(value) for each in settings for name, value in each.model_dump().items()}


def _read(kind: type[S]) -> S:
    try:
        return kind()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        prefix = kind.model_config.get("env_prefix", "")
        name = f"{prefix}{'_'.join(str(part) for part in first['loc'])}".upper()
        raise SettingsError(f"{name}: {first['msg']}") from None


def _refuse_unknown(role: str, kind: type[BaseSettings], environ: Mapping[str, str]) -> None:
    shared = {f"{PREFIX}{name}".upper() for name in ClusterSettings.model_fields}
    own_prefix = f"{PREFIX}{role}_".upper()
    own = {f"{own_prefix}{name}".upper() for name in kind.model_fields}
    others = tuple(f"{PREFIX}{other}_".upper() for other in ROLES if other != role)
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in shared or name in own or name.startswith(others):
            continue
        raise SettingsError(f"{name}: no such setting")


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | bool) else str(value)
