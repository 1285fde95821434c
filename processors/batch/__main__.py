"""`reelstream batch`."""

from __future__ import annotations

from processors import topology
from processors.batch.settings import BatchSettings
from processors.batch.transform import Batch
from processors.runtime.run import run_stage
from processors.stage import Stage
from service.environment import ClusterSettings


def build(settings: BatchSettings, cluster: ClusterSettings) -> Stage:
    """The stage."""
    return Batch(settings.limits())


def main() -> None:
    """Run the stage until SIGTERM."""
    run_stage(topology.BATCH, BatchSettings, build)


if __name__ == "__main__":
    main()
