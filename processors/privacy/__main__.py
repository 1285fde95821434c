"""`reelstream privacy` runs the stage, `reelstream privacy explain` shows what a policy does to a recording."""

from __future__ import annotations

import sys

from processors import topology
from processors.privacy.compiled import is_compiled
from processors.privacy.explain.command import main as explain
from processors.privacy.policy import Policy, compile_policy
from processors.privacy.settings import PrivacySettings
from processors.privacy.transform import Privacy
from schemas.project import parse_policy
from service.environment import ClusterSettings
from service.projects import ProjectsFile


def build(settings: PrivacySettings, cluster: ClusterSettings) -> Privacy:
    """The stage with the project file of the deployment, which names the policies."""
    return Privacy(ProjectsFile(cluster.projects).current, settings.limits())


def main() -> None:
    """Run the stage until SIGTERM, or explain."""
    if sys.argv[1:2] == ["explain"]:
        sys.exit(explain(sys.argv[2:], _read_policy))
    # Loading what speaks to the broker takes longer than explaining, which needs none of it.
    from processors.runtime.run import run_stage

    run_stage(topology.PRIVACY, PrivacySettings, build, compiled=is_compiled())


def _read_policy(text: str) -> Policy:
    return compile_policy(parse_policy(text))


if __name__ == "__main__":
    main()
