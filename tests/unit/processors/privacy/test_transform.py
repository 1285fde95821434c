"""The stage between records: headers, accounts, sampling, what it remembers."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from processors.outcome import Dead, Drop, Keep
from processors.privacy.limits import Limits
from processors.privacy.settings import PrivacySettings
from processors.record import Record
from schemas import headers as h
from schemas import lines, topics
from schemas.event_line import LOST
from schemas.identity import session_key
from schemas.policy import OPEN
from schemas.reasons import Reason
from tests.unit.processors.privacy.pages import (
    BODY,
    DEFAULT,
    add,
    change,
    element,
    incremental,
    meta,
    mutation,
    snapshot,
    words,
)
from tests.unit.processors.privacy.payloads import PAGE, SESSION, STARTED, WINDOW, Bench, payload

OTHER_PAGE = "0190a0a0-0000-7000-8000-0000000000cc"


def _scroll(at: int = 200) -> dict[str, object]:
    return incremental(3, at, id=BODY, x=0, y=at)


def test_headers_of_what_is_kept() -> None:
    """Everything the topic demands is there, recomputed, and what enrich said of the payload goes on."""
    bench = Bench()
    field = element(10, "input", type="password", value="x")
    events = [meta("https://a.example/?t=1", at=50), snapshot(field, element(11, "p", class_="rr-block"), at=60)]
    click = incremental(2, 70, type=2, id=BODY, x=1, y=1)
    typed = [incremental(5, 80 + each, id=10, text="x", isChecked=False) for each in range(3)]
    console = {"type": 6, "data": {"plugin": "rrweb/console@1", "payload": {"level": "error"}}, "timestamp": 5}
    (kept, *losses) = bench.put(payload([*events, click, *typed, _scroll(90), console], sent="7", user='"u"', gap="0"))
    assert isinstance(kept, Keep)
    assert topics.REDACTED.name in h.REQUIRED
    assert h.REQUIRED[topics.REDACTED.name] <= kept.headers.keys()
    assert all(text.isascii() for text in kept.headers.values())
    assert (kept.headers[h.SENT], kept.headers[h.USER]) == ("7", '"u"')
    assert kept.received == STARTED
    facts = {name: kept.headers[name] for name in (h.EVENTS, h.FIRST, h.LAST, h.KEYFRAME, h.POLICY)}
    assert facts == {h.EVENTS: "5", h.FIRST: "50", h.LAST: "90", h.KEYFRAME: "1", h.POLICY: DEFAULT.version}
    assert int(kept.headers[h.BYTES]) == len(lines.unpack(kept.value, 10**6))
    assert json.loads(kept.headers[h.PAGES]) == [[60, "https://a.example/"]]
    assert json.loads(kept.headers[h.COUNTS]) == {
        "events": 5,
        "clicks": 1,
        "keys": 1,
        "scrolls": 1,
        "inputs": 1,
        "errors": 1,
        "masked": 2,
        "blocked": 1,
        "dropped": 3,
        "active_ms": 20,
    }
    assert [(loss.reason, loss.payloads, loss.events) for loss in losses if isinstance(loss, Drop)] == [
        (Reason.REPEATED_INPUT, 0, 2),
        (Reason.NOT_ALLOWED, 0, 1),
    ]


def test_payload_without_snapshot_is_no_keyframe_and_names_no_page() -> None:
    """rs-kf is 0 and rs-pages absent where there is neither; the activity clock runs on between payloads."""
    bench = Bench()
    bench.put(payload([meta(), snapshot(), _scroll(1000)]))
    (kept,) = bench.put(payload([_scroll(3500)], seq=1))
    assert isinstance(kept, Keep)
    assert kept.headers[h.KEYFRAME] == "0"
    assert h.PAGES not in kept.headers
    assert json.loads(kept.headers[h.COUNTS])["active_ms"] == 2500


def test_payload_of_which_nothing_is_left() -> None:
    """One loss counts the payload, under the reason most of its events had; the others count events only."""
    bench = Bench()
    unknown = {"type": 99, "data": {}, "timestamp": 1}
    outcomes = bench.put(payload([_scroll(), unknown, _scroll()]))
    assert [(each.reason, each.payloads, each.events) for each in outcomes if isinstance(each, Drop)] == [
        (Reason.NO_SNAPSHOT, 1, 2),
        (Reason.UNKNOWN_TYPE, 0, 1),
    ]


def test_pair_split_over_payloads() -> None:
    """A Meta that is alone in its payload leaves nothing until its snapshot comes, and then goes with it."""
    bench = Bench()
    assert bench.put(payload([meta()])) == []
    (kept,) = bench.put(payload([snapshot()], seq=1))
    assert isinstance(kept, Keep)
    assert (kept.events, kept.headers[h.EVENTS], kept.headers[h.KEYFRAME]) == (2, "2", "1")


@pytest.mark.parametrize("alone", [True, False])
def test_held_meta_that_is_given_up_names_its_own_payload(alone: bool) -> None:
    """The loss carries the payload it came in, and counts that payload if nothing else of it was counted."""
    bench = Bench()
    bench.put(payload([meta()] if alone else [incremental(4, width=1, height=1), meta()]))
    (loss,) = bench.put(payload([meta()], seq=1))
    assert isinstance(loss, Drop)
    assert (loss.reason, loss.payloads, loss.events) == (Reason.ORPHAN_META, int(alone), 1)
    assert (loss.headers[h.SEQ], loss.received) == ("0", STARTED)
    (last,) = bench.wake()
    assert isinstance(last, Drop)
    assert (last.headers[h.SEQ], last.payloads) == ("1", 1)


def test_session_outside_the_sample_is_dropped_whole() -> None:
    """The choice is made once, from the session alone, and outlives a change of the percentage."""
    bench = Bench(percent=78.99)
    bench.put(payload([meta(), snapshot()]))
    bench.percent = 100
    bench.restart()
    bench.put(payload([_scroll()], seq=1))
    assert bench.lost == {Reason.SAMPLED_OUT: 3}
    assert all(isinstance(each, Drop) and each.payloads == 1 for each in bench.outcomes)
    other = Bench(percent=79)
    other.put(payload([meta(), snapshot()]))
    assert len(other.kept) == 2


def test_project_that_is_gone() -> None:
    """Payloads of a project that is no longer configured are dropped."""
    record = payload([_scroll()])
    (loss,) = Bench().put(replace(record, key=session_key("gone", SESSION)))
    assert isinstance(loss, Drop)
    assert (loss.reason, loss.payloads, loss.events) == (Reason.UNKNOWN_PROJECT, 1, 1)


def test_value_that_cannot_be_read_is_dead_and_degrades() -> None:
    """Bytes that are no value are set aside; the page load waits for a snapshot, not knowing what it missed."""
    bench = Bench(limits=Limits(inflated=100_000))
    bench.put(payload([meta(), snapshot()]))
    broken = replace(payload([_scroll()], seq=1), value=b"not zstd")
    large = replace(payload([_scroll()], seq=2), value=lines.pack(b" " * 200_000))
    outcomes = bench.put(broken, large, payload([_scroll()], seq=3))
    assert [outcome.reason for outcome in outcomes if isinstance(outcome, Dead)] == [
        Reason.BAD_ENCODING,
        Reason.INFLATE_LIMIT,
    ]
    assert bench.lost[Reason.DEGRADED] == 1


@pytest.mark.parametrize("line", [b"{\n", b'{"type":3\n', b"[" * 2000 + b"\n", b'"\\ud83d"\n', b"\xff\n"])
def test_line_that_is_not_json(line: bytes) -> None:
    """It is a malformed event like any other."""
    bench = Bench()
    bench.put(payload([meta(), snapshot(), line, _scroll()]))
    assert bench.lost == {Reason.MALFORMED_EVENT: 1, Reason.DEGRADED: 1}


def test_key_that_is_there_twice() -> None:
    """Of a repeated key only the value that was looked at is written."""
    bench = Bench()
    twice = b'{"type":3,"timestamp":1,"data":{"source":5,"text":"secret"},"data":{"source":3,"id":4,"x":0,"y":0}}\n'
    bench.put(payload([meta(), snapshot(), twice, b'{"\\u0074ype":3,"timestamp":2,"data":{"source":99}}\n']))
    assert b"secret" not in bench.text
    assert len(bench.kept) == 3


def test_missing_payload_degrades() -> None:
    """What was lost may have blocked something, so nothing passes until the next snapshot."""
    bench = Bench()
    bench.put(payload([meta(), snapshot()]), payload([_scroll()], seq=3, gap="2"), payload([_scroll()], seq=4))
    assert bench.lost == {Reason.DEGRADED: 2}
    bench.put(payload([meta(), snapshot(), _scroll()], seq=6, gap="1"))
    assert len(bench.kept) == 5


def test_payload_that_enrich_could_not_read_degrades() -> None:
    """A payload that came and was given up before this stage leaves no gap, but may have masked something."""
    bench = Bench()
    bench.put(payload([meta(), snapshot()]), payload([_scroll()], seq=2), payload([_scroll()], seq=3))
    assert bench.lost == {Reason.DEGRADED: 2}
    bench.put(payload([meta(), snapshot()], seq=4), payload([_scroll()], seq=5))
    assert bench.lost == {Reason.DEGRADED: 2}


def test_event_that_enrich_could_not_read_degrades() -> None:
    """From the place of an event that was lost before this stage nothing passes until the next snapshot."""
    bench = Bench()
    bench.put(payload([meta(), snapshot(), _scroll(90), LOST, _scroll(91)]), payload([_scroll(92)], seq=1))
    assert bench.lost == {Reason.DEGRADED: 2}
    assert [event["timestamp"] for event in bench.kept] == [100, 100, 90]
    bench.put(payload([LOST, meta(), snapshot(), _scroll()], seq=2))
    assert (len(bench.kept), bench.lost) == (6, {Reason.DEGRADED: 2})


def test_a_gap_is_told_by_the_next_payload_that_passes() -> None:
    """What is missing is counted although nothing of the payload that said so passed, and counted once."""
    bench = Bench()
    bench.put(payload([meta(), snapshot()]), payload([_scroll()], seq=3, gap="2"), payload([_scroll()], seq=5, gap="1"))
    bench.put(payload([meta(), snapshot()], seq=6), payload([_scroll()], seq=7))
    kept = [outcome for outcome in bench.outcomes if isinstance(outcome, Keep)]
    assert [keep.headers.get(h.GAP, "0") for keep in kept] == ["0", "3", "0"]


def test_late_payload_does_not_touch_the_mirror() -> None:
    """A payload behind its place passes only with a snapshot of its own, and later ones see nothing of it."""
    bench = Bench()
    bench.put(payload([meta(), snapshot(element(10, "p", class_="rr-mask"))], seq=5))
    bench.put(payload([_scroll(), meta()], seq=3))
    assert bench.lost == {Reason.DEGRADED: 1, Reason.ORPHAN_META: 1}
    bench.put(payload([meta(), snapshot(element(10, "p"), element(11, "b")), _scroll(300)], seq=4))
    assert len(bench.kept) == 5
    bench.put(payload([mutation(adds=[add(10, words(20, "secret"))]), incremental(3, id=11, x=0, y=0)], seq=6))
    assert b"secret" not in bench.text
    assert bench.lost[Reason.UNKNOWN_NODE] == 1


def test_page_loads_do_not_share_nodes() -> None:
    """Ids start at 1 on every page load: each is enforced against its own mirror."""
    bench = Bench()
    bench.put(payload([meta(), snapshot(element(10, "p", class_="rr-block"))]))
    bench.put(payload([meta(), snapshot(element(10, "p"))], page=OTHER_PAGE))
    event = mutation(adds=[add(10, words(11, "text"))])
    bench.put(payload([event], seq=1), payload([event], seq=1, page=OTHER_PAGE))
    assert bench.lost == {Reason.BLOCKED: 1}
    assert bench.kept[-1]["data"]["adds"][0]["node"]["textContent"] == "text"


def test_oldest_page_load_is_forgotten() -> None:
    """More page loads than the bound: the one used longest ago loses its state, and says so when it comes back."""
    bench = Bench(limits=Limits(pages=2))
    pages = [f"0190a0a0-0000-7000-8000-00000000000{each}" for each in range(3)]
    for page in (pages[0], pages[1]):
        bench.put(payload([meta(), snapshot(), meta()], page=page))
    bench.put(payload([_scroll()], seq=1, page=pages[0]))
    bench.put(payload([meta(), snapshot()], page=pages[2]))
    assert bench.lost == {Reason.ORPHAN_META: 1}
    assert not any(pages[1] in name for name in bench.state.values)
    bench.put(payload([_scroll()], seq=2, page=pages[0]), payload([_scroll()], seq=1, page=pages[1]))
    assert bench.lost == {Reason.ORPHAN_META: 1, Reason.NO_SNAPSHOT: 1}


def test_session_is_forgotten_whole() -> None:
    """26 hours after the session's first receipt nothing of it is left in state."""
    bench = Bench()
    bench.put(payload([meta(), snapshot()]), payload([meta(), snapshot()], page=OTHER_PAGE))
    bench.put(payload([mutation(adds=[add(BODY, element(10, "p"))])], seq=1))
    assert bench.state.wake == STARTED + 26 * 3600 * 1000
    bench.wake()
    assert bench.state.values == {}


