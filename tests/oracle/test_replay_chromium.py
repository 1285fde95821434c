"""A sample of the recordings, played in Chromium as it is and enforced."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.oracle import recordings
from tests.oracle.chromium_player import chromium_player
from tests.oracle.judgement import Tally
from tests.oracle.replay import rules_case

# Every page of a real site, and of the small ones every ninth: about a minute.
_EVERY = 9


def _sample() -> list[str]:
    names = recordings.names()
    return [name for name in names if name.startswith("real/")] + [
        name for name in names if not name.startswith("real/")
    ][::_EVERY]


@pytest.mark.parametrize("virtual", [False, True], ids=["document", "virtual"])
@pytest.mark.timeout(600)
def test_enforced_recordings_play_as_the_originals_do(virtual: bool, say: Callable[[str], None]) -> None:
    """The player and the browser say nothing new, and the pictures differ only where the rules say."""
    tally = Tally()
    with chromium_player() as ask:
        for name in _sample():
            each = rules_case(name, recordings.load(name), 0, virtual=virtual, unprotected=False)
            tally.add(each, ask(each.request))
    say(f"chromium, {'virtual' if virtual else 'real'} document, seed 0: {tally}")
    assert not tally.new, "\n".join(tally.new)
    assert not tally.differences, "\n".join(tally.differences)
    assert tally.blocked > 0
    assert tally.masked > 0
