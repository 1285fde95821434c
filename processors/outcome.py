"""What became of an input: values, not exceptions. An exception is a bug and stops the worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.reasons import Reason

OUT = "out"


@dataclass(frozen=True, slots=True)
class Keep:
    """A record to write. `to` names one of the stage's outputs; `received` (ms) becomes its Kafka timestamp.

    `events` is the number of rrweb events in it, for the count of the stage.
    """

    value: bytes
    headers: Mapping[str, str]
    received: int
    events: int = 0
    to: str = OUT


@dataclass(frozen=True, slots=True)
class Drop:
    """Something of the input was left out for good, and only its counts remain.

    `payloads` is 1 when the whole payload went, 0 when it was some of its events. `headers` identify the payload.
    """

    reason: Reason
    headers: Mapping[str, str]
    received: int
    payloads: int = 1
    events: int = 0


@dataclass(frozen=True, slots=True)
class Dead:
    """The input can never succeed: its bytes are set aside unchanged, with the reason.

    `value` is None for the record just read; a stage that gives up on bytes it held names them itself.
    """

    reason: Reason
    headers: Mapping[str, str]
    received: int
    events: int = 0
    value: bytes | None = field(default=None, repr=False)


Outcome = Keep | Drop | Dead