def test_crashed_record_degrades_its_window() -> None:
    """What a record that was set aside would have changed is unknown: every page load of its window waits."""
    bench = Bench()
    other_window = WINDOW.replace("aa", "dd")
    bench.put(payload([meta(), snapshot()]), payload([meta(), snapshot()], window=other_window))
    bench.stage.on_crashed(payload([], seq=1), bench.state)
    bench.put(payload([_scroll()], seq=2), payload([_scroll()], seq=1, window=other_window))
    assert bench.lost == {Reason.DEGRADED: 1}


def test_output_that_does_not_fit_its_topic() -> None:
    """A payload too large to write is dead, and the page load waits, since its nodes never went on."""
    bench = Bench(OPEN)
    noise = random.Random(1).randbytes(topics.MIB).hex()
    large = {"type": 5, "data": {"tag": "t", "payload": noise}, "timestamp": 1}
    small = replace(topics.REDACTED, max_bytes=topics.MIB)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("processors.privacy.payload.REDACTED", small)
        (dead,) = bench.put(payload([meta(), snapshot(), large]))
    assert isinstance(dead, Dead)
    assert (dead.reason, dead.events) == (Reason.TOO_LARGE, 3)
    bench.put(payload([_scroll()], seq=1))
    assert bench.lost[Reason.DEGRADED] == 1


