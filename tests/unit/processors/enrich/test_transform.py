"""What leaves enrich for each kind of record that may arrive."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace

import pytest

from processors.enrich import transform
from processors.enrich.limits import HoldLimits, Limits
from processors.enrich.transform import Enrich
from processors.outcome import Dead, Drop, Keep
from processors.record import Record
from processors.state import MemoryState
from schemas import headers as h
from schemas import lines
from schemas.event_line import LOST
from schemas.identity import MAX_SEQ
from schemas.reasons import Reason
from schemas.topics import ENRICHED
from tests.unit.processors.enrich.raw_records import (
    ADDRESS,
    HOUR,
    KEY,
    NOON,
    OTHER_PAGE,
    USER_AGENT,
    AnyAgent,
    AnyPlace,
    event,
    events_of,
    projects,
    raw,
    stage,
    summary,
)


def test_a_payload_becomes_lines_with_every_header() -> None:
    """Events pass unchanged, with all the headers the topic demands and those that go along."""
    body = gzip.compress(json.dumps({"user": "Jörg", "events": [event(5), event(2)]}).encode())
    state = MemoryState()
    (keep,) = stage().on_record(raw(body, enc="gzip", sent=str(NOON - 40), gpc="1", dnt="1"), state, NOON)
    assert isinstance(keep, Keep)
    assert events_of(keep) == [event(5), event(2)]
    assert keep.received == NOON
    assert h.REQUIRED[ENRICHED.name] <= keep.headers.keys()
    inflated = gzip.decompress(body)
    expected = {
        h.STARTED: str(NOON),
        h.EXPIRES: "2026-12-22",
        h.SOURCE: "id/replay.raw.v1/3/7",
        h.HASH: hashlib.sha256(inflated).hexdigest(),
        h.EVENTS: "2",
        h.FIRST: str(NOON + 2),
        h.LAST: str(NOON + 5),
        h.KEYFRAME: "0",
        h.USER: '"J\\u00f6rg"',
        h.SENT: str(NOON - 40),
        h.GPC: "1",
        h.DNT: "1",
    }
    assert {name: keep.headers[name] for name in expected} == expected
    assert json.loads(keep.headers[h.CONTEXT])["city"] == "München"
    assert h.GAP not in keep.headers


def test_a_full_snapshot_is_marked_whatever_the_client_said() -> None:
    """The keyframe mark is what the events say."""
    snapshot = {"type": 2, "data": {"node": {}}, "timestamp": NOON}
    (keep,) = stage().on_record(raw([snapshot]), MemoryState(), NOON)
    (other,) = stage().on_record(raw([event()], kf="1"), MemoryState(), NOON)
    assert (keep.headers[h.KEYFRAME], other.headers[h.KEYFRAME]) == ("1", "0")


@pytest.mark.parametrize(
    "record",
    [
        raw([event(), 3]),
        raw([event()], 1),
        raw(b"not json"),
        raw(b"not gzip", enc="gzip"),
        raw([event()], MAX_SEQ + 1),
        raw([event()], project="other"),
        raw([]),
    ],
    ids=["kept", "held", "bad json", "bad encoding", "bad seq", "bad headers", "empty"],
)
def test_the_address_and_the_user_agent_never_leave(record: Record) -> None:
    """Neither is in any outcome or any state, whatever becomes of the record."""
    state = MemoryState()
    outcomes = stage().on_record(record, state, NOON)
    outcomes += stage().on_wake(KEY, state, NOON + 11_000)
    assert outcomes
    everything = repr(outcomes).encode() + repr(state.values).encode()
    for secret in (ADDRESS, USER_AGENT):
        assert secret.encode() not in everything
    for outcome in outcomes:
        assert not h.FORBIDDEN_AFTER_ENRICH & outcome.headers.keys()
        assert all(text.isascii() for text in outcome.headers.values())


@pytest.mark.parametrize(
    ("record", "outcome"),
    [
        (raw([event()], page="x"), ("dead", "bad_headers")),
        (raw([event()], MAX_SEQ + 1), ("dead", "seq_out_of_range")),
        (raw(b"x", enc="gzip"), ("dead", "bad_encoding")),
        (raw(b"x"), ("dead", "bad_json")),
        (raw(b"3"), ("dead", "bad_shape")),
        (raw([]), ("drop", "empty")),
        (raw([event()], MAX_SEQ), None),
    ],
)
def test_each_failure_has_its_reason(record: Record, outcome: tuple[str, str] | None) -> None:
    """A record that cannot go on says why; the last legal seq is still legal."""
    assert summary(stage().on_record(record, MemoryState(), NOON)) == ([outcome] if outcome else [])


def test_a_body_too_large_once_inflated() -> None:
    """The inflate limit is a dead letter of its own."""
    small = stage(Limits(inflated_bytes=100))
    assert summary(small.on_record(raw(gzip.compress(bytes(101)), enc="gzip"), MemoryState(), NOON)) == [
        ("dead", "inflate_limit")
    ]


def test_an_unknown_project_is_dropped_and_remembers_nothing() -> None:
    """A project taken out of the file leaves no state behind."""
    state = MemoryState()
    record = raw([event()], key=KEY.replace("shop", "gone"), project="gone")
    assert summary(stage().on_record(record, state, NOON)) == [("drop", "unknown_project")]
    assert state.values == {}


def test_bad_events_are_dropped_one_by_one() -> None:
    """Events read are events kept and events dropped, and only the payload without any left is empty."""
    kept = stage().on_record(raw([event(), 3, "x"]), MemoryState(), NOON)
    assert summary(kept) == [("drop", "bad_event"), ("keep", "0")]
    assert isinstance(kept[0], Drop)
    assert (kept[0].payloads, kept[0].events, kept[1].events) == (0, 2, 1)
    assert isinstance(kept[1], Keep)
    assert lines.unpack(kept[1].value, 10_000).splitlines(keepends=True)[1:] == [LOST]
    empty = stage().on_record(raw([3]), MemoryState(), NOON)
    assert [(loss.reason, loss.payloads, loss.events) for loss in empty if isinstance(loss, Drop)] == [
        (Reason.BAD_EVENT, 0, 1),
        (Reason.EMPTY, 1, 0),
    ]


def test_an_event_too_deep_to_write_is_a_bad_event() -> None:
    """What could be read but not written again costs one event, not the worker."""
    body = b'[{"type":5,"timestamp":1,"data":{"x":' + b"[" * 1015 + b"]" * 1015 + b"}}," + json.dumps(event()).encode()
    assert summary(stage().on_record(raw(body + b"]"), MemoryState(), NOON)) == [("drop", "bad_event"), ("keep", "0")]


def test_an_output_too_large_is_a_dead_letter_of_this_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would not fit the topic is set aside here, with the events it holds."""
    monkeypatch.setattr(transform, "ENRICHED", replace(ENRICHED, max_bytes=1024 * 1024 + 1))
    noise = {"x": hashlib.shake_128(b"").hexdigest(1_100_000)}
    (dead,) = stage().on_record(raw([event(), event(data=noise)]), MemoryState(), NOON)
    assert isinstance(dead, Dead)
    assert (dead.reason, dead.events) == (Reason.TOO_LARGE, 2)


