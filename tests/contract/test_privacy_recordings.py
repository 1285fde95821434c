"""Third-party recordings through the enforcer: nothing is lost without a rule, and with rules all still play.

The recordings lie beside the repository. Where they are absent the tests skip, unless REQUIRE_SHARED=1 says that
they must be there.
"""

from __future__ import annotations

import copy
import os
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from processors.privacy.enforce import enforce
from processors.privacy.limits import Limits
from processors.privacy.mirror import Mirror
from processors.privacy.page import PageLoad
from processors.privacy.policy import Policy
from processors.privacy.scene import Scene
from tests.unit.processors.privacy.pages import DEFAULT, NOTHING
from tests.unit.processors.privacy.viewer import Viewer

Json = dict[str, Any]
RECORDINGS = Path(__file__).resolve().parents[2].parent / "shared" / "recordings"
LISTS = ("adds", "removes", "texts", "attributes")

# What even no policy leaves out: parts that name nodes the recording never showed, and a mutation without content.
BENIGN = {
    "real/homepage.json": {"adds": 2, "positions": 6},
    "real/wide-layout.json": {"positions": 11, "unknown_node": 23},
    "rrweb-events/ordering.json": {"unknown_node": 1},
    "rrweb-integration/record-integration-tests-can-record-node-mutations.json": {"removes": 1},
}


def _names() -> list[str]:
    return sorted(str(path.relative_to(RECORDINGS)) for path in RECORDINGS.glob("*/*.json"))


@pytest.fixture(scope="module")
def recordings() -> dict[str, list[Json]]:
    """Events by name of the recording."""
    names = _names()
    if not names:
        message = "the shared recordings are not beside the repository"
        if os.environ.get("REQUIRE_SHARED") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return {name: orjson.loads((RECORDINGS / name).read_bytes()) for name in names}


def _run(events: list[Json], policy: Policy) -> list[tuple[Json, list[Json], str]]:
    """For each event: itself, what came out when it went in, why it was dropped."""
    page = PageLoad(Mirror(Limits().levels))
    scene = Scene(page.mirror, policy, Limits())
    steps: list[tuple[Json, list[Json], str]] = []
    for event in events:
        verdict = enforce(copy.deepcopy(event), page, scene)
        out = [verdict.meta.event] if verdict.meta else []
        if verdict.event is not None:
            out.append(verdict.event)
        if verdict.orphan is not None:
            steps.append((verdict.orphan.event, [], "orphan_meta"))
        steps.append((event, out, verdict.dropped.value if verdict.dropped else ""))
    return steps


def _losses(steps: list[tuple[Json, list[Json], str]]) -> Counter[str]:
    """Events by reason, entries of mutations and positions; "changed" is anything else that differs."""
    losses: Counter[str] = Counter()
    for before, out, reason in steps:
        if reason:
            losses[reason] += 1
        elif before["type"] != 4:
            after = copy.deepcopy(out[-1])
            before = copy.deepcopy(before)
            for name in (*LISTS, "positions"):
                if isinstance(before["data"].get(name), list):
                    losses[name] += len(before["data"].pop(name)) - len(after["data"].pop(name))
            losses["changed"] += before != after
    return +losses


def test_without_a_policy_only_the_listed_parts_are_lost(recordings: dict[str, list[Json]]) -> None:
    """The allow-list alone leaves out what refers to nothing, in four recordings of all; the rest is untouched."""
    found = {name: dict(_losses(_run(events, NOTHING))) for name, events in recordings.items()}
    assert {name: losses for name, losses in found.items() if losses} == BENIGN


def test_kept_entries_are_unchanged_without_a_policy(recordings: dict[str, list[Json]]) -> None:
    """What passes of a mutation or a move is what came, entry by entry, but for references to unknown siblings."""
    for name, events in recordings.items():
        for before, out, _ in _run(events, NOTHING):
            for key in (*LISTS, "positions"):
                entries = [orjson.dumps(_comparable(each)) for each in before["data"].get(key) or ()]
                for event in out[-1:]:
                    kept = [orjson.dumps(_comparable(each)) for each in event["data"].get(key) or ()]
                    assert Counter(kept) <= Counter(entries), name


def _comparable(entry: Json) -> Json:
    comparable = {name: entry[name] for name in sorted(entry) if name not in ("nextId", "previousId")}
    if "node" in comparable:
        comparable["node"] = dict(sorted(comparable["node"].items()))
    return comparable


def test_enforced_recordings_play(recordings: dict[str, list[Json]]) -> None:
    """With the preset `balanced` no recording gives the player anything it would stumble over."""
    for name, events in recordings.items():
        out = [event for _, written, _ in _run(events, DEFAULT) for event in written]
        assert Viewer().watch(out) == [], name


def test_enforcing_twice_changes_nothing(recordings: dict[str, list[Json]]) -> None:
    """What passed the preset `balanced` passes it again, unchanged."""
    for name, events in recordings.items():
        once = [event for _, written, _ in _run(events, DEFAULT) for event in written]
        twice = [event for _, written, _ in _run(once, DEFAULT) for event in written]
        assert once == twice, name


def test_every_event_is_accounted_for(recordings: dict[str, list[Json]]) -> None:
    """Events in = events out + dropped + the Meta that still waits at the end."""
    for name, events in recordings.items():
        steps = _run(events, DEFAULT)
        accounted = sum(len(out) for _, out, _ in steps) + sum(bool(reason) for _, _, reason in steps)
        assert len(events) - accounted in (0, 1), name
