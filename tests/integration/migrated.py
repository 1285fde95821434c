"""A fresh, migrated database for one test."""

from __future__ import annotations

from typing import Any, Protocol
from uuid import uuid4

from service.environment import ClusterSettings
from sql.migrate import MigrateSettings, migrate
from sql.queries import checks
from sql.store import Store


class ClickHouseServer(Protocol):
    """The fixture `clickhouse`."""

    url: str

    def kill(self) -> None:
        """End it at once."""

    def start(self) -> None:
        """Start it again on the same data."""

    def pause(self) -> None:
        """Have it hang."""

    def resume(self) -> None:
        """Have it go on."""


def fresh_cluster(clickhouse: ClickHouseServer, **settings: Any) -> ClusterSettings:
    """Settings of a database of its own, without tables."""
    return ClusterSettings(clickhouse_url=clickhouse.url, clickhouse_database=f"test_{uuid4().hex}", **settings)


def migrated_cluster(clickhouse: ClickHouseServer, **settings: Any) -> ClusterSettings:
    """Settings of a database of its own, with all tables."""
    cluster = fresh_cluster(clickhouse, **settings)
    migrate(cluster, MigrateSettings())
    return cluster


def open_store(cluster: ClusterSettings) -> Store:
    """A store with timeouts for tests."""
    return Store(cluster, connect_timeout=2, answer_timeout=30)


def failed_checks(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Rows of every check that returned some."""
    found = {name: store.rows(text) for name, text in checks().items()}
    return {name: rows for name, rows in found.items() if rows}
