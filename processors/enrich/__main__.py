"""`reelstream enrich`."""

from __future__ import annotations

from processors import topology
from processors.enrich.geo import GeoDatabase, NoGeo
from processors.enrich.settings import EnrichSettings
from processors.enrich.transform import Enrich
from processors.enrich.user_agent import UserAgentParser
from processors.runtime.run import run_stage
from processors.stage import Stage
from service.environment import ClusterSettings
from service.projects import ProjectsFile


def build(settings: EnrichSettings, cluster: ClusterSettings) -> Stage:
    """The stage with its project file, user-agent parser and map.

    Raises ProjectFileError or GeoDatabaseError, whose texts are one sentence for a person.
    """
    geo = GeoDatabase(settings.geoip_database) if settings.geoip_database else NoGeo()
    projects = ProjectsFile(cluster.projects)
    return Enrich(settings.limits(), projects.current, UserAgentParser(settings.user_agents_remembered), geo)


def main() -> None:
    """Run the stage until SIGTERM."""
    run_stage(topology.ENRICH, EnrichSettings, build)


if __name__ == "__main__":
    main()
