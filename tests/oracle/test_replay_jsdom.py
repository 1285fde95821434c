"""Every recording, played in jsdom as it is and enforced: the same picture but for what the rules cover."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.oracle import recordings
from tests.oracle.jsdom_player import jsdom
from tests.oracle.judgement import Tally
from tests.oracle.replay import rules_case

# One draw of rules for each recording in a minute; REELSTREAM_ORACLE_SEEDS asks for more.
SEEDS = int(os.environ.get("REELSTREAM_ORACLE_SEEDS", "1"))


@pytest.mark.timeout(600 * SEEDS)
def test_enforced_recordings_play_as_the_originals_do(say: Callable[[str], None]) -> None:
    """The player says nothing new of an enforced recording, and shows what the judge derives from the original."""
    tally = Tally()
    with jsdom() as ask:
        for name in recordings.names():
            events = recordings.load(name)
            for seed in range(SEEDS):
                each = rules_case(name, events, seed, virtual=False, unprotected=True)
                tally.add(each, ask(each.request))
    say(f"jsdom, seeds 0 to {SEEDS - 1}: {tally}")
    assert not tally.new, "\n".join(tally.new)
    assert not tally.differences, "\n".join(tally.differences)
    assert tally.blocked > 0
    assert tally.masked > 0
