"""Where a record lay: "<topic id>/<topic>/<partition>/<offset>", and the ranges that name a batch of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Coordinates:
    """One record's place. `epoch` is the topic's id: a topic made anew under the same name has another."""

    epoch: str
    topic: str
    partition: int
    offset: int

    @property
    def source(self) -> tuple[str, str, int]:
        """The sequence of offsets this one belongs to."""
        return self.epoch, self.topic, self.partition


def parse_coordinates(text: str) -> Coordinates:
    """Coordinates from their text form; ValueError if it is not one."""
    epoch, topic, partition, offset = text.split("/")
    if not (epoch and topic and partition.isdigit() and offset.isdigit()):
        raise ValueError("not coordinates")
    return Coordinates(epoch, topic, int(partition), int(offset))
