"""Where the one-machine stack keeps things and on which ports its parts listen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

REPOSITORY = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"


class LocalSettings(BaseSettings):
    """What the caller's environment may decide; both addresses empty means: start our own."""

    model_config = SettingsConfigDict(env_prefix="REELSTREAM_")

    brokers: str = ""
    clickhouse_url: str = ""
    local_dir: Path = Path(".local")
    local_port_offset: int = 0


@dataclass(frozen=True)
class Ports:
    """Every port of the stack; `offset` moves them all, so that several stacks run side by side."""

    offset: int = 0

    @property
    def kafka(self) -> int:
        return 9092 + self.offset

    @property
    def kafka_controller(self) -> int:
        return 9093 + self.offset

    @property
    def clickhouse(self) -> int:
        return 8123 + self.offset

    @property
    def gateway(self) -> int:
        return 8080 + self.offset

    @property
    def replay(self) -> int:
        return 8090 + self.offset

    @property
    def demo(self) -> int:
        return 8070 + self.offset

    def metrics(self, role: str) -> int:
        """Where a process of ours answers `/livez`, `/readyz` and `/metrics`."""
        return METRICS_PORTS[role] + self.offset


METRICS_PORTS = {
    "gateway": 9100,
    "enrich": 9101,
    "privacy": 9102,
    "split": 9103,
    "batch": 9104,
    "sink": 9105,
    "replay": 9106,
}


@dataclass(frozen=True)
class Layout:
    """`directory` holds what one stack writes; `shared` what is fetched once for all stacks of a checkout."""

    directory: Path
    shared: Path

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def logs(self) -> Path:
        return self.directory / "logs"

    @property
    def run(self) -> Path:
        return self.directory / "run"

    @property
    def state(self) -> Path:
        return self.directory / "state"

    @property
    def socket(self) -> Path:
        """Where the supervisor listens."""
        return self.run / "supervisor.sock"

    @property
    def kafka_jars(self) -> Path:
        return self.shared / "kafka" / "lib"

    @property
    def binaries(self) -> Path:
        return REPOSITORY / ".venv" / "bin"

    @property
    def demo_session_id(self) -> Path:
        """The id under which the demo session was last posted."""
        return self.directory / "demo_session_id"

    @property
    def control_key(self) -> Path:
        """The secret of user hashes. Without it, who opted out by name is not recognised any more."""
        return self.directory / "control_key"

    def create(self) -> None:
        """Make the directories; only this user may read them, as recordings are in there."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in (self.data, self.logs, self.run, self.state):
            path.mkdir(exist_ok=True, mode=0o700)


def layout_of(settings: LocalSettings) -> Layout:
    """A relative `REELSTREAM_LOCAL_DIR` is meant from the repository root."""
    return Layout(directory=(REPOSITORY / settings.local_dir).resolve(), shared=REPOSITORY / ".local")
