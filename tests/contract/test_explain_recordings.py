"""Third-party recordings through the explanation: nothing is done to an event without being told.

The recordings lie beside the repository. Where they are absent the tests skip, unless REQUIRE_SHARED=1 says that
they must be there.
"""

from __future__ import annotations

import os
from pathlib import Path

import orjson
import pytest

from processors.privacy.enforce import enforce
from processors.privacy.explain.compare import Comparison
from processors.privacy.explain.explain import explain
from processors.privacy.explain.reading import Recording, read_recording
from processors.privacy.limits import Limits
from processors.privacy.mirror import Mirror
from processors.privacy.page import PageLoad
from processors.privacy.policy import Policy, compile_policy
from processors.privacy.scene import Scene
from schemas.policy import PRESETS

RECORDINGS = Path(__file__).resolve().parents[2].parent / "shared" / "recordings"


@pytest.fixture(scope="module")
def recordings() -> dict[str, Recording]:
    """Recordings by name, read as the command reads them."""
    paths = sorted(RECORDINGS.glob("*/*.json"))
    if not paths:
        message = "the shared recordings are not beside the repository"
        if os.environ.get("REQUIRE_SHARED") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return {str(path.relative_to(RECORDINGS)): read_recording(path, None) for path in paths}


@pytest.mark.long
@pytest.mark.parametrize("preset", list(PRESETS))
def test_every_event_that_changed_is_told(recordings: dict[str, Recording], preset: str) -> None:
    """Each event that is dropped or comes out different adds to the findings."""
    policy = compile_policy(PRESETS[preset])
    assert {name: untold for name, recording in recordings.items() if (untold := _untold(recording, policy))} == {}


@pytest.mark.long
def test_every_recording_is_explained(recordings: dict[str, Recording]) -> None:
    """Each is read whole, and with nothing dropped as many events are kept as were read."""
    policy = compile_policy(PRESETS["strict"])
    for name, recording in recordings.items():
        explanation = explain(recording.lines, policy)
        assert (explanation.events, recording.unusable) == (len(recording.lines), 0), name
        if not any(action in ("dropped", "blocked") for action, _, _ in explanation.findings.counts()):
            assert len(explanation.kept) == explanation.events, name


def _untold(recording: Recording, policy: Policy) -> list[int]:
    """Places of events that were changed or dropped without a word."""
    limits = Limits()
    page = PageLoad(Mirror(limits.levels))
    scene = Scene(page.mirror, policy, limits)
    comparison = Comparison(policy, page.mirror)
    untold = []
    for place, line in enumerate(recording.lines):
        event = orjson.loads(line)
        verdict = enforce(orjson.loads(line), page, scene)
        told = comparison.findings.times.total()
        if verdict.event is not None:
            comparison.passed(event, verdict.event)
        elif verdict.dropped is not None:
            comparison.dropped(event, verdict.dropped)
        changed = verdict.dropped is not None or (verdict.event is not None and verdict.event != {"data": {}, **event})
        if changed and comparison.findings.times.total() == told:
            untold.append(place)
    return untold
