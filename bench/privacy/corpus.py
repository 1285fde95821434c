"""The recordings that are measured, as JSON lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import orjson

from schemas.rrweb import EventType

# Beside the repository, as `tests/contract/test_privacy_recordings.py` has it.
RECORDINGS = Path(__file__).resolve().parents[2].parent / "shared" / "recordings"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring lines of a recording that are all incremental events, or all something else."""

    incremental: bool
    lines: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Recording:
    """`stretches` in the order of the recording. Sizes are of JSON text, without line ends."""

    name: str
    stretches: tuple[Stretch, ...]

    def size(self, *, incrementals: bool = False) -> int:
        """Bytes of all lines, or of the incremental events alone."""
        return sum(len(line) for each in self.stretches if each.incremental >= incrementals for line in each.lines)

    def count(self, *, incrementals: bool = False) -> int:
        """How many lines."""
        return sum(len(each.lines) for each in self.stretches if each.incremental >= incrementals)

    @property
    def text(self) -> bytes:
        """All of it as JSON lines."""
        return b"".join(line + b"\n" for each in self.stretches for line in each.lines)


def recordings(folder: Path = RECORDINGS) -> Iterator[Recording]:
    """Each file `<group>/<name>.json` of `folder`, which holds one JSON array of events."""
    for path in sorted(folder.glob("*/*.json")):
        events = orjson.loads(path.read_bytes())
        stretches = groupby(events, lambda event: event["type"] == EventType.INCREMENTAL_SNAPSHOT)
        yield Recording(
            f"{path.parent.name}/{path.stem}",
            tuple(Stretch(kind, tuple(map(orjson.dumps, stretch))) for kind, stretch in stretches),
        )
