"""When blocks end, what they carry, and what becomes of parts."""

from __future__ import annotations

from typing import Any

import pytest

from processors.batch.transform import BlockLimits
from processors.outcome import Drop, Keep
from schemas import headers as h
from schemas import lines
from schemas.reasons import Reason
from schemas.topics import BLOCKS, SESSIONS
from tests.unit.processors.batch.part_records import HOUR, KEY, NOON, Run, parts, payload, seqs


def test_payloads_are_gathered_until_the_block_is_old() -> None:
    """Payloads of one page load leave as one block half a second after the first, put together unopened."""
    run = Run()
    records = [payload(seq, received=NOON + seq) for seq in range(3)]
    for record in records:
        run.send(record)
        run.wait(100)
    assert run.blocks == []
    run.wait(199)
    assert run.blocks == []
    run.wait(1)
    (block,) = run.blocks
    assert block.value == b"".join(record.value for record in records)
    assert len(lines.unpack(block.value, 10_000).splitlines()) == 6
    assert (block.events, block.received) == (6, NOON + 2)
    assert h.REQUIRED[BLOCKS.name] <= block.headers.keys()
    expected = {
        h.SEQ: "0-2",
        h.SOURCE: "id/replay.raw.v1/0/0,id/replay.raw.v1/0/1,id/replay.raw.v1/0/2",
        h.EVENTS: "6",
        h.FIRST: "1000",
        h.LAST: "1003",
        h.BYTES: str(sum(len(lines.unpack(record.value, 1000)) for record in records)),
        h.KEYFRAME: "0",
        h.POLICY: "v1",
        h.GENERATION: "0",
    }
    assert {name: block.headers[name] for name in expected} == expected
    assert not {h.PART, h.GAP} & block.headers.keys()


def test_an_old_block_is_written_even_if_the_wake_up_is_late() -> None:
    """A record that finds an old block closes it, whoever was to be woken."""
    run = Run()
    run.send(payload(0))
    run.now += 500
    run.send(payload(1))
    assert seqs(run.blocks) == ["0-0"]


def test_a_keyframe_begins_a_block() -> None:
    """A payload with a full snapshot is the first of its block, and only its block is marked."""
    run = Run()
    run.send(payload(0), payload(1, kf="1"), payload(2))
    run.wait(500)
    assert seqs(run.blocks) == ["0-0", "1-2"]
    assert [block.headers[h.KEYFRAME] for block in run.blocks] == ["0", "1"]


@pytest.mark.parametrize(("next_seq", "own"), [(2, {}), (0, {}), (1, {"policy": "v2"})], ids=["gap", "late", "policy"])
def test_a_block_holds_what_belongs_together(next_seq: int, own: dict[str, Any]) -> None:
    """A jump in seq, a late payload and a change of policy each begin a block."""
    run = Run()
    run.send(payload(0), payload(next_seq, **own))
    run.wait(500)
    assert seqs(run.blocks) == ["0-0", f"{next_seq}-{next_seq}"]
    assert [block.headers[h.POLICY] for block in run.blocks] == ["v1", own.get("policy", "v1")]


def test_a_full_block_is_written_at_once() -> None:
    """The last payload a block may have closes it, without waiting."""
    run = Run(BlockLimits(payloads=3))
    run.send(*(payload(seq) for seq in range(4)))
    assert seqs(run.blocks) == ["0-2"]


def test_a_block_never_grows_past_the_topics_limit() -> None:
    """The payload that would make a block too large begins the next one."""
    run = Run(BlockLimits(bytes=250))
    run.send(*(payload(seq, value=bytes(100)) for seq in range(3)))
    run.send(payload(3, value=bytes(250)))
    run.wait(500)
    assert seqs(run.blocks) == ["0-1", "2-2", "3-3"]
    assert max(len(block.value) for block in run.blocks) <= 250


def test_windows_and_page_loads_have_blocks_of_their_own() -> None:
    """Payloads of several tabs interleave without ending each other's blocks."""
    run = Run()
    run.send(payload(0, window="a"), payload(0, window="b"), payload(1, window="a"), payload(0, window="a", page="q"))
    run.wait(500)
    assert [(block.headers[h.WINDOW], block.headers[h.PAGE], block.headers[h.SEQ]) for block in run.blocks] == [
        ("a", "p", "0-1"),
        ("b", "p", "0-0"),
        ("a", "q", "0-0"),
    ]


def test_too_many_open_blocks_close_the_oldest() -> None:
    """A session gathers for a bounded number of page loads at once."""
    run = Run(BlockLimits(open_blocks=2))
    run.send(*(payload(0, page=page) for page in "abc"))
    assert [block.headers[h.PAGE] for block in run.blocks] == ["a"]
    assert len([name for name in run.state.values if name.startswith("b")]) == 2


def test_parts_are_blocks_of_their_own() -> None:
    """What was gathered goes first, then each part with its number; the next payload begins anew."""
    run = Run()
    value = bytes(range(250))
    run.send(payload(0), *parts(value, 100, seq=1, kf="1"), payload(2))
    run.wait(500)
    assert seqs(run.blocks) == ["0-0", "1-1", "1-1", "1-1", "2-2"]
    cut = run.blocks[1:4]
    assert b"".join(block.value for block in cut) == value
    assert [block.headers[h.PART].split("/")[0] for block in cut] == ["0", "1", "2"]
    assert [block.events for block in cut] == [2, 0, 0]
    assert run.dead == []