def test_password_marks_survive_in_state() -> None:
    """A field that was a password stays one after a restart and a snapshot."""
    bench = Bench()
    bench.put(payload([meta(), snapshot(element(10, "input", type="password"))]))
    bench.put(payload([mutation(attributes=[change(10, type="text")])], seq=1))
    bench.restart()
    bench.put(payload([meta(), snapshot(element(10, "input", type="text", value="secret"))], seq=2))
    assert b"secret" not in bench.text
    record: Record = payload([incremental(5, id=10, text="secret", isChecked=False)], seq=3, page=PAGE)
    bench.put(record)
    assert b"secret" not in bench.text


def test_event_that_cannot_be_written_is_malformed() -> None:
    """Content nested deeper than can be written costs the event and the trust in what follows."""
    bench = Bench(OPEN)
    deep = b'{"type":5,"timestamp":1,"data":{"tag":"t","payload":' + b"[" * 300 + b"]" * 300 + b"}}\n"
    bench.put(payload([meta(), snapshot(), deep, _scroll()]))
    assert bench.lost == {Reason.MALFORMED_EVENT: 1, Reason.DEGRADED: 1}


def test_style_sheets_survive_in_state() -> None:
    """A constructed sheet defined before a restart may be changed after it."""
    bench = Bench()
    adopted = incremental(15, id=1, styleIds=[7], styles=[{"styleId": 7, "rules": [{"rule": "a{}"}]}])
    bench.put(payload([meta(), snapshot()]), payload([adopted], seq=1))
    bench.restart()
    bench.put(payload([incremental(8, styleId=7, replace="b{}")], seq=2))
    assert bench.lost == {}


def test_settings_are_the_bounds() -> None:
    """Without settings the stage has the documented bounds."""
    assert PrivacySettings().limits() == Limits()
