"""Bytes that are damaged anywhere: never an exception, and nothing that was not looked at."""

from __future__ import annotations

import zlib
from contextlib import suppress
from typing import Any

import orjson
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.outcome import Keep
from processors.payload import Payload, read_payload
from processors.privacy.mirror import Mirror
from processors.privacy.packing import VERSION, PackingError, apply
from schemas.reasons import Reason
from tests.unit.processors.privacy.pages import meta, snapshot
from tests.unit.processors.privacy.payloads import Bench, payload
from tests.unit.processors.privacy.story import CANARY, story

Json = dict[str, Any]
LIMIT = 1_000_000
# Where, as a part of the whole, how many bytes go, and what comes instead.
DAMAGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), st.binary(max_size=4)), min_size=1, max_size=12)
INNER = [event for event in story() if event["type"] == 3]


def _damaged(text: bytes, damages: list[tuple[float, int, bytes]]) -> bytes:
    for where, gone, new in damages:
        at = int(where * len(text))
        text = text[:at] + new + text[at + gone :]
    return text


def _packed(event: Json) -> str:
    return zlib.compress(orjson.dumps({**event, "v": "v1"})).decode("latin-1")


def _blocked_page() -> list[Json]:
    """A page of which only an empty body may be seen, so that no later change to it may show anything."""
    page = snapshot()
    page["data"]["node"]["childNodes"][0]["childNodes"][1]["attributes"]["class"] = "rr-block"
    return [meta(), page]


@settings(max_examples=200, deadline=None)
@given(damages=DAMAGES, form=st.sampled_from(["array", "envelope", "lines", "packed"]))
def test_damaged_bodies(damages: list[tuple[float, int, bytes]], form: str) -> None:
    """A body is refused, or its events have rrweb's outer form; then each gets its verdict and nothing shows."""
    bodies = {
        "array": orjson.dumps(INNER),
        "envelope": orjson.dumps({"user": "u", "events": INNER}),
        "lines": b"\n".join(map(orjson.dumps, INNER)),
        "packed": orjson.dumps([_packed(event) for event in INNER]),
    }
    read = read_payload(_damaged(bodies[form], damages), LIMIT)
    if not isinstance(read, Payload):
        assert read in (Reason.BAD_JSON, Reason.BAD_SHAPE, Reason.INFLATE_LIMIT)
        return
    events = [event for event in read.events if event is not None]
    assert all(type(event["type"]) is int and event["timestamp"] >= 0 for event in events)
    bench = Bench()
    bench.put(payload(_blocked_page()), payload([event for event in events if event["type"] == 3], seq=1))
    assert CANARY.encode() not in bench.text


@settings(max_examples=200, deadline=None)
@given(damages=DAMAGES)
def test_damaged_lines(damages: list[tuple[float, int, bytes]]) -> None:
    """Each line is kept as JSON or lost with a reason, and nothing of a blocked page shows."""
    lines = _damaged(b"".join(orjson.dumps(event) + b"\n" for event in INNER), damages)
    bench = Bench()
    bench.put(payload(_blocked_page()), payload([lines], seq=1))
    kept = sum(each.events for each in bench.outcomes if isinstance(each, Keep))
    assert kept == len(bench.kept)
    assert kept + sum(bench.lost.values()) == len(lines.splitlines()) + 2
    assert CANARY.encode() not in bench.text


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=200), words=st.lists(st.integers(0, 2**32 - 1), max_size=40), whole=st.booleans())
def test_damaged_mirrors(data: bytes, words: list[int], whole: bool) -> None:
    """Any bytes are a mirror or no mirror."""
    if whole:
        data = VERSION + zstandard.compress(b"".join(word.to_bytes(4, "little") for word in words))
    with suppress(PackingError):
        apply(Mirror(512), data)
