"""Networks repeat, reorder and lose; the recording has everything once and in order, and says what is missing."""

from __future__ import annotations

from tests.e2e.payloads import PageLoad, click, marks, packed, page_start
from tests.e2e.reading import Reader, wait_for
from tests.e2e.stack import Stack

# Enrich waits this long for a missing payload.
HOLD_SECONDS = 10


def test_repeated_and_reordered_payloads(stack: Stack, demo: Reader) -> None:
    """Payloads sent twice count once, and what overtook another plays after it."""
    load = PageLoad(stack.gateway)
    start = packed(page_start())
    bodies = {number: packed([click(number, part) for part in (1, 2, 3)]) for number in (1, 2, 3)}
    identities = {}
    # 1 and 3 are sent again at once, as after an answer that got lost; 0 when all the rest is there.
    for number, body in ((0, start), (1, bodies[1]), (1, bodies[1]), (3, bodies[3]), (3, bodies[3])):
        identities[number] = load.post(body, seq=number).json()["id"]
    for number, body in ((2, bodies[2]), (0, start)):
        identities[number] = load.post(body, seq=number).json()["id"]

    wanted = [(number, part) for number in (1, 2, 3) for part in (1, 2, 3)]
    assert wait_for("the last click", lambda: demo.marks(load.session, at_least=len(wanted))) == wanted
    for number, events in ((0, 2), (1, 3), (3, 3)):
        (loss,) = wait_for("the loss", lambda: demo.losses(id=identities[number]))  # noqa: B023
        assert (loss["stage"], loss["reason"], loss["payloads"], loss["events"]) == ("enrich", "duplicate", 1, events)
    recording = demo.recording(load.session)
    assert recording is not None
    assert recording["counts"]["clicks"] == len(wanted)
    assert recording["counts"]["events"] == 2 + len(wanted)
    assert recording["gaps"] == 0


def test_lost_payload_is_a_gap(stack: Stack, demo: Reader) -> None:
    """A payload that never comes is waited for a while, then reported; the next snapshot plays."""
    load = PageLoad(stack.gateway)
    load.send(page_start())
    load.send([click(1, 1)])
    load.seq += 1
    load.send([*page_start(), click(3, 1)])
    load.send([click(4, 1)])
    found = wait_for("the last click", lambda: demo.marks(load.session, at_least=3), HOLD_SECONDS + 20)
    assert found == [(1, 1), (3, 1), (4, 1)]
    recording = demo.recording(load.session)
    assert recording is not None
    assert recording["gaps"] == 1


def test_gap_is_told_whatever_becomes_of_what_follows(stack: Stack, demo: Reader) -> None:
    """Behind a lost payload and before the next snapshot, events play or are counted as lost, and the gap is told."""
    load = PageLoad(stack.gateway)
    load.send(page_start())
    load.seq += 1
    load.send([click(2, 1), click(2, 2)])

    def accounted() -> bool:
        lost: int = sum(loss["events"] for loss in demo.losses(session=load.session))
        return len(demo.marks(load.session)) + lost == 2

    wait_for("both clicks", accounted, HOLD_SECONDS + 20)
    load.send(page_start())
    wait_for("the snapshot", lambda: len([e for e in demo.events(load.session) if e["type"] == 2]) == 2)
    recording = demo.recording(load.session)
    assert recording is not None
    assert recording["gaps"] == 1


def test_other_content_under_a_used_number(stack: Stack, demo: Reader) -> None:
    """A second payload under a number that is taken by other content is set aside, and the first one stays."""
    load = PageLoad(stack.gateway)
    load.send(page_start())
    load.send([click(1, 1)])
    identity = load.send([click(666, 666)], seq=1)
    (loss,) = wait_for("the loss", lambda: demo.losses(id=identity))
    assert (loss["reason"], loss["kind"]) == ("seq_conflict", "dead")
    load.send([click(2, 2)])
    assert wait_for("the clicks", lambda: demo.marks(load.session, at_least=2)) == [(1, 1), (2, 2)]


def test_windows_and_page_loads_of_one_session(stack: Stack, demo: Reader) -> None:
    """Two tabs, one of them with two page loads, are one recording whose events come window after window."""
    first = PageLoad(stack.gateway)
    _visit(first, 0)
    # Recorded before the next page began, and sent after it: what came later could not be drawn.
    belated = click(0, 2)
    second = PageLoad(stack.gateway, session=first.session)
    _visit(second, 1)
    later = PageLoad(stack.gateway, session=first.session, window=first.window)
    _visit(later, 2)
    first.send([belated])
    wait_for("four clicks", lambda: demo.marks(first.session, at_least=4))
    events = demo.events(first.session)
    assert [event["windowId"] for event in events] == [first.window] * 7 + [second.window] * 3
    assert marks(events) == [(0, 1), (0, 2), (2, 1), (1, 1)]
    recording = demo.recording(first.session)
    assert recording is not None
    assert [window["window_id"] for window in recording["windows"]] == [first.window, second.window]
    one = demo.get(f"/api/recordings/{first.session}/events", window=second.window)
    assert len(one.content.splitlines()) == 3


def test_same_ids_in_two_projects_are_two_sessions(stack: Stack, demo: Reader) -> None:
    """A write key is public: what another project sends under the same ids touches neither data nor losses of ours."""
    ours = PageLoad(stack.gateway)
    theirs = PageLoad(stack.gateway, key="chaos-key", session=ours.session, window=ours.window, page=ours.page)
    ours.send(page_start())
    theirs.send(page_start())
    theirs.send([click(2, 2)])
    ours.send([click(1, 1)])
    assert wait_for("our click", lambda: demo.marks(ours.session)) == [(1, 1)]
    other = Reader(stack, "chaos-token")
    assert wait_for("their click", lambda: marks(other.events(ours.session))) == [(2, 2)]
    assert demo.losses(session=ours.session) == []
    other.close()


def _visit(load: PageLoad, number: int) -> None:
    load.send(page_start())
    load.send([click(number, 1)])
