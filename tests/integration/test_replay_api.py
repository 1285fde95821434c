"""What was stored comes out of the API: listed, described, streamed, and refused to others."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import falcon.testing
import orjson
import pytest
import zstandard

from processors.record import Record
from processors.sink.writer import Bounds, Writer
from replay.app import create_app
from replay.gate import Replay
from replay.settings import ReplaySettings
from schemas import headers as h
from schemas.lines import pack
from schemas.project import Project, Projects
from schemas.topics import BLOCKS, LOSSES, SESSIONS
from service.environment import ClusterSettings
from service.metrics import Metrics
from sql.store import Store
from tests.integration.migrated import ClickHouseServer, migrated_cluster, open_store
from tests.unit.processors.sink.sink_records import STARTED, block, cut_value, event_lines, loss, summary, uid

TOKEN, OTHER_TOKEN = "token-of-shop", "token-of-other"
SESSION = uid(1, 1)


class _Service:
    """Sink and API on one database."""

    def __init__(self, cluster: ClusterSettings, **bounds: Any) -> None:
        self.store: Store = open_store(cluster)
        self._writer = Writer(self.store, Metrics(process=False), Bounds(1000, 64 << 20, 1.0), _refuse)
        projects = Projects(
            projects={
                name: Project(
                    write_keys=(f"key-{name}",), read_token_sha256=(hashlib.sha256(token.encode()).hexdigest(),)
                )
                for name, token in (("shop", TOKEN), ("other", OTHER_TOKEN))
            }
        )
        settings = ReplaySettings(**bounds)
        self.app = create_app(settings, b"k" * 32, lambda: projects, self.store, Metrics(process=False), {})
        self._client = falcon.testing.TestClient(self.app)

    def put(self, topic: str, *records: Record) -> None:
        for record in records:
            self._writer.add(topic, record)
        self._writer.flush()

    def get(self, path: str, token: str = TOKEN, **headers: str) -> falcon.testing.Result:
        return self._client.simulate_get(path, headers={"Authorization": f"Bearer {token}", **headers})

    def listed(self, query: str = "") -> list[str]:
        answer = self.get(f"/api/recordings?{query}")
        assert answer.status_code == 200, answer.text
        return [recording["session_id"] for recording in answer.json["recordings"]]

    def events(self, query: str = "", session: str = SESSION) -> list[dict[str, Any]]:
        answer = self.get(f"/api/recordings/{session}/events?{query}")
        assert answer.status_code == 200, answer.text
        return [orjson.loads(line) for line in answer.content.splitlines()]


def _refuse(record: Record, dead: object) -> None:
    raise AssertionError(dead)


@pytest.fixture
def service(clickhouse: ClickHouseServer) -> Iterator[_Service]:
    made = _Service(migrated_cluster(clickhouse))
    yield made
    made.store.close()


def test_recording_is_described(service: _Service) -> None:
    """Every field the pages rely on says what the latest summary and the losses say."""
    service.put(SESSIONS.name, summary(0, version=1, user="old"), summary(1, version=2, user="ada", gaps=1))
    service.put(LOSSES.name, loss(0), loss(1), loss(2, session=2))
    answer = service.get(f"/api/recordings/{SESSION}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == {
        "session_id": SESSION,
        "started_at": "2026-09-21T14:13:20.000Z",
        "ended_at": "2026-09-21T14:13:25.000Z",
        "duration": 4.0,
        "active": 1.5,
        "clock_skew": -0.003,
        "clock_corrected": None,
        "windows": [
            {
                "window_id": uid(2, 1),
                "started_at": "2026-09-21T14:13:20.001Z",
                "ended_at": "2026-09-21T14:13:24.001Z",
                "playable": True,
            }
        ],
        "pages": [
            {
                "url": "https://shop.example/cart",
                "at": "2026-09-21T14:13:20.001Z",
                "window_id": uid(2, 1),
                "kind": "load",
            }
        ],
        "first_url": "https://shop.example/cart",
        "counts": {
            "events": 2,
            "clicks": 1,
            "keys": 0,
            "scrolls": 0,
            "inputs": 0,
            "errors": None,
            "masked": 0,
            "blocked": 0,
            "dropped": 0,
        },
        "rage_clicks": None,
        "dead_clicks": None,
        "captures": [],
        "removed": None,
        "bytes_raw": 1000,
        "bytes_stored": 100,
        "user": "ada",
        "country": "DE",
        "region": "",
        "city": "",
        "browser": "Firefox",
        "os": "Linux",
        "device": "desktop",
        "bot": False,
        "gaps": 1,
        "expires_on": "2031-01-02",
        "losses": [{"stage": "enrich", "reason": "bad_json", "kind": "dead", "payloads": 2, "events": 0}],
        "playable": True,
    }
    assert service.get("/api/recordings").json == {"recordings": [answer.json], "next_cursor": None}


def test_other_projects_see_nothing(service: _Service) -> None:
    """A recording of another project is unknown in every route."""
    service.put(SESSIONS.name, summary(0))
    service.put(BLOCKS.name, block(0))
    service.put(LOSSES.name, loss(0))
    for path in (f"/api/recordings/{SESSION}", f"/api/recordings/{SESSION}/events"):
        assert service.get(path).status_code == 200
        answer = service.get(path, OTHER_TOKEN)
        assert (answer.status_code, answer.json["error"]) == (404, "unknown_recording")
    assert service.get("/api/recordings", OTHER_TOKEN).json["recordings"] == []
    assert service.get("/api/losses", OTHER_TOKEN).json["losses"] == []


@pytest.mark.parametrize("session", [uid(1, 9), "nonsense", "%27%20OR%201"])
def test_unknown_recording_is_404(service: _Service, session: str) -> None:
    """An id that names nothing, or is none, is unknown."""
    for path in (f"/api/recordings/{session}", f"/api/recordings/{session}/events"):
        assert service.get(path).status_code == 404


def test_filters(service: _Service) -> None:
    """Each filter keeps exactly the recordings it describes."""
    context = {"country": "DE", "region": "", "city": "", "browser": "Firefox", "os": "", "device": "desktop"}
    safari = {**context, "country": "FR", "browser": "Safari", "bot": False}
    mobile = {**context, "device": "mobile", "bot": False}
    service.put(
        SESSIONS.name,
        summary(0, session=1, user="ada", counts={"errors": 2}),
        summary(1, session=2, started=STARTED + 60_000, context=safari),
        summary(2, session=3, started=STARTED + 120_000, context=mobile, last=STARTED + 500, captures=["errors"]),
        summary(3, session=4, started=STARTED + 180_000, pages=[[1, "https://shop.example/?q=100%_off"]]),
    )
    first, second, third, fourth = (uid(1, number) for number in (1, 2, 3, 4))
    assert service.listed() == [fourth, third, second, first]
    assert service.listed("order=oldest") == [first, second, third, fourth]
    assert service.listed("user=ada") == [first]
    assert service.listed("has_errors=true") == [first]
    # The others did not measure errors: they have neither any nor none.
    assert service.listed("has_errors=false") == [third]
    assert service.listed("country=FR") == service.listed("browser=Safari") == [second]
    assert service.listed("device=mobile") == [third]
    assert service.listed("min_duration=1") == [fourth, second, first]
    assert service.listed("url=100%25_off") == [fourth]
    assert service.listed("from=2026-09-21T14:14:20Z&to=2026-09-21T14:16:20Z") == [third, second]
    assert service.listed("user=%27%20OR%201%3D1%20--") == []


def test_pages_of_the_list_hold_each_recording_once(service: _Service) -> None:
    """Following cursors gives every recording once in order, also those that started in the same millisecond."""
    count = 23
    service.put(
        SESSIONS.name,
        *(summary(number, session=number, started=STARTED + number // 5) for number in range(count)),
    )
    for order in ("newest", "oldest"):
        found: list[str] = []
        starts: list[str] = []
        cursor = ""
        for _ in range(count):
            page = service.get(f"/api/recordings?order={order}&limit=4" + (f"&cursor={cursor}" if cursor else "")).json
            found += [recording["session_id"] for recording in page["recordings"]]
            starts += [recording["started_at"] for recording in page["recordings"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert sorted(found) == [uid(1, number) for number in range(count)]
        assert starts == sorted(starts, reverse=order == "newest")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("color=red", "color"),
        ("limit=1000", "limit"),
        ("from=soon", "from"),
        ("cursor=abc", "cursor"),
        ("order=x", "order"),
    ],
)
def test_bad_filter_is_named(service: _Service, query: str, named: str) -> None:
    """A filter we do not know or cannot read is a 422 that names it."""
    answer = service.get(f"/api/recordings?{query}")
    assert (answer.status_code, answer.json["error"]) == (422, "bad_filter")
    assert named in answer.json["detail"]


def test_events_are_streamed_in_playable_order(service: _Service) -> None:
    """Window after window by first event, page load after page load, payload after payload, events by time."""
    service.put(SESSIONS.name, summary(0))
    at = STARTED
    records = [
        block(0, window=2, page=1, seq="0-0", times=(at + 10, at + 12), keyframe=True),
        block(1, window=1, page=3, seq="0-0", times=(at + 50, at + 51), keyframe=True),
        block(2, window=1, page=2, seq="1-1", times=(at + 22, at + 23)),
        block(3, window=1, page=2, seq="0-0", times=(at + 21, at + 24), keyframe=True),
        block(4, window=2, page=1, seq="1-1", times=(at + 70, at + 71)),
    ]
    random.Random(3).shuffle(records)
    service.put(BLOCKS.name, *records)
    got = [(event["windowId"], event["timestamp"] - at) for event in service.events()]
    second, first = uid(2, 2), uid(2, 1)
    assert got == [(second, t) for t in (10, 12, 70, 71)] + [(first, t) for t in (21, 22, 23, 24, 50, 51)]
    assert [event["timestamp"] - at for event in service.events(f"window={first}")] == [21, 22, 23, 24, 50, 51]
    assert service.events(f"window={uid(2, 7)}") == []


def test_range_of_events_can_be_drawn(service: _Service) -> None:
    """A range begins with the keyframe a player needs and ends with the block that holds its end."""
    service.put(SESSIONS.name, summary(0))
    service.put(
        BLOCKS.name,
        *(block(n, seq=f"{n}-{n}", times=(STARTED + n * 1000,), keyframe=n in (0, 3)) for n in range(8)),
    )
    got = service.events("from=2026-09-21T14:13:24.500Z&to=2026-09-21T14:13:26Z")
    assert [(event["timestamp"] - STARTED) // 1000 for event in got] == [3, 4, 5, 6]


def test_parts_are_put_together(service: _Service) -> None:
    """A value of many megabytes that was cut plays as the one event it was, between its neighbours."""
    big = event_lines(STARTED + 5, type=2, size=12_000_000)
    noise = random.Random(1).randbytes(3_000_000).hex()
    huge = orjson.dumps({"type": 2, "data": {"text": noise}, "timestamp": STARTED + 6}) + b"\n"
    value = zstandard.ZstdCompressor(level=1).compress(big) + pack(huge)
    pieces = cut_value(1, value, 5, seq="1-1", times=(STARTED + 5, STARTED + 6), keyframe=True)
    service.put(SESSIONS.name, summary(0))
    service.put(
        BLOCKS.name, block(0, seq="0-0", times=(STARTED + 1,)), *pieces, block(9, seq="2-2", times=(STARTED + 9,))
    )
    events = service.events()
    assert [event["timestamp"] - STARTED for event in events] == [1, 5, 6, 9]
    assert len(events[1]["data"]["pad"]) == 12_000_000
    assert events[2]["data"]["text"] == noise


@pytest.mark.parametrize("harm", ["missing", "altered", "damaged"])
def test_what_cannot_be_read_is_said(service: _Service, harm: str) -> None:
    """A value with a piece missing or altered, or that is no zstd, is left out with an event that says so."""
    pieces = cut_value(1, pack(event_lines(STARTED + 5, size=50_000)), 3, seq="1-1", times=(STARTED + 5,))
    if harm == "missing":
        pieces.pop(1)
    elif harm == "altered":
        pieces = cut_value(
            1, pack(event_lines(STARTED + 5)), 1, seq="1-1", times=(STARTED + 5,), changes={h.PART: "0/1/9/" + "0" * 64}
        )
    else:
        pieces = [block(1, seq="1-1", value=b"damaged", times=(STARTED + 5,))]
    service.put(SESSIONS.name, summary(0))
    service.put(
        BLOCKS.name, block(0, seq="0-0", times=(STARTED + 1,)), *pieces, block(9, seq="2-2", times=(STARTED + 9,))
    )
    events = service.events()
    assert [event["timestamp"] - STARTED for event in events] == [1, 5, 9]
    assert events[1]["type"] == 5
    assert events[1]["data"]["tag"] == "reelstream.missing"
    assert (events[1]["data"]["payload"]["first_seq"], events[1]["data"]["payload"]["last_seq"]) == (1, 1)


def test_payload_stored_twice_plays_once(service: _Service) -> None:
    """The same payloads under new offsets, or rewritten as a higher generation, do not double."""
    service.put(SESSIONS.name, summary(0))
    again = {h.SOURCE: "rawid/replay.raw.v1/0/0"}
    service.put(BLOCKS.name, block(0, seq="0-0"), block(5, seq="0-0", epoch="anew", changes=again), block(1, seq="1-1"))
    assert len(service.events()) == 4
    service.put(
        BLOCKS.name,
        block(6, seq="0-1", times=(STARTED + 1, STARTED + 2, STARTED + 3), changes={h.GENERATION: "1", h.SOURCE: "x"}),
    )
    assert len(service.events()) == 3


@pytest.mark.parametrize(("encoding", "header"), [("", "identity"), ("gzip", "gzip"), ("zstd", "gzip, br, zstd")])
def test_streams_are_compressed_when_asked(service: _Service, encoding: str, header: str) -> None:
    """The body is what it would be uncompressed, in the encoding it names."""
    service.put(SESSIONS.name, summary(0))
    service.put(BLOCKS.name, *(block(n, seq=f"{n}-{n}", times=(STARTED + n,)) for n in range(300)))
    answer = service.get(f"/api/recordings/{SESSION}/events", **{"Accept-Encoding": header})
    assert answer.headers.get("Content-Encoding", "") == encoding
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    body = answer.content
    if encoding == "gzip":
        body = gzip.decompress(body)
    elif encoding == "zstd":
        body = zstandard.ZstdDecompressor().decompressobj().decompress(body)
    assert len(body.splitlines()) == 300


@pytest.mark.parametrize(
    ("bounds", "same", "other"),
    [
        ({"event_streams": 1}, (503, "overloaded"), (503, "overloaded")),
        ({"event_streams_per_project": 1}, (503, "overloaded"), (503, "overloaded")),
        ({"event_streams_per_reader": 1}, (429, "rate_limited"), (200, "")),
    ],
)
def test_streams_are_few_at_a_time(
    clickhouse: ClickHouseServer, bounds: dict[str, int], same: tuple[int, str], other: tuple[int, str]
) -> None:
    """More streams than allowed are told to come back, and one that its reader has left makes room."""
    service = _Service(migrated_cluster(clickhouse), **bounds)
    service.put(SESSIONS.name, summary(0))
    service.put(BLOCKS.name, block(0))

    async def scenario() -> None:
        began = asyncio.Event()
        held = asyncio.create_task(_read(service.app, stop_at_body=began))
        await began.wait()
        assert await _read(service.app) == same
        assert await _read(service.app, "10.0.0.9") == other
        held.cancel()
        with suppress(asyncio.CancelledError):
            await held
        for _ in range(3):
            assert await _read(service.app) == (200, "")

    asyncio.run(scenario())
    service.store.close()


async def _read(
    app: Replay, address: str = "10.0.0.8", *, stop_at_body: asyncio.Event | None = None
) -> tuple[int, str]:
    """Status and error code of a request for events; with `stop_at_body` its reader then takes no more, for ever."""
    collected = falcon.testing.ASGIResponseEventCollector()

    async def send(event: dict[str, Any]) -> None:
        await collected.collect(event)
        if stop_at_body is not None and event["type"] == "http.response.body":
            stop_at_body.set()
            await asyncio.Event().wait()

    headers = {"Authorization": f"Bearer {TOKEN}"}
    scope = falcon.testing.create_scope(f"/api/recordings/{SESSION}/events", headers=headers, remote_addr=address)
    await app(scope, falcon.testing.ASGIRequestEventEmitter().emit, send)  # type: ignore[arg-type]
    status = collected.status
    body = b"".join(collected.body_chunks)
    return int(status or 0), "" if status == 200 else orjson.loads(body)["error"]


def test_losses_are_queried(service: _Service) -> None:
    """Losses add up by stage, reason and kind; a time range, a session or a payload's id narrows them."""
    service.put(
        LOSSES.name,
        *(loss(number) for number in range(7)),
        loss(7, session=2, reason="duplicate", kind="drop", events=5, received=STARTED + 3_600_000),
    )
    found = service.get("/api/losses").json["losses"]
    assert [(each["stage"], each["reason"], each["kind"], each["payloads"]) for each in found] == [
        ("enrich", "bad_json", "dead", 7),
        ("enrich", "duplicate", "drop", 1),
    ]
    assert (found[0]["bytes"], len(found[0]["samples"])) == (119, 5)
    (only,) = service.get(f"/api/losses?session={uid(1, 2)}").json["losses"]
    assert (only["reason"], only["events"], only["first_at"]) == ("duplicate", 5, "2026-09-21T15:13:20.000Z")
    (one,) = service.get(f"/api/losses?id={uid(4, 3)}").json["losses"]
    assert (one["payloads"], one["samples"][0]["seq"]) == (1, 3)
    assert one["samples"][0]["source"] == "rawid/replay.raw.v1/0/3"
    (early,) = service.get("/api/losses?to=2026-09-21T15:00:00Z").json["losses"]
    assert early["reason"] == "bad_json"


def test_absent_store_is_503(clickhouse: ClickHouseServer) -> None:
    """Without ClickHouse every question is answered 503 `store_unavailable`, in the one shape and without details."""
    service = _Service(migrated_cluster(clickhouse))
    service.put(SESSIONS.name, summary(0))
    clickhouse.kill()
    try:
        for path in ("/api/recordings", f"/api/recordings/{SESSION}/events", "/api/losses"):
            answer = service.get(path)
            assert (answer.status_code, answer.json["error"]) == (503, "store_unavailable")
            assert "127.0.0.1" not in answer.text
    finally:
        clickhouse.start()
    assert service.listed() == [SESSION]


def test_list_reads_only_what_it_shows(service: _Service) -> None:
    """The list's question reaches the table with project and time range, so that it reads no other granules."""
    service.put(SESSIONS.name, summary(0))
    plan = service.store.rows(
        "EXPLAIN indexes = 1 SELECT * FROM recordings WHERE project = 'shop' "
        "AND started_at >= toDateTime64('2026-01-01', 3, 'UTC') ORDER BY started_at DESC LIMIT 5"
    )
    text = "\n".join(row["explain"] for row in plan)
    assert "PrimaryKey" in text
    assert "project" in text
    assert "started_at" in text
