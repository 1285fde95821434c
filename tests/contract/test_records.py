"""Records of the first version, with a member or a header more or less, are read by today's code.

Old records lie on topics when a new process starts, and processes of two versions run side by side while one replaces
the other. So members and headers are only ever added, with a default; see CONTRIBUTING.md.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from processors.outcome import Dead, Drop, Keep, Outcome
from processors.record import Record
from processors.sink.rows import COLUMNS, Row
from processors.sink.transform import to_row
from processors.state import MemoryState
from processors.topology import BATCH, ENRICH, PRIVACY, SPLIT, StageSpec
from schemas import headers as h
from schemas.control import Kind, Tombstone
from schemas.headers import REQUIRED
from schemas.topics import BLOCKS, CONTROL, LOSSES, SESSIONS
from tests.contract.examples import Example, read
from tests.contract.stages import build

RECORDS = json.loads((Path(__file__).parent / "first_version" / "records.json").read_text())
# Members without which a record says nothing: readers may demand them.
ESSENTIAL = {SESSIONS.name: {("version",)}, LOSSES.name: {("stage",), ("reason",)}, BLOCKS.name: set()}
UNKNOWN = {"a-later-version": ["of", {"this": "software"}]}
STAGES = (ENRICH, PRIVACY, SPLIT, BATCH)


def first_version(topic: str) -> list[Example]:
    """The examples of a topic as they were."""
    return [read(topic, case, document) for case, document in RECORDS[topic].items()]


def cases(*topics: str) -> list[Any]:
    """Each example of these topics, named."""
    return [
        pytest.param(topic, each.record, id=f"{topic}-{each.case}") for topic in topics for each in first_version(topic)
    ]


def paths(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every member of every object, however deep."""
    entries = document.items() if isinstance(document, dict) else enumerate(document)
    for name, value in entries:
        if isinstance(document, dict):
            yield (*path, name)
        if isinstance(value, dict | list):
            yield from paths(value, (*path, name))


def without(document: Any, path: tuple[Any, ...]) -> Any:
    """A copy that lacks one member."""
    changed = copy.deepcopy(document)
    holder = changed
    for name in path[:-1]:
        holder = holder[name]
    del holder[path[-1]]
    return changed


def with_unknown(document: Any) -> Any:
    """A copy with one member more in each object."""
    if isinstance(document, dict):
        return {**{name: with_unknown(value) for name, value in document.items()}, **UNKNOWN}
    return [with_unknown(each) for each in document] if isinstance(document, list) else document


def row(topic: str, record: Record) -> dict[str, Any]:
    """The row of a record, which must be one."""
    made = to_row(topic, record)
    assert isinstance(made, Row), made
    return dict(zip(COLUMNS[made.table], made.values, strict=True))


@pytest.mark.parametrize(("topic", "record"), cases(SESSIONS.name, LOSSES.name))
def test_the_sink_reads_a_value_that_lacks_a_member(topic: str, record: Record) -> None:
    """Whatever member a writer does not know, the row is made, and all that the others say is in it."""
    document = orjson.loads(record.value)
    whole = row(topic, record)
    for path in paths(document):
        # A window is told by its id.
        if path in ESSENTIAL[topic] or (path[-1] == "window" and len(path) > 1):
            continue
        less = row(topic, replace(record, value=orjson.dumps(without(document, path))))
        changed = {name for name in whole if whole[name] != less[name]}
        assert len(changed) <= (10 if path in (("counts",), ("context",)) else 4), (path, changed)
    for path in ESSENTIAL[topic]:
        assert isinstance(to_row(topic, replace(record, value=orjson.dumps(without(document, path)))), Dead)


@pytest.mark.parametrize(("topic", "record"), cases(SESSIONS.name, LOSSES.name, BLOCKS.name))
def test_the_sink_passes_over_what_it_does_not_know(topic: str, record: Record) -> None:
    """A member or a header of a later version changes nothing of the row."""
    value = record.value if topic == BLOCKS.name else orjson.dumps(with_unknown(orjson.loads(record.value)))
    later = replace(record, value=value, headers={**record.headers, "rs-later": "x"})
    assert row(topic, later) | {"value": 0} == row(topic, record) | {"value": 0}
    if topic == SESSIONS.name:
        document = orjson.loads(record.value)
        document["pages"] = [[*page, "more"] for page in document["pages"]]
        assert row(topic, replace(record, value=orjson.dumps(document))) == row(topic, record)


