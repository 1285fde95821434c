"""State of the first version is read by today's code, also when a later version has added fields to it or replaced it.

Each entry of `first_version/cells.json` is a stage in the middle of something: it goes on from there.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from processors.outcome import Dead, Drop, Keep, Outcome
from processors.privacy.limits import Limits
from processors.privacy.transform import Privacy
from processors.runtime.state import SessionState
from processors.runtime.wakeups import Wake
from processors.state import MemoryState
from schemas import headers as h
from schemas.lines import unpack
from schemas.policy import BALANCED, STRICT, Policy
from schemas.project import Project, Projects
from schemas.reasons import Reason
from tests.unit.processors.batch import part_records as batch
from tests.unit.processors.enrich import raw_records as enrich
from tests.unit.processors.privacy.pages import BODY, incremental, snapshot
from tests.unit.processors.privacy.payloads import SESSION, STARTED, payload

CELLS = json.loads((Path(__file__).parent / "first_version" / "cells.json").read_text())
Values = dict[str, bytes]
UNKNOWN = {"a later version's": 1}
# Between the fields of a list cell, lists whose entries may get longer themselves, by the start of the cell's name.
NESTED: dict[str, Callable[[list[Any]], list[list[Any]]]] = {
    "p91406e06e2808efa": lambda fields: fields[3],
    "open": lambda fields: fields[2],
    "privacy:hold": lambda fields: [fields[3]],
    "privacy:page": lambda fields: [fields[8]] if fields[8] else [],
    "privacy:session": lambda fields: fields[4],
}


def decoded(entry: str, part: str = "values") -> Values:
    """Cells of an entry by name."""
    return {name: base64.b64decode(text) for name, text in CELLS[entry][part].items()}


@dataclass
class Place:
    """The only partition."""

    number: int
    count: int
    state: MemoryState


def memory(values: Values) -> MemoryState:
    """State with these values."""
    state = MemoryState()
    state.values = dict(values)
    return state


def privacy(shared: Values, policy: Policy = BALANCED, **rules: Any) -> Privacy:
    """The stage for the project `demo`."""
    project = Project.model_validate({"write_keys": ["demo"], "sampling": rules, "policy": policy})
    stage = Privacy(lambda: Projects(projects={"demo": project}), Limits())
    place = Place(0, 1, memory(shared))
    stage.connect(stage._tombstones, lambda: place)
    return stage


def goes_on(entry: str, values: Values, shared: Values) -> list[Outcome]:
    """What the stage makes of the records that follow, from this state."""
    state = memory(values)
    match entry:
        case "enrich":
            stage = enrich.stage()
            after = [enrich.raw([enrich.event(1)], 1), enrich.raw([enrich.event(0)], 0)]
            made = [outcome for each in after for outcome in stage.on_record(each, state, enrich.NOON + 1)]
            return made + stage.on_wake(enrich.KEY, state, enrich.NOON + 27 * enrich.HOUR)
        case "batch":
            run = batch.Run()
            made = run.stage.on_record(batch.payload(3), state, batch.NOON + 700)
            return made + run.stage.on_wake(batch.KEY, state, batch.NOON + 3000)
        case "batch_part":
            run = batch.Run()
            _, second = batch.parts(b"y" * 20, 10, seq=4, page="q")
            return run.stage.on_record(second, state, batch.NOON + 1200)
        case "privacy_mirror":
            moved = payload([incremental(3, id=BODY, x=0, y=0)], 2)
            return privacy(shared).on_record(moved, state, STARTED)
        case "privacy_meta":
            return privacy(shared).on_record(payload([snapshot()], 1), state, STARTED)
        case "privacy_hold":
            stage_ = privacy(shared, minimum_seconds=10)
            later = payload([incremental(3, 10_005, id=BODY, x=0, y=0)], 1)
            return stage_.on_record(later, state, STARTED + 11_000)
        case "privacy_refused":
            return privacy(shared, STRICT).on_record(payload([snapshot()], 1), state, STARTED)
        case "privacy_quota":
            other = replace(payload([snapshot()]), key=f"demo:{SESSION[:-1]}2")
            return privacy(shared, sessions_per_day=1).on_record(other, MemoryState(), STARTED)
    raise ValueError(entry)


def told(made: list[Outcome]) -> list[tuple[str, str, int]]:
    """Outcomes in short: where to or why, which payloads, how many events."""
    return [
        (each.to if isinstance(each, Keep) else each.reason, each.headers.get(h.SEQ, ""), each.events) for each in made
    ]


# What follows from each entry.
EXPECTED: dict[str, list[tuple[str, str, int]]] = {
    "enrich": [("out", "1", 1), ("out", "2", 1), ("duplicate", "0", 1)],
    "batch": [("blocks", "1-3", 6), ("sessions", "", 0)],
    "batch_part": [("blocks", "4-4", 0), ("sessions", "", 0)],
    "privacy_mirror": [("out", "2", 1)],
    "privacy_meta": [("out", "1", 2)],
    "privacy_hold": [("out", "0", 2), ("out", "1", 1)],
    "privacy_refused": [("opted_out", "1", 1)],
    "privacy_quota": [("not_selected", "0", 1)],
}
# A mirror of an earlier form may not tell what today's rules ask: then nothing passes until the next snapshot.
DEGRADED: dict[str, list[tuple[str, str, int]]] = {
    "privacy_mirror": [("degraded", "2", 1)],
    "privacy_hold": [("out", "0", 2), ("degraded", "1", 1)],
}


def goes_on_as_expected(entry: str, values: Values, shared: Values) -> bool:
    """Whether nothing was lost."""
    return told(goes_on(entry, values, shared)) in (EXPECTED[entry], DEGRADED.get(entry))


ENTRIES = [(entry, decoded(entry), decoded(entry, "shared") if "shared" in CELLS[entry] else {}) for entry in EXPECTED]


@pytest.mark.parametrize(("entry", "values", "shared"), ENTRIES, ids=EXPECTED)
def test_a_stage_goes_on_from_the_state_of_the_first_version(entry: str, values: Values, shared: Values) -> None:
    """Held payloads, open blocks, mirrors, holds and decisions are what they were."""
    made = goes_on(entry, values, shared)
    assert told(made) in (EXPECTED[entry], DEGRADED.get(entry))
    if entry == "batch":
        summary = orjson.loads(made[1].value)  # type: ignore[arg-type, union-attr]
        assert (summary["version"], summary["blocks"], summary["payloads"]) == (5, 5, 6)
        assert (summary["user"], summary["pages"]) == ("anna", [[1000, "https://shop.example/"]])
    if entry == "enrich":
        assert {each.headers[h.EXPIRES] for each in made} == {"2026-12-22"}
        assert all(h.GAP not in each.headers for each in made)


def longer(name: str, value: bytes) -> bytes | None:
    """A cell to which a later version has added fields at the end; None if it is no list."""
    if name.startswith("privacy:held"):
        start = 5 + int.from_bytes(value[1:5])
        about = orjson.dumps([*orjson.loads(value[5:start]), UNKNOWN])
        return value[:1] + len(about).to_bytes(4) + about + value[start:]
    head, separator, rest = value[1:].partition(b"\n")
    try:
        fields = orjson.loads(head)
    except orjson.JSONDecodeError:
        return None
    if name == "u":
        return None
    for start_of_name, entries in NESTED.items():
        if name.startswith(start_of_name):
            for each in entries(fields):
                each.append(UNKNOWN)
    if name == "t":
        fields[1]["of a later version"] = UNKNOWN
    return value[:1] + orjson.dumps([*fields, UNKNOWN]) + separator + rest


# Each cell of each entry.
EACH = [pytest.param(entry, name, id=f"{entry}-{name}") for entry, *parts in ENTRIES for part in parts for name in part]


@pytest.mark.parametrize(("entry", "name"), EACH)
def test_fields_added_to_a_cell_are_passed_over(entry: str, name: str) -> None:
    """State that a later version wrote with more fields is read by this one, which was rolled back to."""
    values, shared = decoded(entry), decoded(entry, "shared") if "shared" in CELLS[entry] else {}
    holder = values if name in values else shared
    more = longer(name, holder[name])
    if more is None:
        assert name[0] in "hu" or name == "pages" or name.startswith(("privacy:base", "privacy:patch"))
        return
    holder[name] = more
    assert goes_on_as_expected(entry, values, shared)


@pytest.mark.parametrize(("entry", "name"), EACH)
def test_a_cell_of_an_unknown_version_is_discarded(entry: str, name: str) -> None:
    """What cannot be known is given up: no crash, nothing misread, and no session passes that may have been refused."""
    values, shared = decoded(entry), decoded(entry, "shared") if "shared" in CELLS[entry] else {}
    holder = values if name in values else shared
    kept = {event for each in goes_on(entry, values, shared) for event in events_of(each)}
    for foreign in (b"\xfe", b"\xfe" + holder[name][1:], b""):
        holder[name] = foreign
        made = goes_on(entry, values, shared)
        assert made
        # A retry is not known without its digest, nor the cap without its count.
        if not name.startswith(("h", "day:")):
            assert {event for each in made for event in events_of(each)} <= kept
        if entry == "privacy_refused" and name == "privacy:session":
            assert told(made) == [("degraded", "1", 1)]
        if entry == "privacy_hold" and name in ("privacy:hold", "privacy:held:0"):
            assert any(each.reason is Reason.DEGRADED for each in made if isinstance(each, Drop))
        if entry == "batch" and name in ("b0.0", "b0.1"):
            lost = [each for each in made if isinstance(each, Drop)]
            assert [(each.reason, each.headers[h.SEQ]) for each in lost] == [(Reason.DEGRADED, str(1 + int(name[-1])))]
        if entry == "batch" and name == "open":
            assert sum(each.payloads for each in made if isinstance(each, Drop)) == 2
        assert not any(isinstance(each, Dead) and each.reason is not Reason.BAD_PART for each in made)


def events_of(outcome: Outcome) -> list[bytes]:
    """The lines in what is kept, as far as they are lines."""
    if not isinstance(outcome, Keep) or outcome.to == "sessions" or outcome.value.startswith(b"y"):
        return []
    return unpack(outcome.value, 1 << 20).splitlines()


@pytest.mark.parametrize("member", list(orjson.loads(decoded("batch")["t"][1:])[1]))
def test_totals_that_lack_a_member_go_on(member: str) -> None:
    """Totals of a version that did not know a member yet have its default."""
    values = decoded("batch")
    known, totals = orjson.loads(values["t"][1:])
    del totals[member]
    values["t"] = values["t"][:1] + orjson.dumps([known, totals])
    made = goes_on("batch", values, {})
    assert told(made) == EXPECTED["batch"]
    assert member in orjson.loads(made[1].value)  # type: ignore[arg-type, union-attr]


class Cells(dict[str, bytes]):
    """What the runtime needs of Quix's state."""

    def get_bytes(self, key: str) -> bytes | None:
        """A value."""
        return self.get(key)

    def set_bytes(self, key: str, value: bytes) -> None:
        """Store a value."""
        self[key] = value

    def delete(self, key: str) -> None:
        """Forget a value."""
        self.pop(key, None)


def test_the_runtime_reads_values_of_the_first_version() -> None:
    """Short values, values in pieces and wake-ups are read, and one of an unknown form is of an unknown version."""
    stored = Cells(decoded("runtime"))
    state = SessionState(stored)
    assert (state.get("short"), state.get("long")) == (b"abc", b"0123456789")
    stored["short"] = b"\x07" + stored["short"][1:]
    assert state.get("short") == b""
    state.delete("long")
    assert list(stored) == ["short"]


@pytest.mark.parametrize("more", [b"", b"\x00", b"later"])
def test_wake_ups_with_more_behind_them(more: bytes) -> None:
    """A wake-up of the first version, or one to which a later version has added, comes at its time."""
    wakes = decoded("runtime", "wakes")
    noon, day = enrich.NOON, 26 * enrich.HOUR
    assert Wake.read(wakes["sweep"] + more) == Wake(noon + day, True)
    assert Wake.read(wakes["flush"] + more) == Wake(noon + 500, False)
    assert struct.unpack(">Q?", wakes["sweep"]) == (noon + day, True)
