"""`reelstream privacy`."""

from __future__ import annotations

from processors import topology
from processors.privacy.policy import BUILT_IN
from processors.privacy.settings import PrivacySettings
from processors.privacy.transform import Privacy
from processors.runtime.run import run_stage
from service.environment import ClusterSettings
from service.projects import ProjectsFile


def build(settings: PrivacySettings, cluster: ClusterSettings) -> Privacy:
    """The stage with its policy and the project file of the deployment."""
    return Privacy(BUILT_IN, ProjectsFile(cluster.projects).current, settings.limits())


def main() -> None:
    """Run the stage until SIGTERM."""
    run_stage(topology.PRIVACY, PrivacySettings, build)


if __name__ == "__main__":
    main()
