"""What is known of each input partition: where reading goes on, and what a committed offset says of itself.

Kafka keeps a text beside a committed offset. Ours says which topic it belongs to (a topic made anew has another id) and
whether everything up to it was read. The last point matters because an offset is no longer there to ask when retention
took what lay behind it: a transaction ends with a marker that a consumer never sees, so that a quiet partition's last
record is one short of its end. Reading to the end is therefore committed as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson
from confluent_kafka import TopicPartition

Place = tuple[str, int]
# A session's state lives for 26 h; after that no page load is older than what was lost.
LOST_MS = 26 * 3_600_000


@dataclass(frozen=True, slots=True)
class Note:
    """The text of a committed offset.

    `topic` is the topic's id, "" if unknown. `end`: everything before the offset was read, markers too. `lost` is when
    records were last found to be lost unread (ms), 0 if never. `size` is the mean size of the last records read, bytes.
    """

    topic: str = ""
    end: bool = False
    lost: int = 0
    size: int = 0

    def text(self) -> str:
        """As it is committed."""
        return orjson.dumps({"topic": self.topic, "end": self.end, "lost": self.lost, "size": self.size}).decode()


def read_note(text: str | None) -> Note:
    """The note of a committed offset; an empty one where there is none, or one we do not know."""
    try:
        fields = orjson.loads(text or "")
    except orjson.JSONDecodeError:
        return Note()
    if not isinstance(fields, dict):
        return Note()
    topic, end, lost, size = (fields.get(name) for name in ("topic", "end", "lost", "size"))
    return Note(
        topic if isinstance(topic, str) else "",
        end is True,
        lost if isinstance(lost, int) and not isinstance(lost, bool) else 0,
        size if isinstance(size, int) and not isinstance(size, bool) else 0,
    )


@dataclass(frozen=True, slots=True)
class Gap:
    """Offsets `first` to `last` were deleted unread. `exact`: each was a record; else markers may be among them."""

    topic: str
    epoch: str
    partition: int
    first: int
    last: int
    exact: bool

    @property
    def offsets(self) -> int:
        """The most records that were lost."""
        return self.last - self.first + 1


class Places:
    """The partitions a process reads, by (full topic name, number). `ids` are topic ids by full name."""

    def __init__(self, ids: dict[str, str]) -> None:
        self._ids = ids
        self._starts: dict[Place, int] = {}
        self._ends: dict[Place, int] = {}
        self._lost: dict[Place, int] = {}
        self._sizes: dict[Place, float] = {}

    def put(self, place: Place, offset: int, lost: int = 0) -> None:
        """The partition was assigned; everything before `offset` is committed."""
        self._starts[place] = offset
        self._ends.pop(place, None)
        self._lost[place] = lost

    def reach(self, place: Place, offset: int) -> bool:
        """Everything before `offset` was read. True if that is more than is committed."""
        self._ends[place] = offset
        return offset > self._starts.get(place, -1)

    def lose(self, place: Place, now: int) -> None:
        """Records of the partition were lost unread."""
        self._lost[place] = now

    def weigh(self, place: Place, size: int) -> None:
        """A record of so many bytes was read."""
        mean = self._sizes.get(place)
        self._sizes[place] = size if mean is None else mean + (size - mean) / 16

    def lost_at(self, place: Place, now: int) -> int:
        """When records of the partition were last lost, ms; 0 if that is over or never was."""
        at = self._lost.get(place, 0)
        return at if now - at < LOST_MS else 0

    def resume_at(self, place: Place) -> int:
        """The offset before which everything was read or is committed, as far as records do not tell; -1: unknown."""
        return max(self._starts.get(place, -1), self._ends.get(place, -1))

    def annotate(self, offsets: Iterable[TopicPartition]) -> list[TopicPartition]:
        """Offsets to commit, with their notes."""
        return [self._annotated(each) for each in offsets]

    def committed(self, offsets: Iterable[TopicPartition]) -> None:
        """These offsets were committed."""
        for each in offsets:
            self._starts[each.topic, each.partition] = each.offset

    def _annotated(self, each: TopicPartition) -> TopicPartition:
        place = (each.topic, each.partition)
        note = Note(
            self._ids.get(each.topic, ""),
            self._ends.get(place) == each.offset,
            self._lost.get(place, 0),
            round(self._sizes.get(place, 0)),
        )
        return TopicPartition(each.topic, each.partition, each.offset, note.text())
