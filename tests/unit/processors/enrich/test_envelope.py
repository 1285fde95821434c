"""What a recorder says of itself beside its events: read within bounds, and no reason to lose the events."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from processors.outcome import Drop, Keep
from processors.payload import MAX_NOT_RECORDED
from processors.state import MemoryState
from schemas import headers as h
from schemas import lines
from schemas.header_forms import FORMS, are_legal
from schemas.reasons import NotRecorded
from schemas.topics import ENRICHED
from tests.unit.processors.enrich.raw_records import KEY, NOON, event, raw, stage


def read(envelope: dict[str, Any]) -> tuple[list[Drop], Keep | None]:
    """Losses and output of one payload."""
    made = stage().on_record(raw(json.dumps(envelope).encode()), MemoryState(), NOON)
    kept = [each for each in made if isinstance(each, Keep)]
    return [each for each in made if isinstance(each, Drop)], kept[0] if kept else None


@pytest.mark.parametrize(
    ("given", "header"),
    [
        (["routes", "errors", "errors"], "errors,routes"),
        (["errors", "newer", 7, {}], "errors"),
        ([], ""),
        (["x"] * 1000 + ["errors"], ""),
        ("errors", None),
        (None, None),
    ],
)
def test_captures(given: Any, header: str | None) -> None:
    """Known words, sorted, each once; nothing if it is no list."""
    _, kept = read({"events": [event()], "captures": given})
    assert kept is not None
    assert kept.headers.get(h.CAPTURES) == header
    assert are_legal(ENRICHED.name, KEY, kept.headers, NOON)


@pytest.mark.parametrize("reason", list(NotRecorded))
@pytest.mark.parametrize("events", [[], [event(5)]])
def test_what_was_not_recorded(reason: NotRecorded, events: list[Any]) -> None:
    """A loss with its count, and an event in its place, also if there is no other."""
    losses, kept = read({"events": events, "not_recorded": {"reason": reason.value, "count": 3}})
    assert [(each.reason, each.payloads, each.events) for each in losses] == [(f"not_recorded_{reason.value}", 0, 3)]
    assert kept is not None
    last = orjson.loads(lines.unpack(kept.value, 10**6).splitlines()[-1])
    assert last["data"] == {"tag": "reelstream.not_recorded", "payload": {"reason": reason.value, "count": 3}}
    assert kept.events == len(events) + 1


@pytest.mark.parametrize(
    "said",
    [
        None,
        "failed",
        {"reason": "newer", "count": 1},
        {"reason": "failed", "count": 0},
        {"reason": "failed", "count": True},
        {"reason": "failed", "count": 1.5},
        {"reason": ["failed"], "count": 1},
        {"reason": "failed"},
    ],
)
def test_what_is_not_understood_is_passed_over(said: Any) -> None:
    """The payload is taken as if nothing had been said."""
    losses, kept = read({"events": [event()], "not_recorded": said})
    assert losses == []
    assert kept is not None
    assert kept.events == 1


def test_a_count_is_bounded() -> None:
    """However large it is said to be."""
    (loss,), _ = read({"events": [], "not_recorded": {"reason": "failed", "count": 10**15}})
    assert loss.events == MAX_NOT_RECORDED


@pytest.mark.parametrize(
    ("name", "text", "legal"),
    [
        (h.PAGES, '[[1,"/a"],[2,"/b","route"],[3,"/c","load"]]', True),
        (h.PAGES, '[[1,"/a","other"]]', False),
        (h.PAGES, '[[1,"/a","route",1]]', False),
        (h.CAPTURES, "errors,routes", True),
        (h.CAPTURES, "routes,errors", False),
        (h.CAPTURES, "errors,", False),
        (h.REMOVED, '{"text.mask":3}', True),
        (h.REMOVED, '{"text mask":3}', False),
        (h.REMOVED, '{"text.mask":-1}', False),
        (h.CLOCK, "1", True),
        (h.CLOCK, "2", False),
    ],
)
def test_forms_of_the_headers(name: str, text: str, legal: bool) -> None:
    """Old and new forms of pages are read; what no writer of ours writes is not."""
    assert bool(FORMS[name](text)) is legal