def test_a_retry_is_dropped_with_its_events() -> None:
    """The same body under the same seq is a duplicate, also in another encoding; order does not matter."""
    state = MemoryState()
    body = json.dumps([event(), event(1), 3]).encode()
    stage().on_record(raw(body), state, NOON)
    (drop,) = stage().on_record(raw(gzip.compress(body), enc="gzip"), state, NOON)
    assert isinstance(drop, Drop)
    assert (drop.reason, drop.payloads, drop.events) == (Reason.DUPLICATE, 1, 3)


def test_a_retry_of_a_held_payload_is_a_duplicate() -> None:
    """What waits for an earlier payload counts as received."""
    state = MemoryState()
    assert stage().on_record(raw([event(1)], 1), state, NOON) == []
    assert summary(stage().on_record(raw([event(1)], 1), state, NOON)) == [("drop", "duplicate")]
    assert summary(stage().on_record(raw([event(0)], 0), state, NOON)) == [("keep", "0"), ("keep", "1")]


def test_a_retry_is_known_however_long_the_page_load() -> None:
    """Payloads a thousand apart have digests of their own."""
    state = MemoryState()
    for seq in (0, 64, 1000):
        stage().on_record(raw([event(seq)], seq), state, NOON)
    for seq in (0, 64, 1000):
        assert summary(stage().on_record(raw([event(seq)], seq), state, NOON)) == [("drop", "duplicate")]


