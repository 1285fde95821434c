"""Records that were deleted before they were read: each range is written as a loss, once, with the offset behind it.

Which page loads had a record among them cannot be known. Enrich and privacy see it themselves: a payload's number is
missing. Split and batch cannot, since payloads of which nothing was left are missing rightly; so the next payload of
every page load that may be older than the loss is marked as following a gap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import structlog

from processors.record import Record
from processors.runtime.application import StageApplication
from processors.runtime.offsets import Offsets
from processors.runtime.places import Gap, Places
from processors.runtime.polling import advance
from schemas import headers as h
from schemas.reasons import LossKind, Reason
from schemas.summary import Loss, unknown_expiry
from service.metrics import Metrics

_log = structlog.get_logger(__name__)
# Page loads remembered as told. One that is forgotten is told again: a gap too many is shown.
MOST_TOLD = 100_000
# The table's column is of 32 bits.
_MOST_COUNTED = 2**32 - 1


class Unread:
    """Settles the gaps that `offsets` found. `write` puts one into the open checkpoint, at a time in ms."""

    def __init__(
        self,
        stage: str,
        app: StageApplication,
        offsets: Offsets,
        places: Places,
        metrics: Metrics,
        write: Callable[[Gap, int], None],
    ) -> None:
        self._stage = stage
        self._app = app
        self._offsets = offsets
        self._places = places
        self._counter = metrics.counter("reelstream_stage_unread_expired_total", stage)
        self._write = write
        self._told: dict[tuple[str, str, str], None] = {}

    def settle(self, now: int) -> None:
        """Call before a record is handled, and on every turn."""
        while self._offsets.gaps:
            gap = self._offsets.gaps[0]
            self._write(gap, now)
            self._places.lose((gap.topic, gap.partition), now)
            # In the same checkpoint, so that a range is written once and never without going on behind it.
            advance(self._app, gap.topic, gap.partition, gap.last)
            self._counter.inc(gap.offsets)
            _log.error("expired_unread", stage=self._stage, detail=_sentence(gap))
            self._offsets.gaps.pop(0)

    def tell(self, record: Record, place: tuple[str, int], now: int) -> Record:
        """The record, marked as following a gap if its page load may have lost one and was not told yet."""
        lost_at = self._places.lost_at(place, now)
        if not lost_at:
            return record
        headers = record.headers
        page_load = (record.key, headers.get(h.WINDOW, ""), headers.get(h.PAGE, ""))
        started = headers.get(h.STARTED, "")
        if page_load in self._told or not started.isdigit() or int(started) > lost_at:
            return record
        if len(self._told) >= MOST_TOLD:
            del self._told[next(iter(self._told))]
        self._told[page_load] = None
        if headers.get(h.SEQ) == "0":
            return record
        before = int(headers[h.GAP]) if headers.get(h.GAP, "0").lstrip("-").isdigit() and h.GAP in headers else 0
        return replace(record, headers={**headers, h.GAP: str(before + 1)})


def loss_of(gap: Gap, stage: str, topic: str, now: int) -> Loss:
    """The loss of a gap in `topic`, named without the deployment's prefix."""
    return {
        "stage": stage,
        "reason": Reason.EXPIRED_UNREAD.value,
        "kind": LossKind.DROP.value,
        "project": "",
        "session": "",
        "window": "",
        "page": "",
        "seq": 0,
        "id": "",
        "payloads": min(gap.offsets, _MOST_COUNTED),
        "events": 0,
        "bytes": 0,
        "source": f"{gap.epoch}/{topic}/{gap.partition}/{gap.first}-{gap.last}",
        "received": now,
        "expires": unknown_expiry(now),
    }


def _sentence(gap: Gap) -> str:
    most = "" if gap.exact else "up to "
    return (
        f"Offsets {gap.first} to {gap.last} of partition {gap.partition} of {gap.topic} were deleted before they were "
        f"read, so that {most}{gap.offsets} records are lost; reading goes on at offset {gap.last + 1}."
    )
