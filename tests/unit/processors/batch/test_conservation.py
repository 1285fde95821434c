"""Whatever arrives in whatever order: nothing is lost, nothing is twice, and order within a page load stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from processors.batch.open_blocks import OpenBlocks
from processors.batch.payloads import Payload, thaw
from processors.batch.transform import BlockLimits
from processors.record import Record
from schemas import headers as h
from tests.unit.processors.batch.part_records import Run, parts, payload

SMALL = BlockLimits(bytes=400, payloads=4, open_blocks=3)

steps = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from("pqr"),
        st.sampled_from(["next", "next", "next", "keyframe", "skip", "cut", "policy"]),
        st.sampled_from([0, 0, 0, 200, 500, 9000]),
    ),
    max_size=60,
)


def records_of(steps: list[tuple[str, str, str, int]]) -> list[tuple[list[Record], int]]:
    """Records with rising seqs per page load, each step followed by a pause in ms."""
    following: dict[tuple[str, str], int] = defaultdict(int)
    made = []
    for window, page, kind, pause in steps:
        seq = following[window, page] + (kind == "skip")
        following[window, page] = seq + 1
        if kind == "cut":
            records = parts(f"{window}{page}{seq}".encode() * 100, 150, seq, window=window, page=page)
        else:
            own: dict[str, Any] = {"keyframe": {"kf": "1"}, "policy": {"policy": f"v{seq}"}}.get(kind, {})
            records = [payload(seq, window=window, page=page, **own)]
        made.append((records, pause))
    return made


@settings(max_examples=80, deadline=None)
@given(steps)
def test_blocks_in_order_are_the_payloads_in_order(steps: Any) -> None:
    """Per page load, block values ordered by seq and part are the input values ordered the same way."""
    run = Run(SMALL)
    sent: dict[tuple[str, str], bytes] = defaultdict(bytes)
    for records, pause in records_of(steps):
        run.send(*records)
        run.wait(pause)
        for record in records:
            sent[record.headers[h.WINDOW], record.headers[h.PAGE]] += record.value
    run.wait(1000)
    stored: dict[tuple[str, str], bytes] = defaultdict(bytes)
    for block in sorted(run.blocks, key=lambda block: place(block.headers)):
        stored[block.headers[h.WINDOW], block.headers[h.PAGE]] += block.value
    assert stored == sent
    assert run.dead == []
    summary = run.summaries[-1] if run.summaries else None
    if summary:
        assert summary["counts"]["events"] == sum(block.events for block in run.blocks)
        assert summary["bytes_stored"] == sum(len(block.value) for block in run.blocks)
        assert summary["blocks"] == len(run.blocks)
        assert [version["version"] for version in run.summaries] == list(range(1, len(run.summaries) + 1))


@settings(max_examples=80, deadline=None)
@given(steps, st.randoms(use_true_random=False))
def test_events_in_are_events_out_open_or_dead(steps: Any, random: Random) -> None:
    """For any order of records, late, repeated and misplaced parts too, events are conserved at every moment."""
    flat = [record for records, _ in records_of(steps) for record in records]
    random.shuffle(flat)
    run = Run(SMALL)
    for number, record in enumerate(flat, 1):
        run.send(record)
        run.wait(random.choice([0, 0, 100, 600]))
        given_events = sum(int(record.headers[h.EVENTS]) for record in flat[:number])
        assert given_events == sum(outcome.events for outcome in run.outcomes) + open_events(run)
    waiting = [name for name in run.state.values if name.startswith("b")]
    table = OpenBlocks.load(run.state)
    assert len(waiting) == (sum(block.payloads for block in table.blocks) if table else 0)
    assert sum(len(_thawed(run.state.get(name)).value) for name in waiting) <= SMALL.bytes * SMALL.open_blocks


def open_events(run: Run) -> int:
    """Events of payloads that wait in state."""
    return sum(_thawed(value).number(h.EVENTS) for name, value in run.state.values.items() if name.startswith("b"))


def place(headers: Mapping[str, str]) -> tuple[int, int]:
    """Where a block stands in its page load."""
    return int(headers[h.SEQ].partition("-")[0]), int(headers.get(h.PART, "0").partition("/")[0])


def _thawed(value: bytes | None) -> Payload:
    payload = thaw(value)
    assert payload is not None
    return payload
