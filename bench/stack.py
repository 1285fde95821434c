"""Broker and ClickHouse of a run, on ports and in a directory of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from bench.process import Measured, answers, running
from deploy.local.environment import brokers, clickhouse_url, process_environment
from deploy.local.layout import HOST, REPOSITORY, LocalSettings, Ports, layout_of
from processors.runtime.topics import reconcile
from processors.topology import STAGES
from schemas.project import Limits
from service.environment import ClusterSettings
from sql.migrate import MigrateSettings, migrate

PORT_OFFSET = 30_000
PARTITIONS = 4


@dataclass(frozen=True)
class Bench:
    """Where everything of this run is."""

    directory: Path
    settings: LocalSettings

    @property
    def ports(self) -> Ports:
        return Ports(self.settings.local_port_offset)

    @property
    def brokers(self) -> str:
        return brokers(self.settings, self.ports)

    @property
    def clickhouse(self) -> str:
        return clickhouse_url(self.settings, self.ports)

    def cluster(self, name: str) -> ClusterSettings:
        """The deployment `name`: topics and tables apart from every other."""
        return ClusterSettings(
            brokers=self.brokers,
            topic_prefix=f"{name}.",
            partitions=PARTITIONS,
            replication=1,
            clickhouse_url=self.clickhouse,
            clickhouse_database=f"bench_{name}",
        )

    def prefix(self, name: str) -> str:
        """What the deployment's topics begin with."""
        return self.cluster(name).topic_prefix

    def create_topics(self, name: str) -> None:
        """As `reelstream topics` does."""
        reconcile(self.cluster(name))

    def create_tables(self, name: str) -> None:
        """As `reelstream migrate` does."""
        migrate(self.cluster(name), MigrateSettings())

    def environment(self, name: str) -> dict[str, str]:
        """What a process of the deployment `name` gets, by the one-machine stack's own rules."""
        cluster = self.cluster(name)
        environment = process_environment(os.environ, self.settings, layout_of(self.settings), self.ports)
        # A stage that is frozen while its input is written must keep its place in the group.
        environment |= {f"REELSTREAM_{spec.name.upper()}_SESSION_TIMEOUT": "PT60S" for spec in STAGES}
        return environment | {
            "REELSTREAM_TOPIC_PREFIX": cluster.topic_prefix,
            "REELSTREAM_CLICKHOUSE_DATABASE": cluster.clickhouse_database,
            "REELSTREAM_STATE_DIR": str(self.directory / "state" / name),
            "REELSTREAM_PROJECTS": str(self.directory / "projects.yaml"),
        }

    @contextmanager
    def role(self, role: str, name: str) -> Iterator[Measured]:
        """`reelstream <role>` of the deployment `name`, ready."""
        command = (str(layout_of(self.settings).binaries / "reelstream"), role)
        with running(role, command, self.environment(name), self._log(f"{name}-{role}")) as process:
            process.wait_until(lambda: answers(f"http://{HOST}:{self.ports.metrics(role)}/readyz"))
            yield process

    @contextmanager
    def roles(self, roles: Sequence[str], name: str) -> Iterator[dict[str, Measured]]:
        """Several roles of one deployment, by role."""
        with ExitStack() as stack:
            yield {role: stack.enter_context(self.role(role, name)) for role in roles}

    @contextmanager
    def loop(self, name: str, source: str, target: str) -> Iterator[Measured]:
        """The bare loop between two topics of the deployment `name`, ready."""
        prefix = self.prefix(name)
        command = (sys.executable, "-m", "bench.bare_loop", self.brokers, prefix + source, prefix + target)
        with running("bare loop", command, os.environ, self._log(f"{name}-loop")) as process:
            process.wait_until(lambda: process.printed("ready"))
            yield process

    def _log(self, name: str) -> Path:
        return self.directory / f"{name}.log"


@contextmanager
def local_bench() -> Iterator[Bench]:
    """Bring up broker and ClickHouse, and take them and their data away at the end."""
    directory = Path(tempfile.mkdtemp(prefix="reelstream-bench-"))
    settings = LocalSettings(
        brokers="", clickhouse_url="", local_dir=directory / "stack", local_port_offset=PORT_OFFSET
    )
    environment = os.environ | {
        "REELSTREAM_LOCAL_DIR": str(settings.local_dir),
        "REELSTREAM_LOCAL_PORT_OFFSET": str(settings.local_port_offset),
    }
    stack = (sys.executable, "-m", "deploy.local")
    (directory / "projects.yaml").write_text(_projects())
    try:
        subprocess.run((*stack, "up", "--only", "kafka,clickhouse"), env=environment, check=True, stdout=sys.stderr)
        yield Bench(directory, settings)
    finally:
        subprocess.run((*stack, "down"), env=environment, check=False, stdout=sys.stderr)
        shutil.rmtree(directory, ignore_errors=True)


def _projects() -> str:
    """The local stack's projects without limits of rate: one address sends all, each body as a session of its own."""
    content = yaml.safe_load((REPOSITORY / "deploy/local/projects.yaml").read_text())
    rates = [name for name in Limits.model_fields if name != "body_bytes" and not name.startswith("session_")]
    for project in content["projects"].values():
        project["limits"] = dict.fromkeys(rates, 10**15)
    return yaml.safe_dump(content)
