"""Rows as they are inserted: which columns each table gets, and in which order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from processors.record import Record
from processors.sink.coordinates import Coordinates
from schemas.summary import COUNT_NAMES

_COORDINATES = ("expires_on", "epoch", "topic", "partition", "offset")

# Table: columns, in the order of Row.values. A contract test holds them against the migrations.
COLUMNS: dict[str, tuple[str, ...]] = {
    "blocks": (
        "project",
        "session_id",
        "window_id",
        "page",
        "first_seq",
        "last_seq",
        "part",
        "parts",
        "value_bytes",
        "value_sha256",
        "generation",
        "keyframe",
        "events",
        "first_ms",
        "last_ms",
        "bytes_raw",
        "policy",
        "sources",
        "value",
        "started_at",
        "received_at",
        *_COORDINATES,
    ),
    "sessions": (
        "project",
        "started_at",
        "session_id",
        "version",
        "last_received_at",
        "first_ms",
        "last_ms",
        "skew_ms",
        "payloads",
        "blocks",
        "keyframes",
        "gaps",
        "bytes_raw",
        "bytes_stored",
        *COUNT_NAMES,
        "country",
        "region",
        "city",
        "browser",
        "os",
        "device",
        "bot",
        "user",
        "windows.id",
        "windows.first_ms",
        "windows.last_ms",
        "windows.playable",
        "pages.at_ms",
        "pages.url",
        "pages.window_id",
        "pages.kind",
        "policy",
        "captures",
        "clock_corrected",
        "rage_clicks",
        "dead_clicks",
        "removed.rule",
        "removed.count",
        *_COORDINATES,
    ),
    "losses": (
        "project",
        "received_at",
        "session_id",
        "window_id",
        "page",
        "seq",
        "payload_id",
        "stage",
        "reason",
        "kind",
        "payloads",
        "events",
        "bytes",
        "source",
        *_COORDINATES,
    ),
}
TABLES: tuple[str, ...] = tuple(COLUMNS)


@dataclass(frozen=True, slots=True)
class Row:
    """One record as a row. `values` follow COLUMNS[table]; `record` is kept so that a refused row can be set aside."""

    table: str
    expires_on: date
    coordinates: Coordinates
    values: tuple[Any, ...] = field(repr=False)
    record: Record = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes this row is counted with: its value, and a guess for the other columns."""
        # 1 KiB: the columns of a block without its value take 400 to 900 bytes.
        return len(self.record.value) + 1024
