"""After a loss of nobody knows whose records, the page loads that may have had one are marked, once each."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from processors.batch.transform import Batch, BlockLimits
from processors.outcome import Dead, Drop, Keep
from processors.record import Record
from processors.runtime.places import Gap, Places
from processors.runtime.unread import Unread
from processors.state import MemoryState
from schemas import headers as h
from schemas.reasons import Reason
from service.metrics import Metrics
from tests.unit.processors.batch.part_records import parts, payload

PLACE = ("p.replay.redacted.v1", 1)
GAP = Gap(PLACE[0], "id", 1, 10, 12, exact=False)


def _unread() -> tuple[Unread, Places, list[Gap], dict[tuple[str, int], int]]:
    places = Places({})
    places.put(PLACE, 10)
    written: list[Gap] = []
    offsets: dict[tuple[str, int], int] = {}
    app = SimpleNamespace(_processing_context=SimpleNamespace(checkpoint=SimpleNamespace(_tp_offsets=offsets)))
    found = SimpleNamespace(gaps=[GAP])
    unread = Unread(
        "split", cast(Any, app), cast(Any, found), places, Metrics(process=False), lambda gap, _: written.append(gap)
    )
    return unread, places, written, offsets


def test_a_gap_is_written_with_the_offset_behind_it() -> None:
    """One loss, and the checkpoint that holds it goes on behind the range."""
    unread, _, written, offsets = _unread()
    unread.settle(1000)
    unread.settle(1001)
    assert written == [GAP]
    assert offsets == {PLACE: 12}


@pytest.mark.parametrize(
    ("started", "seq", "before", "gap"),
    [("999", "4", None, "1"), ("999", "4", "2", "3"), ("999", "0", None, None), ("1001", "4", None, None)],
)
def test_the_next_payload_of_an_older_page_load_follows_a_gap(
    started: str, seq: str, before: str | None, gap: str | None
) -> None:
    """Neither a page load that just begins nor a session that began after the loss is marked; nobody is twice."""
    unread, _, _, _ = _unread()
    unread.settle(1000)
    headers = {h.STARTED: started, h.WINDOW: "w", h.PAGE: "p", h.SEQ: seq}
    record = Record("demo:s", headers if before is None else {**headers, h.GAP: before}, b"", 1000, "c")
    assert unread.tell(record, PLACE, 2000).headers.get(h.GAP) == gap
    assert unread.tell(record, PLACE, 2000) is record
    assert unread.tell(record, ("other", 1), 2000) is record


@pytest.mark.parametrize("lost", [{0}, {1}, {2}, {0, 1}, {1, 2}])
def test_a_cut_snapshot_that_lost_parts_is_never_put_together(lost: set[int]) -> None:
    """Parts behind a lost one are dead letters, and what comes later is stored as before."""
    pieces = parts(b"x" * 250, 100)
    assert len(pieces) == 3
    batch, state = Batch(BlockLimits()), MemoryState()
    outcomes = []
    for index, piece in enumerate(pieces):
        if index not in lost:
            outcomes += batch.on_record(piece, state, 0)
    stored = [each for each in outcomes if isinstance(each, Keep) and each.to == "blocks"]
    dead = [each for each in outcomes if isinstance(each, Dead)]
    first_lost = min(lost)
    assert len(stored) == first_lost
    assert [each.reason for each in dead] == [Reason.BAD_PART] * (3 - len(lost) - first_lost)
    assert not any(isinstance(each, Drop) for each in outcomes)
    later = batch.on_record(payload(1), state, 0) + batch.on_wake(pieces[0].key, state, 600)
    assert [each.headers[h.SEQ] for each in later if isinstance(each, Keep) and each.to == "blocks"] == ["1-1"]
