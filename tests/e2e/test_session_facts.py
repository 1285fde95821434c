"""What a recording says of clocks, tabs, routes, clicks and of what was not recorded, over the whole stack."""

from __future__ import annotations

import time
from typing import Any

import httpx

from tests.e2e.payloads import SECONDS, Event, PageLoad, click, now_ms, packed, page_start
from tests.e2e.reading import Reader, wait_for
from tests.e2e.stack import Stack

HOUR = 3_600_000


def _at(event: Event, at: int) -> Event:
    return {**event, "timestamp": at}


def _start(at: int) -> list[Event]:
    return [_at(event, at + index) for index, event in enumerate(page_start())]


def _ours(tag: str, payload: Any, at: int) -> Event:
    return {"type": 5, "data": {"tag": f"reelstream.{tag}", "payload": payload}, "timestamp": at}


def _send(load: PageLoad, events: list[Event], sent: int, **envelope: Any) -> None:
    """Send as a recorder whose clock says `sent`."""
    query = {"page": load.page, "seq": str(load.seq), "t": str(sent), "enc": "gzip"}
    load.seq += 1
    body = packed({"events": events, **envelope})
    answer = httpx.post(load.gateway + load.path, params=query, content=body, timeout=SECONDS)
    assert answer.status_code == 202, answer.text


def _described(demo: Reader, load: PageLoad, events: int) -> dict[str, Any]:
    def whole() -> dict[str, Any] | None:
        found = demo.recording(load.session)
        return found if found is not None and found["counts"]["events"] == events else None

    return wait_for("the recording", whole)


def test_clocks_that_were_set_and_wrong_events(stack: Stack, demo: Reader) -> None:
    """Each session lasts as long as it did, its last change is its last, and it says that times were put right."""
    loads: list[tuple[PageLoad, bool, int]] = []
    for jump, wrong in ((0, None), (-2 * HOUR, None), (2 * HOUR, None), (0, 0), (0, 317_000_000_000_000)):
        load, at = PageLoad(stack.gateway), now_ms() - 5 * HOUR
        _send(load, _start(at), at + 100)
        odd = [_at(click(9, 9), wrong)] if wrong is not None else []
        _send(load, [_at(click(1, 1), at + 1000), *odd, _at(click(1, 2), at + 2000 + jump)], at + 2100 + jump)
        _send(load, [_at(click(1, 3), at + 3000 + jump)], at + 3100 + jump)
        loads.append((load, bool(jump or odd), 5 + len(odd)))
    for load, is_corrected, events in loads:
        found = _described(demo, load, events)
        assert 0.9 <= found["duration"] <= 4.5
        assert found["clock_corrected"] is is_corrected
        assert 4.9 * 3600 < found["clock_skew"] < 5.1 * 3600
        assert [mark for mark in demo.marks(load.session) if mark != (9, 9)] == [(1, 1), (1, 2), (1, 3)]


def test_tabs_routes_and_clicks(stack: Stack, demo: Reader) -> None:
    """Pages know their tab, kind and when they can be seen; a tab without a snapshot is told as such."""
    at = now_ms() - 10_000
    load = PageLoad(stack.gateway)
    _send(
        load,
        [*_start(at), _ours("route", {"href": "https://shop.example/cart?token=1"}, at + 500)],
        now_ms(),
        captures=["routes", "errors"],
    )
    _send(load, [_at(click(1, 1), at + 600 + step) for step in (0, 100, 200)], now_ms())
    other = PageLoad(stack.gateway, session=load.session)
    _send(
        other,
        [_ours("not_recorded", {"reason": "snapshot_too_large", "count": 1}, at + 900)],
        now_ms(),
        captures=["routes", "errors"],
    )
    _send(load, [_at(click(2, 2), at + 1000), _ours("visibility", {"visible": False}, at + 9000)], now_ms())
    found = _described(demo, load, 9)
    assert [(page["url"], page["window_id"], page["kind"]) for page in found["pages"]] == [
        ("https://shop.example/page", load.window, "load"),
        ("https://shop.example/cart", load.window, "route"),
    ]
    assert {each["window_id"]: each["playable"] for each in found["windows"]} == {
        load.window: True,
        other.window: False,
    }
    assert found["captures"] == ["errors", "routes"]
    assert found["counts"]["errors"] == 0
    assert (found["rage_clicks"], found["dead_clicks"], found["clock_corrected"]) == (1, 4, False)
    listed = [each["session_id"] for each in demo.get("/api/recordings", url="/cart", limit="200").json()["recordings"]]
    assert load.session in listed


def test_what_was_not_recorded_is_a_loss_and_errors_not_measured_are_null(stack: Stack, demo: Reader) -> None:
    """A session of which nothing else came exists, says why, and is among those neither with nor without errors."""
    load = PageLoad(stack.gateway)
    _send(load, [], now_ms(), not_recorded={"reason": "blocked", "count": 3})
    found = _described(demo, load, 1)
    assert found["playable"] is False
    assert found["counts"]["errors"] is None
    losses = wait_for("the loss", lambda: demo.losses(session=load.session))
    assert [(each["stage"], each["reason"], each["events"]) for each in losses] == [
        ("enrich", "not_recorded_blocked", 3)
    ]
    (event,) = wait_for("its event", lambda: demo.events(load.session, 1))
    assert event["data"] == {"tag": "reelstream.not_recorded", "payload": {"reason": "blocked", "count": 3}}
    for asked in ("true", "false"):
        answer = demo.get("/api/recordings", has_errors=asked, limit="200").json()["recordings"]
        assert load.session not in [each["session_id"] for each in answer]


def test_a_page_load_that_goes_on_after_a_later_one(stack: Stack, demo: Reader) -> None:
    """With a snapshot it is read again in its place; without one it is only named there."""
    at = now_ms() - 20_000
    first = PageLoad(stack.gateway)
    second = PageLoad(stack.gateway, session=first.session, window=first.window)
    for load, events in (
        (first, [*_start(at), _at(click(1, 1), at + 10)]),
        (second, [*_start(at + 2000), _at(click(2, 1), at + 2010)]),
        (first, [_at(click(1, 2), at + 4000)]),
        (first, [*_start(at + 6000), _at(click(1, 3), at + 6010)]),
    ):
        _send(load, events, now_ms())
        # A block of its own.
        time.sleep(1.0)
    _described(demo, first, 10)
    shown = wait_for("all of it", lambda: demo.marks(first.session, 3))
    assert shown == [(1, 1), (2, 1), (1, 3)]
    tags = [event["data"] for event in demo.events(first.session) if event["type"] == 5]
    assert [(each["tag"], each["payload"]["reason"]) for each in tags] == [("reelstream.missing", "page_left")]