@pytest.mark.parametrize(
    ("order", "dead"),
    [([1], [0]), ([0, 2], [1]), ([0, 0, 1, 2], []), ([0, 1, 1], [2]), ([0, 1, 1, 2], [2, 3]), ([2, 1, 0], [0, 1])],
)
def test_a_part_out_of_place_is_a_dead_letter(order: list[int], dead: list[int]) -> None:
    """Only the part that must come next, or a first part, passes; the others are set aside."""
    run = Run()
    cut = parts(bytes(300), 100)
    set_aside = []
    for position, index in enumerate(order):
        before = len(run.dead)
        run.send(cut[index])
        set_aside += [position] * (len(run.dead) - before)
    assert set_aside == dead
    assert all(letter.reason is Reason.BAD_PART for letter in run.dead)


def test_parts_of_different_values_never_follow_one_another() -> None:
    """A part of another value, payload or page load does not continue the one before."""
    one, other = parts(bytes(300), 100), parts(b"x" * 300, 100)
    elsewhere = parts(bytes(300), 100, seq=1)
    for intruder in (other[1], elsewhere[1]):
        run = Run()
        run.send(one[0], intruder, one[1])
        assert [letter.reason for letter in run.dead] == [Reason.BAD_PART, Reason.BAD_PART]
        assert len(run.blocks) == 1


def test_nothing_comes_between_the_parts_of_a_value() -> None:
    """A whole payload between two parts ends the value: split writes parts in one go."""
    run = Run()
    cut = parts(bytes(300), 100)
    run.send(cut[0], payload(1), cut[1])
    assert [letter.reason for letter in run.dead] == [Reason.BAD_PART]


@pytest.mark.parametrize("text", ["", "0", "1/1/5/" + "a" * 64, "-1/2/5/" + "a" * 64, "0/2/5/xyz", "x/2/5/" + "a" * 64])
def test_a_part_without_a_legal_number_is_a_dead_letter(text: str) -> None:
    """A header rs-part that is not one is never guessed at."""
    run = Run()
    run.send(payload(0, part=text))
    assert [(letter.reason, letter.events) for letter in run.dead] == [(Reason.BAD_PART, 2)]


def test_a_crashed_part_spoils_the_rest_of_its_value() -> None:
    """After a record was set aside unread no further part of the value passes."""
    run = Run()
    cut = parts(bytes(300), 100)
    run.send(cut[0])
    run.stage.on_crashed(cut[1], run.state)
    run.send(cut[1], cut[2])
    assert len(run.dead) == 2


def test_a_gap_goes_along_with_its_block() -> None:
    """Payloads missing before a block are told on it, so that readers can show them."""
    run = Run()
    run.send(payload(3, gap="2"))
    run.wait(500)
    assert run.blocks[0].headers[h.GAP] == "2"


def test_each_flush_writes_one_version_of_the_summary() -> None:
    """Blocks written in one call share a version, later calls count on, and the record is the session's."""
    run = Run(BlockLimits(open_blocks=8))
    run.send(payload(0, page="a"), payload(0, page="b"))
    run.wait(500)
    run.send(payload(1, page="a"))
    run.wait(500)
    assert [(summary["version"], summary["blocks"]) for summary in run.summaries] == [(1, 2), (2, 3)]
    record = run.outcomes[-1]
    assert h.REQUIRED[SESSIONS.name] <= record.headers.keys()


def test_a_session_is_forgotten_after_26_hours() -> None:
    """What is open goes out first; then no state and no wake-up is left."""
    run = Run(BlockLimits(age_ms=30 * HOUR))
    run.send(payload(0), payload(0, page="q"))
    run.outcomes += run.stage.on_wake(KEY, run.state, NOON + 26 * HOUR)
    assert len(run.blocks) == 2
    assert len(run.summaries) == 1
    assert run.state.values == {}
    assert run.state.wake is None


def test_a_quiet_session_wakes_only_to_be_forgotten() -> None:
    """With nothing open, the next wake-up is the session's end."""
    run = Run()
    run.send(payload(0))
    run.wait(500)
    assert run.state.wake == NOON + 26 * HOUR
    run.wait(26 * HOUR)
    assert run.state.values == {}
    assert len(run.blocks) == 1


def test_state_of_an_unknown_version_is_discarded() -> None:
    """State another version wrote is not misread: the session begins again."""
    run = Run()
    run.send(payload(0))
    run.wait(500)
    run.send(payload(1))
    run.state.values = {name: b"\xff" + value[1:] for name, value in run.state.values.items()}
    run.send(payload(2))
    run.wait(500)
    assert [outcome.reason for outcome in run.outcomes if isinstance(outcome, Drop)] == [Reason.DEGRADED]
    assert seqs(run.blocks) == ["0-0", "2-2"]
    assert run.summaries[-1]["version"] == 1


def test_a_session_begun_anew_has_totals_of_its_own() -> None:
    """Once enrich has begun another session under the same id, its summary covers exactly the blocks with its dates."""
    run = Run()
    run.send(payload(0), payload(1))
    again: dict[str, Any] = {"started": str(NOON + 27 * HOUR), "expires": "2026-12-24"}
    run.now += 27 * HOUR
    run.send(payload(0, page="q", received=run.now, **again))
    run.wait(500)
    assert [(block.headers[h.STARTED], block.headers[h.EVENTS]) for block in run.blocks] == [
        (str(NOON), "4"),
        (again["started"], "2"),
    ]
    assert [(each["started"], each["version"], each["counts"]["events"]) for each in run.summaries] == [
        (NOON, 1, 4),
        (NOON + 27 * HOUR, 1, 2),
    ]
    assert [keep.headers[h.EXPIRES] for keep in run.outcomes if isinstance(keep, Keep) and keep.to == "sessions"] == [
        "2026-12-22",
        "2026-12-24",
    ]
    run.wait(26 * HOUR)
    assert run.state.values == {}
