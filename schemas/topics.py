"""Every topic: what it holds, who writes and reads it, how large a record may be and how long it lives.

Names are versioned: a change of key, partition count or record shape is a new version, never an edit.
Sizes are the broker's `max.message.bytes` of the topic; what a stage may write is a little less (`value_limit`),
since headers, key and batch framing share that limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

MIB = 1024 * 1024
# Values on topics with the broker's default limit leave room for headers and framing.
SMALL_VALUE_LIMIT = 900 * 1024
# Headers of one record: the largest are rs-src of a block and rs-pages; both are bounded by their writers.
HEADER_ALLOWANCE = 64 * 1024
# State of enrich holds payloads that privacy has not seen, so its changelog is as restricted as raw.
RESTRICTED_SEGMENT = timedelta(hours=1)

LARGEST_SEGMENT = 1024 * MIB
TRANSACTIONAL_WRITERS = frozenset({"enrich", "privacy", "split", "batch"})


class Cleanup(StrEnum):
    """How a topic forgets."""

    DELETE = "delete"
    COMPACT = "compact"
    COMPACT_DELETE = "compact,delete"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as the cluster must have it.

    `partitions` is None where the deployment's partition count applies, a number where it is fixed. `share` is the
    part of the deployment's disk that the topic may take; 0 for topics whose records are replaced, not deleted.
    `max_bytes` is in bytes. `restricted` topics may hold what a privacy rule would remove: give access to the
    pipeline only.
    """

    name: str
    holds: str
    key: str
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    max_bytes: int = MIB
    retention: timedelta = timedelta(days=7)
    cleanup: Cleanup = Cleanup.DELETE
    restricted: bool = False
    partitions: int | None = None
    share: float = 0.0

    @property
    def value_limit(self) -> int:
        """Largest value in bytes that a writer may put on this topic."""
        return SMALL_VALUE_LIMIT if self.max_bytes <= MIB else self.max_bytes - HEADER_ALLOWANCE

    @property
    def transactional(self) -> bool:
        """Whether records come in transactions, of which each ends with a marker that takes an offset."""
        return not TRANSACTIONAL_WRITERS.isdisjoint(self.writers)

    @property
    def config(self) -> dict[str, str]:
        """The broker's configuration of this topic, as Kafka spells it."""
        config = {
            "cleanup.policy": self.cleanup.value,
            "max.message.bytes": str(self.max_bytes),
            "message.timestamp.type": "CreateTime",
            # The gateway's receive time is carried to the end, so a backlog is older than the broker's clock.
            "message.timestamp.before.max.ms": str(2**63 - 1),
        }
        if self.cleanup is not Cleanup.COMPACT:
            config["retention.ms"] = str(int(self.retention.total_seconds() * 1000))
        if self.restricted:
            config["segment.ms"] = str(int(RESTRICTED_SEGMENT.total_seconds() * 1000))
        return config

    def bounds(self, budget: int, partitions: int, replication: int) -> dict[str, str]:
        """Kafka's settings of its size, for a deployment that may take `budget` bytes of disk, replicas counted.

        Kafka deletes whole segments once the others hold `retention.bytes`: so a partition takes one segment more.
        """
        if not self.share:
            return {}
        whole = int(budget * self.share) // (partitions * replication)
        segment = min(max(whole // 8, 2 * self.max_bytes), LARGEST_SEGMENT)
        # Never so small that a few of the largest records fill it.
        kept = max(whole - segment, 4 * self.max_bytes)
        return {"retention.bytes": str(kept), "segment.bytes": str(segment)}


SESSION_KEY = "<project>:<session_id>, lower-case ASCII"

# Shares leave a twentieth to changelogs and to what Kafka keeps for itself.
RAW = Topic(
    "replay.raw.v1",
    "bodies as received, unopened; client address and user agent in the headers",
    SESSION_KEY,
    writers=("gateway",),
    readers=("enrich",),
    max_bytes=21 * MIB,
    retention=timedelta(hours=48),
    restricted=True,
    share=0.25,
)
ENRICHED = Topic(
    "replay.enriched.v1",
    "parsed events as JSON lines in order, no client address; not yet redacted",
    SESSION_KEY,
    writers=("enrich",),
    readers=("privacy",),
    max_bytes=24 * MIB,
    retention=timedelta(hours=48),
    restricted=True,
    share=0.2,
)
REDACTED = Topic(
    "replay.redacted.v1",
    "events that passed the privacy rules, as JSON lines",
    SESSION_KEY,
    writers=("privacy",),
    readers=("split",),
    max_bytes=24 * MIB,
    share=0.15,
)
PARTS = Topic(
    "replay.parts.v1",
    "redacted payloads, those too large for the broker's default limit cut into byte-exact parts",
    SESSION_KEY,
    writers=("split",),
    readers=("batch",),
    share=0.1,
)
BLOCKS = Topic(
    "replay.blocks.v1",
    "blocks of consecutive payloads of one page load",
    SESSION_KEY,
    writers=("batch",),
    readers=("sink",),
    share=0.1,
)
SESSIONS = Topic(
    "replay.sessions.v1",
    "versions of a session's summary",
    SESSION_KEY,
    writers=("batch",),
    readers=("sink",),
    share=0.03,
)
LOSSES = Topic(
    "replay.losses.v1",
    "what was dropped or set aside: stage, reason, counts, coordinates; never content",
    SESSION_KEY,
    writers=("enrich", "privacy", "split", "batch", "sink"),
    readers=("sink",),
    share=0.02,
)
DEAD = Topic(
    "replay.dead.v1",
    "dead letters: the bytes the failing stage read, unchanged, with coordinates, stage and reason",
    SESSION_KEY,
    writers=("enrich", "privacy", "split", "batch", "sink"),
    readers=(),
    max_bytes=26 * MIB,
    retention=timedelta(hours=48),
    restricted=True,
    share=0.1,
)
CRASHES = Topic(
    "crashes.v1",
    "records and wake-ups that crashed a worker, with a count; the id of the topic that each stage reads",
    "<stage>/<topic id>/<topic>/<partition>/<offset>, <stage>/wake/<session key> or <stage>/input/<topic>",
    writers=("enrich", "privacy", "split", "batch", "sink"),
    readers=("enrich", "privacy", "split", "batch", "sink"),
    cleanup=Cleanup.COMPACT,
    partitions=1,
)
CONTROL = Topic(
    "control.v1",
    "erasures, opt-outs and pins",
    "<project>:<kind>:<subject>",
    writers=("control",),
    readers=("privacy",),
    cleanup=Cleanup.COMPACT,
    partitions=1,
)

TOPICS: tuple[Topic, ...] = (RAW, ENRICHED, REDACTED, PARTS, BLOCKS, SESSIONS, LOSSES, DEAD, CRASHES, CONTROL)
BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}


def consumer_group(stage: str, prefix: str = "") -> str:
    """Consumer group of a stage; `prefix` is the deployment's topic prefix."""
    return f"{prefix}reelstream.{stage}"


def changelog(stage: str, source: Topic, prefix: str = "") -> Topic:
    """The changelog topic Quix Streams keeps for the state of `stage`, which reads `source`.

    Its name is Quix Streams' own (`TopicManager._internal_name`); we create it first so that it has our limits.
    """
    return Topic(
        f"changelog__{consumer_group(stage, prefix)}--{prefix}{source.name}--default",
        f"state of {stage}",
        "state key",
        writers=(stage,),
        readers=(stage,),
        retention=timedelta(hours=48),
        cleanup=Cleanup.COMPACT_DELETE,
        restricted=source.restricted,
    )
