"""`reelstream sink`."""

from __future__ import annotations

from processors import topology
from processors.runtime.sink import run_sink
from processors.sink.build import build_writer
from processors.sink.settings import SinkSettings


def main() -> None:
    """Run the sink."""
    run_sink(topology.SINK, SinkSettings, build_writer)


if __name__ == "__main__":
    main()
