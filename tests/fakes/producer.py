"""A producer that keeps what it is given, for everything that writes to topics."""

from __future__ import annotations

from dataclasses import dataclass, field

from processors.record import Record


@dataclass
class MemoryProducer:
    """`records` lists (full topic name, record) in the order produced; offsets count per topic from 0."""

    records: list[tuple[str, Record]] = field(default_factory=list)

    def produce(
        self, topic: str, value: bytes, key: bytes, headers: list[tuple[str, bytes]], *, timestamp: int
    ) -> None:
        """Keep a record."""
        offset = sum(1 for name, _ in self.records if name == topic)
        record = Record(
            key=key.decode(),
            headers={name: text.decode("ascii") for name, text in headers},
            value=value,
            received=timestamp,
            coordinates=f"memory/{topic}/0/{offset}",
        )
        self.records.append((topic, record))
