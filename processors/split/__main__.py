"""`reelstream split`."""

from __future__ import annotations

from processors import topology
from processors.runtime.run import run_stage
from processors.split.settings import SplitSettings
from processors.split.transform import Split
from processors.stage import Stage
from service.environment import ClusterSettings


def build(settings: SplitSettings, cluster: ClusterSettings) -> Stage:
    """The stage."""
    return Split()


def main() -> None:
    """Run the stage until SIGTERM."""
    run_stage(topology.SPLIT, SplitSettings, build)


if __name__ == "__main__":
    main()
