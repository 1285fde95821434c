"""`reelstream gateway`."""

from __future__ import annotations

import os
import sys
import tempfile

from gateway.settings import METRICS_DIRECTORY, GatewaySettings
from schemas.project import ProjectFileError
from service.environment import SettingsError, describe, load
from service.log import configure
from service.projects import ProjectsFile


def main() -> None:
    """Serve until SIGTERM, SIGINT or SIGQUIT; exit code 2 if the settings or the project file cannot be used."""
    try:
        cluster, settings = load("gateway", GatewaySettings, os.environ)
        ProjectsFile(cluster.projects)
    except (SettingsError, ProjectFileError) as error:
        sys.stderr.write(f"gateway: {error}\n")
        sys.exit(2)
    configure(cluster.log_level, "gateway").info("gateway_starting", **describe(cluster, settings))
    if settings.workers > 1:
        os.environ[METRICS_DIRECTORY] = tempfile.mkdtemp(prefix="reelstream-gateway-")
    # Here and not above: prometheus_client decides when it is imported whether workers share their numbers.
    from gateway.server import GatewayServer

    GatewayServer(cluster, settings).run()


if __name__ == "__main__":
    main()
