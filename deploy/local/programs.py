"""Every long-running program of the stack, in the order in which it is started."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from deploy.local.broker import broker_command
from deploy.local.environment import brokers, clickhouse_url
from deploy.local.layout import HOST, Layout, LocalSettings, Ports

# In the order of the data, so that a stage finds its input's producer running.
ROLES = ("gateway", "enrich", "privacy", "split", "batch", "sink", "replay")


@dataclass(frozen=True)
class Program:
    """`ready_at` is a URL that answers 200, or `kafka://host:port` for a broker's metadata."""

    name: str
    command: tuple[str, ...]
    ports: tuple[int, ...]
    ready_at: str


def all_programs(settings: LocalSettings, layout: Layout, ports: Ports) -> list[Program]:
    """The user's own broker or ClickHouse takes the place of ours."""
    programs = []
    if not settings.brokers:
        programs.append(
            Program(
                "kafka",
                tuple(broker_command(layout)),
                (ports.kafka, ports.kafka_controller),
                f"kafka://{brokers(settings, ports)}",
            )
        )
    if not settings.clickhouse_url:
        programs.append(
            Program(
                "clickhouse",
                _python("deploy.local.clickhouse", "--data", str(layout.data / "clickhouse"), ports.clickhouse),
                (ports.clickhouse,),
                f"{clickhouse_url(settings, ports)}/ping",
            )
        )
    programs.extend(_role(role, layout, ports) for role in ROLES)
    gateway = f"http://{HOST}:{ports.gateway}"
    programs.append(
        Program(
            "demo",
            _python("deploy.local.demo_site", "--gateway", gateway, ports.demo),
            (ports.demo,),
            f"http://{HOST}:{ports.demo}/",
        )
    )
    return programs


def _role(role: str, layout: Layout, ports: Ports) -> Program:
    own = {"gateway": (ports.gateway,), "replay": (ports.replay,)}.get(role, ())
    metrics = ports.metrics(role)
    command = (str(layout.binaries / "reelstream"), role)
    return Program(role, command, (*own, metrics), f"http://{HOST}:{metrics}/readyz")


def _python(module: str, option: str, value: str, port: int) -> tuple[str, ...]:
    return (sys.executable, "-m", module, option, value, "--port", str(port))
