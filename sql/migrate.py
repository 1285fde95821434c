"""`reelstream migrate`: bring ClickHouse's tables up to date. Run it again at any time; it only adds what is missing.

Exit codes: 0 done, 1 ClickHouse or the history refused, 2 settings.
"""

from __future__ import annotations

import os
import sys
import time
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

from clickhouse_connect.driver.exceptions import ClickHouseError, OperationalError
from clickhouse_migrations.clickhouse_cluster import ClickhouseCluster
from clickhouse_migrations.exceptions import MigrationException
from pydantic import Field
from pydantic_settings import BaseSettings

from service.environment import ClusterSettings, SettingsError, describe, load, role_config
from service.log import configure

RETRY_SECONDS = 0.5


class MigrateSettings(BaseSettings):
    """How long to wait, and for whom."""

    model_config = role_config("migrate")

    wait_seconds: float = Field(60.0, ge=0, description="Longest wait for ClickHouse to answer.")
    statement_seconds: float = Field(300.0, gt=0, description="Longest time of one statement.")


class MigrationError(Exception):
    """The tables could not be brought up to date; the message is one plain sentence."""


def migrate(cluster: ClusterSettings, settings: MigrateSettings) -> list[str]:
    """Create the database, apply what is missing and return the files applied.

    Raises MigrationError when ClickHouse does not answer in time, refuses a statement, or has applied something
    other than what the files say.
    """
    folder = resources.files("sql") / "migrations"
    with resources.as_file(folder) as path:
        target = _target(cluster, settings)
        _wait(target, settings.wait_seconds)
        try:
            applied = target.migrate(cluster.clickhouse_database, path, migration_log_format="compact")
        except MigrationException as error:
            raise MigrationError(_history(str(error))) from None
        except ClickHouseError as error:
            code = getattr(error, "code", None)
            raise MigrationError(f"ClickHouse refused a migration with error {code}.") from None
        return [_file_name(path, migration.version) for migration in applied]


def main() -> None:
    """Apply the migrations and say which."""
    try:
        cluster, settings = load("migrate", MigrateSettings, os.environ)
    except SettingsError as error:
        print(f"reelstream migrate: {error}", file=sys.stderr)  # noqa: T201 - there is no log yet
        sys.exit(2)
    log = configure(cluster.log_level, "migrate")
    log.info("process_started", settings=describe(cluster, settings))
    try:
        applied = migrate(cluster, settings)
    except MigrationError as error:
        log.error("migration_refused", detail=str(error))
        sys.exit(1)
    log.info("tables_migrated", applied=applied, database=cluster.clickhouse_database)


def _target(cluster: ClusterSettings, settings: MigrateSettings) -> ClickhouseCluster:
    address = urlsplit(cluster.clickhouse_url)
    secure = address.scheme == "https"
    return ClickhouseCluster(
        db_host=address.hostname or "",
        db_port=str(address.port or (8443 if secure else 8123)),
        db_user=cluster.clickhouse_user,
        db_password=cluster.clickhouse_password.get_secret_value(),
        secure=secure,
        driver="clickhouse-connect",
        query_timeout=settings.statement_seconds,
    )


def _wait(target: ClickhouseCluster, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with target.connection("") as connection:
                connection.query("SELECT 1")
            return
        except OperationalError:
            if time.monotonic() >= deadline:
                raise MigrationError(f"ClickHouse did not answer within {seconds:g} s.") from None
        except ClickHouseError as error:
            code = getattr(error, "code", None)
            raise MigrationError(f"ClickHouse refused the connection with error {code}.") from None
        time.sleep(RETRY_SECONDS)


def _history(text: str) -> str:
    if "md5" in text:
        return f"An applied migration was edited since ({text.rstrip('.')}); restore its file and add a new one."
    return f"The migrations do not match what was applied: {text.rstrip('.')}."


def _file_name(folder: Path, version: int) -> str:
    return next((path.name for path in folder.glob("*.sql") if int(path.name.split("_")[0]) == version), str(version))


if __name__ == "__main__":
    main()
