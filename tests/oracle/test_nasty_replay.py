"""Pages written to be nasty, played as they were recorded and as the presets leave them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from schemas.policy import PRESETS
from tests.oracle.chromium_player import chromium_player
from tests.oracle.jsdom_player import jsdom
from tests.oracle.judgement import Tally
from tests.oracle.nasty_pages import Recording
from tests.oracle.recordings import Json
from tests.oracle.replay import policy_case


def _play(recordings: list[Recording], ask: Callable[[Json], Json], *, unprotected: bool) -> tuple[Tally, Tally]:
    """What was found in recordings that are sound, and in those that are not."""
    tallies = Tally(), Tally()
    for each in recordings:
        case = policy_case(each.name, each.events, PRESETS, virtual=False, unprotected=unprotected)
        tallies[not each.is_sound].add(case, ask(case.request))
    return tallies


def _judge(sound: Tally, unsound: Tally) -> None:
    assert not [*sound.new, *unsound.new], "\n".join([*sound.new, *unsound.new])
    # Of a recording that contradicts itself the original shows something else than the page did.
    assert not sound.differences, "\n".join(sound.differences)
    assert sound.blocked > 0
    assert sound.masked > 0


@pytest.mark.timeout(600)
def test_nasty_pages_play_in_jsdom(nasty: list[Recording], say: Callable[[str], None]) -> None:
    """The player says nothing new of what the presets leave, and shows what the judge derives from the original."""
    with jsdom() as ask:
        sound, unsound = _play(nasty, ask, unprotected=True)
    say(f"nasty pages, jsdom: {sound}\n  contradicting themselves: {unsound}")
    _judge(sound, unsound)


@pytest.mark.timeout(600)
def test_nasty_pages_play_in_chromium(nasty: list[Recording], say: Callable[[str], None]) -> None:
    """The same in a browser, for what the recorder that hides nothing tells."""
    with chromium_player() as ask:
        sound, unsound = _play([each for each in nasty if each.recorder == "open"], ask, unprotected=False)
    say(f"nasty pages, chromium: {sound}\n  contradicting themselves: {unsound}")
    _judge(sound, unsound)