@pytest.mark.parametrize(("topic", "record"), cases(SESSIONS.name, LOSSES.name, BLOCKS.name))
def test_the_sink_needs_no_header_but_those_of_the_first_version(topic: str, record: Record) -> None:
    """A header that may be absent may be absent."""
    for name in record.headers.keys() - REQUIRED[topic]:
        kept = {each: text for each, text in record.headers.items() if each != name}
        # Without its place a piece is a value of its own.
        assert row(topic, replace(record, headers=kept))


def test_the_sink_takes_reasons_it_does_not_know_yet() -> None:
    """A stage of a later version may give reasons of its own: an old sink stores them as they are."""
    record = first_version(LOSSES.name)[0].record
    later = orjson.dumps({**orjson.loads(record.value), "reason": "of_a_later_version", "kind": "postponed"})
    assert row(LOSSES.name, replace(record, value=later))["reason"] == "of_a_later_version"


def outcomes(spec: StageSpec, record: Record) -> list[Outcome]:
    """What a fresh stage makes of a record and of its next wake-up."""
    stage, state = build(spec), MemoryState()
    made = list(stage.on_record(record, state, record.received))
    if state.wake is not None:
        made += stage.on_wake(record.key, state, min(state.wake, record.received + 60_000))
    return made


def kinds(made: list[Outcome]) -> list[tuple[str, str, int]]:
    """Outcomes in short."""
    return [(type(each).__name__, "" if isinstance(each, Keep) else each.reason, each.events) for each in made]


def stage_cases() -> list[Any]:
    """Each stage with each example of the topic it reads."""
    return [
        pytest.param(spec, each.record, id=f"{spec.name}-{each.case}")
        for spec in STAGES
        for each in first_version(spec.reads[0].name)
    ]


@pytest.mark.parametrize(("spec", "record"), stage_cases())
def test_stages_read_records_with_headers_more_or_less(spec: StageSpec, record: Record) -> None:
    """A stage makes the same of a record with unknown headers and members, and needs no optional header."""
    expected = kinds(outcomes(spec, record))
    assert expected
    more = {
        name: json.dumps(with_unknown(json.loads(text))) if name in (h.CONTEXT, h.COUNTS) else text
        for name, text in record.headers.items()
    }
    made = outcomes(spec, replace(record, headers={**more, "rs-later": "x"}))
    assert kinds(made) == expected
    assert all(not isinstance(each, Keep) or each.headers.keys() >= demanded(spec, each) for each in made)
    for name in record.headers.keys() - REQUIRED[spec.reads[0].name]:
        less = {each: text for each, text in record.headers.items() if each != name}
        assert any(isinstance(each, Keep | Drop | Dead) for each in outcomes(spec, replace(record, headers=less)))
    for name in {h.CONTEXT, h.COUNTS} & record.headers.keys():
        for member in json.loads(record.headers[name]):
            text = json.dumps(without(json.loads(record.headers[name]), (member,)))
            assert kinds(outcomes(spec, replace(record, headers={**record.headers, name: text}))) == expected


def demanded(spec: StageSpec, keep: Keep) -> frozenset[str]:
    """Headers that the topic of an outcome demands."""
    return REQUIRED[spec.writes[keep.to].name]


@pytest.mark.parametrize(("topic", "record"), cases(CONTROL.name))
def test_tombstones_with_members_more(topic: str, record: Record) -> None:
    """A tombstone of the first version is obeyed, also with members of a later one."""
    for value in (record.value, orjson.dumps(with_unknown(orjson.loads(record.value)))):
        tombstone = Tombstone.read(record.key, value)
        assert tombstone is not None
        assert (tombstone.kind, tombstone.key) == (Kind.OPT_OUT, record.key)
