"""`reelstream replay`: serve pages and API until SIGTERM. Exit code 2: settings or project file."""

from __future__ import annotations

import os
import secrets
import sys

from replay.server import ReplayServer
from replay.settings import ReplaySettings
from schemas.project import ProjectFileError
from service.environment import SettingsError, describe, load
from service.log import configure
from service.projects import ProjectsFile

SHORTEST_KEY = 32


def main() -> None:
    """Check what can be checked before anything listens, then serve."""
    try:
        cluster, settings = load("replay", ReplaySettings, os.environ)
        ProjectsFile(cluster.projects)
        key = settings.cookie_key.get_secret_value().encode()
        if 0 < len(key) < SHORTEST_KEY:
            raise SettingsError(f"REELSTREAM_REPLAY_COOKIE_KEY: must have {SHORTEST_KEY} characters or more")
    except (SettingsError, ProjectFileError) as error:
        print(f"reelstream replay: {error}", file=sys.stderr)  # noqa: T201 - there is no log yet
        sys.exit(2)
    log = configure(cluster.log_level, "replay")
    log.info("process_started", settings=describe(cluster, settings))
    if not key:
        key = secrets.token_bytes(SHORTEST_KEY)
        log.info("cookie_key_made", detail="Logins end when this process does; set REELSTREAM_REPLAY_COOKIE_KEY.")
    ReplayServer(cluster, settings, key).run()


if __name__ == "__main__":
    main()