def test_the_same_seq_with_another_body_is_a_conflict() -> None:
    """Two bodies claim one identity: the second is set aside with its count of events."""
    state = MemoryState()
    stage().on_record(raw([event(1)]), state, NOON)
    (dead,) = stage().on_record(raw([event(2), event(3)]), state, NOON)
    assert isinstance(dead, Dead)
    assert (dead.reason, dead.events) == (Reason.SEQ_CONFLICT, 2)


@pytest.mark.parametrize("bad", [raw(b"x", 1, enc="gzip"), raw(b"x", 1), raw([], 1), raw([3], 1)])
def test_a_lost_payload_does_not_hold_up_the_next(bad: Record) -> None:
    """A payload that died or was dropped counts as received, and its retry is a duplicate."""
    state = MemoryState()
    stage().on_record(raw([event()]), state, NOON)
    stage().on_record(bad, state, NOON)
    (keep,) = stage().on_record(raw([event()], 2), state, NOON)
    assert isinstance(keep, Keep)
    assert h.GAP not in keep.headers
    assert summary(stage().on_record(bad, state, NOON)) == [("drop", "duplicate")]


def test_a_lost_payload_ahead_fills_its_place() -> None:
    """A dead payload that arrived early is passed over without a gap once its turn comes."""
    state = MemoryState()
    stage().on_record(raw(b"x", 1), state, NOON)
    assert stage().on_record(raw([event()], 2), state, NOON) == []
    released = stage().on_record(raw([event()], 0), state, NOON)
    assert summary(released) == [("keep", "0"), ("keep", "2")]
    assert all(h.GAP not in keep.headers for keep in released)


def test_expiry_is_fixed_at_the_first_receipt() -> None:
    """Later payloads carry the first receipt's start and expiry, on other page loads too."""
    state = MemoryState()
    stage().on_record(raw([event()]), state, NOON)
    (keep,) = stage().on_record(raw([event()], page=OTHER_PAGE, received=NOON + 20 * HOUR), state, NOON + 20 * HOUR)
    assert (keep.headers[h.STARTED], keep.headers[h.EXPIRES]) == (str(NOON), "2026-12-22")


def test_too_late_is_more_than_25_hours_after_the_first_receipt() -> None:
    """Receive times decide, whenever the record is read."""
    state = MemoryState()
    stage().on_record(raw([event()]), state, NOON)
    on_time = raw([event()], 1, received=NOON + 25 * HOUR)
    late = raw([event()], 2, received=NOON + 25 * HOUR + 1)
    assert summary(stage().on_record(on_time, state, NOON + 90 * HOUR)) == [("keep", "1")]
    assert summary(stage().on_record(late, state, NOON)) == [("drop", "too_late")]


def test_page_loads_are_forgotten_after_26_hours() -> None:
    """Nothing of a session stays but when it began; what was held goes out first."""
    state = MemoryState()
    for page in range(3):
        name = f"01890a5d-ac96-774b-bcce-0000000000{page:02}"
        for seq in (0, 1, 3, 200, 5000):
            stage().on_record(raw([event()], seq, page=name), state, NOON)
    forgotten = stage().on_wake(KEY, state, NOON + 26 * HOUR)
    assert [seq for _, seq in summary(forgotten)] == ["3", "200", "5000"] * 3
    assert list(state.values) == ["s"]


