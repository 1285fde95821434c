"""What must hold for a whole recording that tries everything."""

from __future__ import annotations

import orjson

from processors.privacy.mirror import Mirror
from processors.privacy.packing import apply, pack_base
from tests.unit.processors.privacy.pages import NOTHING, Run
from tests.unit.processors.privacy.story import CANARY, story


def test_no_canary_passes() -> None:
    """No secret of a blocked, masked or always protected place is in any byte that passes."""
    for event in Run().feed(*story()).out:
        assert CANARY not in orjson.dumps(event).decode()


def test_canaries_are_really_planted() -> None:
    """Without a policy the same recording does carry its secrets, so that their absence means something."""
    out = Run(NOTHING).feed(*story()).out
    assert sum(CANARY in orjson.dumps(event).decode() for event in out) > 20


def test_much_of_the_page_still_passes() -> None:
    """Enforcement is not silence: both snapshots, open text and open fields are there."""
    text = orjson.dumps(Run().feed(*story()).out).decode()
    assert text.count('"type":2,"data"') == 2
    assert "open again" in text
    assert "now open" in text


def test_enforcing_twice_changes_nothing() -> None:
    """What passed passes again, unchanged."""
    once = Run().feed(*story()).out
    assert Run().feed(*once).out == once


def test_packing_after_every_event_changes_nothing() -> None:
    """A mirror that is packed and unpacked between any two events decides the same."""
    expected = Run().feed(*story())
    run = Run()
    for event in story():
        run.feed(event)
        fresh = Mirror(512)
        apply(fresh, pack_base(run.page.mirror))
        run.page.mirror = run.scene.mirror = fresh
    assert run.out == expected.out
    assert run.dropped == expected.dropped
