"""What a checkpoint of the sink weighs before it is stored."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

from processors.sink.settings import SinkSettings
from processors.sink.writer import GROUP_BYTES, Bounds, Writer
from schemas import headers as h
from schemas.reasons import Reason
from schemas.topics import BLOCKS
from service.metrics import Metrics
from tests.unit.processors.sink.sink_records import EXPIRES, block


def _writer() -> Writer:
    return Writer(cast(Any, None), Metrics(process=False), Bounds(100, 1 << 20, 1), lambda record, dead: None)


def test_many_last_days_fill_a_checkpoint() -> None:
    """Each is an INSERT of its own: the checkpoint ends before they take long, whatever days records name."""
    writer = _writer()
    for number in range(64):
        day = (date.fromisoformat(EXPIRES) + timedelta(number)).isoformat()
        writer.add(BLOCKS.name, block(number, changes={h.EXPIRES: day}))
    assert writer.pending_bytes >= SinkSettings().checkpoint_bytes
    before = writer.pending_bytes
    writer.add(BLOCKS.name, block(64))
    assert writer.pending_bytes - before < GROUP_BYTES
    writer.forget(BLOCKS.name, 0)
    assert writer.pending_bytes == 0


def test_what_is_set_aside_weighs_too() -> None:
    """So that dead letters alone end a checkpoint."""
    writer = _writer()
    writer.set_aside(block(1), Reason.CRASHED)
    assert writer.pending_bytes > 0
    writer.clear()
    assert writer.pending_bytes == 0
