"""What a stage is given: one record, as it lay on the topic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Record:
    """One input record.

    `key` is `<project>:<session>`; `headers` are ASCII text by the names of `schemas.headers`; `received` is the
    Kafka timestamp, the gateway's receive time in ms; `coordinates` is "<topic id>/<topic>/<partition>/<offset>".
    """

    key: str
    headers: Mapping[str, str]
    value: bytes
    received: int
    coordinates: str