def test_state_of_an_unknown_version_is_discarded() -> None:
    """State another version wrote is not misread: the session begins again."""
    state = MemoryState()
    stage().on_record(raw([event()]), state, NOON)
    state.values = {name: b"\xff" + value[1:] for name, value in state.values.items()}
    (keep,) = stage().on_record(raw([event()], received=NOON + HOUR), state, NOON + HOUR)
    assert keep.headers[h.STARTED] == str(NOON + HOUR)


def test_the_oldest_page_load_makes_room() -> None:
    """A session with too many page loads forgets the oldest, after giving what it held."""
    small = stage(Limits(pages=2))
    state = MemoryState()
    pages = [f"01890a5d-ac96-774b-bcce-0000000000{n:02}" for n in range(3)]
    small.on_record(raw([event()], 1, page=pages[0]), state, NOON)
    small.on_record(raw([event()], 0, page=pages[1]), state, NOON)
    released = small.on_record(raw([event()], 0, page=pages[2]), state, NOON)
    assert [keep.headers[h.PAGE] for keep in released] == [pages[0], pages[2]]
    assert len([name for name in state.values if name.startswith("p") and name != "pages"]) == 2


def test_only_so_many_page_loads_of_a_session_may_wait() -> None:
    """Past the bound on waiting page loads, payloads ahead pass at once with their gap."""
    small = stage(Limits(holding_pages=1))
    state = MemoryState()
    assert small.on_record(raw([event()], 1), state, NOON) == []
    (keep,) = small.on_record(raw([event()], 1, page=OTHER_PAGE), state, NOON)
    assert keep.headers[h.GAP] == "1"


def test_a_crashed_payload_is_not_waited_for() -> None:
    """A record set aside unread counts as received, and its retry is a duplicate."""
    state = MemoryState()
    subject = stage()
    subject.on_record(raw([event()]), state, NOON)
    subject.on_crashed(raw([event()], 1), state)
    (keep,) = subject.on_record(raw([event()], 2), state, NOON)
    assert h.GAP not in keep.headers
    assert summary(subject.on_record(raw([event(9)], 1), state, NOON)) == [("drop", "duplicate")]


def test_a_crash_frees_what_waited_for_it() -> None:
    """What was held behind a record set aside unread goes with the next wake-up, without a gap."""
    state = MemoryState()
    subject = stage()
    subject.on_record(raw([event()]), state, NOON)
    subject.on_record(raw([event()], 2), state, NOON)
    subject.on_crashed(raw([event()], 1), state)
    assert state.wake == NOON + 10_000
    (keep,) = subject.on_wake(KEY, state, NOON + 10_000)
    assert (keep.headers[h.SEQ], h.GAP in keep.headers) == ("2", False)


def test_a_payload_too_big_to_hold_lets_the_held_ones_go_first() -> None:
    """A payload larger than the hold passes at once, behind what waited, each with its own gap."""
    small = stage(Limits(hold=HoldLimits(bytes=2000)))
    state = MemoryState()
    noise = hashlib.shake_128(b"").hexdigest(4000)
    assert small.on_record(raw([event()], 2), state, NOON) == []
    released = small.on_record(raw([event(data={"x": noise})], 4), state, NOON)
    assert [(keep.headers[h.SEQ], keep.headers[h.GAP]) for keep in released] == [("2", "2"), ("4", "1")]


def test_projects_are_asked_each_time() -> None:
    """A change of the project file applies to the next session."""
    current = [projects()]
    subject = Enrich(Limits(), lambda: current[0], AnyAgent(), AnyPlace())
    assert summary(subject.on_record(raw([event()]), MemoryState(), NOON)) == [("keep", "0")]
    current[0] = current[0].model_copy(update={"projects": {}})
    assert summary(subject.on_record(raw([event()]), MemoryState(), NOON)) == [("drop", "unknown_project")]
