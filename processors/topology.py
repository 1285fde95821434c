"""Every stage on one screen: what it reads, what it writes, whether it remembers.

    gateway → RAW → enrich → ENRICHED → privacy → REDACTED → split → PARTS → batch → BLOCKS, SESSIONS → sink

Every stage also writes LOSSES and DEAD; those edges are the runtime's, not the stage's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from processors.outcome import OUT
from schemas import topics
from schemas.topics import Topic


@dataclass(frozen=True, slots=True)
class StageSpec:
    """One stage. `writes` maps the names its outcomes use to topics; `probe_port` is the default port of probes.

    `told_of_gaps`: it does not see by itself that a payload is missing, so the runtime says where one may be.
    """

    name: str
    reads: tuple[Topic, ...]
    writes: Mapping[str, Topic]
    stateful: bool
    probe_port: int
    told_of_gaps: bool = False


ENRICH = StageSpec("enrich", (topics.RAW,), {OUT: topics.ENRICHED}, stateful=True, probe_port=9101)
PRIVACY = StageSpec("privacy", (topics.ENRICHED,), {OUT: topics.REDACTED}, stateful=True, probe_port=9102)
SPLIT = StageSpec("split", (topics.REDACTED,), {OUT: topics.PARTS}, stateful=False, probe_port=9103, told_of_gaps=True)
BATCH = StageSpec(
    "batch",
    (topics.PARTS,),
    {"blocks": topics.BLOCKS, "sessions": topics.SESSIONS},
    stateful=True,
    probe_port=9104,
    told_of_gaps=True,
)
SINK = StageSpec(
    "sink",
    (topics.BLOCKS, topics.SESSIONS, topics.LOSSES),
    {},
    stateful=False,
    probe_port=9105,
)

STAGES: tuple[StageSpec, ...] = (ENRICH, PRIVACY, SPLIT, BATCH, SINK)
