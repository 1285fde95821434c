"""How the committed recording becomes a session of its own."""

from __future__ import annotations

import json
import uuid

from deploy.local.demo_session import RECORDING, moved, uuid7

NOW_MS = 1_795_359_068_219


def test_ids_are_fresh_and_times_end_now() -> None:
    """Pages keep apart under new ids, sequence numbers and gaps in time stay, and the last event is at the end."""
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    recording = {
        "window": str(uuid.uuid4()),
        "payloads": [
            {"page": first, "seq": 0, "events": [{"type": 4, "timestamp": 1000}, {"type": 2, "timestamp": 1100}]},
            {"page": first, "seq": 1, "events": [{"type": 3, "timestamp": 1500}]},
            {"page": second, "seq": 0, "events": [{"type": 4, "timestamp": 3000}]},
        ],
    }
    session = moved(recording, NOW_MS)
    pages = [payload.page for payload in session.payloads]
    assert pages[0] == pages[1] != pages[2]
    assert not {str(page) for page in pages} & {first, second}
    assert [payload.seq for payload in session.payloads] == [0, 1, 0]
    times = [event["timestamp"] for payload in session.payloads for event in payload.events]
    assert times == [NOW_MS - 2000, NOW_MS - 1900, NOW_MS - 1500, NOW_MS]
    assert moved(recording, NOW_MS).session_id != session.session_id


def test_the_committed_recording_can_be_posted() -> None:
    """The file has the shape that is posted: a page's payloads count from 0, and its first events can be played."""
    session = moved(json.loads(RECORDING.read_bytes()), NOW_MS)
    for page in {payload.page for payload in session.payloads}:
        own = [payload for payload in session.payloads if payload.page == page]
        assert [payload.seq for payload in own] == list(range(len(own)))
        assert {2, 4} <= {event["type"] for event in own[0].events}


def test_uuid7() -> None:
    """The id has version 7, RFC 9562's variant, and its time in the first 48 bits."""
    made = uuid7(NOW_MS)
    assert (made.version, made.variant, made.int >> 80) == (7, uuid.RFC_4122, NOW_MS)


def test_page_loads_keep_their_order() -> None:
    """Ids of page loads sort as the pages were opened, since playback follows them."""
    event = {"type": 0, "data": {}, "timestamp": 0}
    payloads = [{"page": page, "seq": 0, "events": [event | {"timestamp": n}]} for n, page in enumerate("abcdefgh")]
    session = moved({"window": "w", "payloads": payloads}, 1_767_225_600_000)
    pages = [payload.page for payload in session.payloads]
    assert pages == sorted(pages)
