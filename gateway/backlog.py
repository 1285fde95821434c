"""How near unread records are to being deleted by size, and the refusal that comes before it.

A topic keeps a number of bytes in each partition (`retention.bytes`), read or not. Kafka tells offsets, not bytes; so
what lies unread is the records between a stage's committed offset and the end, times their mean size: as the stage
noted it beside its offset, or, for the raw topic, as this process sent them. What lies unread upstream will come too,
and counts as well. The brokers are asked from a thread; while they cannot be asked, nothing is refused for this.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import orjson
import structlog
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, OffsetSpec, ResourceType

from schemas.topics import BLOCKS, ENRICHED, PARTS, RAW, REDACTED, Topic, consumer_group
from service.environment import ClusterSettings
from service.kafka import connection
from service.metrics import Metrics

_log = structlog.get_logger(__name__)
# In the order of the data; each is read by one stage.
CHAIN: tuple[Topic, ...] = (RAW, ENRICHED, REDACTED, PARTS, BLOCKS)
LOOK_SECONDS = 2.0
ANSWER_SECONDS = 10.0
# What the brokers said is believed for so long.
STALE_SECONDS = 60.0
# A mean over about so many records.
_RECORDS = 64


@dataclass(slots=True)
class Pile:
    """One topic: unread records by partition, the readers' mean sizes (0: unknown), and bytes kept (None: no bound)."""

    topic: Topic
    bound: int | None
    unread: Mapping[int, int]
    sizes: Iterable[int] = field(default_factory=tuple)


def fullness(chain: Iterable[Pile], sent: float) -> dict[int, float]:
    """By partition, the largest share of a topic's bound that is unread or will be; empty if no topic has a bound.

    `sent` is the mean size of raw records, bytes.
    """
    worst: dict[int, float] = {}
    upstream: dict[int, float] = {}
    size = sent
    for pile in chain:
        # A stage that has read nothing of late knows no size; then records are taken to be as large as upstream.
        known = max(pile.sizes, default=0)
        size = min(max(size, known) if pile.topic in (RAW, ENRICHED, REDACTED) else known or size, pile.topic.max_bytes)
        for partition, records in pile.unread.items():
            upstream[partition] = upstream.get(partition, 0.0) + records * size
            if pile.bound:
                worst[partition] = max(worst.get(partition, 0.0), upstream[partition] / pile.bound)
    return worst


class Backlog:
    """`start` once the worker is forked; `refuses` at any time. `share` is the part of a bound that may be unread."""

    def __init__(
        self,
        cluster: ClusterSettings,
        share: float,
        metrics: Metrics,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cluster = cluster
        self._share = share
        self._metrics = metrics
        self._clock = clock
        self._mean = 0.0
        self._bound = 0
        self._found: dict[int, float] = {}
        self._since: dict[int, int] = {}
        self._worst = 0.0
        self._found_at = 0.0
        self._stopping = threading.Event()
        self._told = False

    def start(self) -> None:
        """Begin to ask."""
        threading.Thread(target=self._watch, name="backlog", daemon=True).start()

    def stop(self) -> None:
        """Ask no more."""
        self._stopping.set()

    def sent(self, partition: int, size: int) -> None:
        """The raw topic took a record of so many bytes."""
        self._mean += (size - self._mean) / _RECORDS if self._mean else size
        self._since[partition] = since = self._since.get(partition, 0) + size
        if self._bound:
            self._worst = max(self._worst, self._found.get(partition, 0.0) + since / self._bound)

    def refuses(self) -> bool:
        """Whether more could push unread records out."""
        return self._worst >= self._share and self._clock() - self._found_at < STALE_SECONDS

    def found(self, piles: list[Pile]) -> None:
        """What the brokers said, from after `sent` was last forgotten."""
        bounds = [pile.bound for pile in piles if pile.bound]
        self._bound = min(bounds, default=0)
        self._found = fullness(piles, self._mean)
        self._found_at = self._clock()
        self._worst = max(self._found.values(), default=0.0)
        if bounds:
            self._metrics.gauge("reelstream_gateway_backlog_share").set(self._worst)

    def _watch(self) -> None:
        admin = AdminClient(connection(self._cluster))
        while not self._stopping.wait(LOOK_SECONDS):
            # What is sent while they are asked is counted twice for a moment, and never not at all.
            before, self._since = self._since, {}
            try:
                self.found(self._ask(admin))
            except KafkaException as error:
                self._since = {number: self._since.get(number, 0) + size for number, size in before.items()}
                if not self._told:
                    _log.warning("backlog_unknown", reason=str(error.args[0])[:200])
                self._told = True
                continue
            self._told = False

    def _ask(self, admin: AdminClient) -> list[Pile]:
        known = admin.list_topics(timeout=ANSWER_SECONDS).topics
        chain = [topic for topic in CHAIN if self._cluster.topic_prefix + topic.name in known]
        names = [self._cluster.topic_prefix + topic.name for topic in chain]
        configs = admin.describe_configs([ConfigResource(ResourceType.TOPIC, name) for name in names]) if names else {}
        bounds = {
            resource.name: future.result(ANSWER_SECONDS)["retention.bytes"].value
            for resource, future in configs.items()
        }
        piles = []
        for topic, name in zip(chain, names, strict=True):
            read = self._read(admin, topic)
            ends = self._ends(admin, name, known[name].partitions)
            unread = {number: max(end - read.get(number, (0, 0))[0], 0) for number, end in ends.items()}
            bound = int(bounds[name] or -1)
            piles.append(Pile(topic, bound if bound > 0 else None, unread, [size for _, size in read.values()]))
        return piles

    def _read(self, admin: AdminClient, topic: Topic) -> dict[int, tuple[int, int]]:
        """Committed offset and mean record size by partition; where nothing is committed, everything is unread."""
        group = consumer_group(topic.readers[0], self._cluster.topic_prefix)
        (future,) = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]).values()
        name = self._cluster.topic_prefix + topic.name
        return {
            place.partition: (place.offset, _size_of(place.metadata))
            for place in future.result(ANSWER_SECONDS).topic_partitions or []
            if place.topic == name and place.offset >= 0
        }

    def _ends(self, admin: AdminClient, name: str, numbers: Iterable[int]) -> dict[int, int]:
        futures = admin.list_offsets({TopicPartition(name, number): OffsetSpec.latest() for number in numbers})
        return {place.partition: future.result(ANSWER_SECONDS).offset for place, future in futures.items()}


def _size_of(note: str | None) -> int:
    """The mean size that a stage noted beside its offset, bytes; 0 if it did not."""
    try:
        fields = orjson.loads(note or "")
    except orjson.JSONDecodeError:
        return 0
    size = fields.get("size") if isinstance(fields, dict) else None
    return size if isinstance(size, int) and not isinstance(size, bool) else 0
