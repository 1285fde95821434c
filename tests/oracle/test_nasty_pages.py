"""Canaries in pages recorded in Chromium: none of a protected place is in any byte that passes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.oracle.canaries import COPIED, ORDINARY, PROTECTED, UNSEEN, found, kind, planted, unnumbered
from tests.oracle.nasty_pages import RECORDERS, Recording
from tests.oracle.policies import POLICIES
from tests.oracle.replay import enforced

# What the page copied to its title, to a data-* attribute and to a text, of which `strict` masks all three.
_COPIES = {"BEYOND-title", "BEYOND-data", "BEYOND-text"}
# Of places it blocks itself rrweb does not tell that an element gets the class late, and of a node that moves into one
# between a document and a shadow root it tells the new attributes and texts an event before it tells that the node
# went. The server cannot know of either, unless the recorder is set to block nothing.
_UNTOLD = ("BLOCKED-late-", "BLOCKED-turned-", "BLOCKED-crossed-")
# rrweb 1 does not record constructed style sheets, nor frames that go elsewhere.
_LEGACY_LACKS = {
    "BLOCKED-sheet-rule",
    "NEVER-property-query",
    "NEVER-rule-query",
    "NEVER-sheet-query",
    "WORD-frames-navigated",
    "WORD-shadow-sheet",
}


def _all(recordings: list[Recording], recorder: str) -> set[str]:
    return {canary for each in recordings if each.recorder == recorder for canary in found(each.events)}


def test_recordings_hold_what_was_planted(nasty: list[Recording], say: Callable[[str], None]) -> None:
    """A recorder that hides nothing tells of every canary, so that their absence later means something."""
    raw = {recorder: _all(nasty, recorder) for recorder in RECORDERS}
    expected = {canary for canary in planted() if kind(canary) != UNSEEN}
    missing = expected - unnumbered(raw["open"])
    assert not missing
    missing = expected - _LEGACY_LACKS - unnumbered(raw["legacy"])
    assert not missing
    # The recorder's own privacy hides some and leaves many.
    assert {kind(canary) for canary in raw["private"]} >= set(PROTECTED)
    counts = ", ".join(f"{recorder} {len(canaries)}" for recorder, canaries in raw.items())
    events = sum(len(each.events) for each in nasty)
    say(f"nasty pages: {len(nasty)} recordings, {events} events, {len(expected)} canaries planted, recorded: {counts}")


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("recorder", ["open", "legacy"])
def test_nothing_protected_passes(
    policy: str, recorder: str, nasty: list[Recording], say: Callable[[str], None]
) -> None:
    """Whatever a page does, no canary of a protected place passes any policy, and none at all passes `strict`."""
    passed = {each.page: found(enforced(each.events, POLICIES[policy])) for each in nasty if each.recorder == recorder}
    allowed = set() if policy == "strict" else {*ORDINARY, COPIED}
    canaries = [(page, canary) for page, found_there in passed.items() for canary in found_there]
    leaks = [(page, canary) for page, canary in canaries if kind(canary) not in allowed]
    say(f"nasty pages, {recorder}, {policy}: {len(canaries) - len(leaks)} ordinary canaries pass, {len(leaks)} others")
    assert not leaks
    if policy != "strict":
        assert {canary for _, canary in canaries if kind(canary) == COPIED} == _COPIES
        assert {page for page, canary in canaries if kind(canary) == "WORD"} == passed.keys()


@pytest.mark.parametrize("policy", POLICIES)
def test_the_recorders_own_privacy_changes_nothing(policy: str, nasty: list[Recording]) -> None:
    """What a hiding recorder sends loses as much, but for what stands in blocks it is silent about."""
    allowed = set() if policy == "strict" else {*ORDINARY, COPIED}
    for each in nasty:
        if each.recorder == "private":
            passed = found(enforced(each.events, POLICIES[policy]))
            assert passed <= found(each.events)
            leaks = {canary for canary in passed if kind(canary) not in allowed and not canary.startswith(_UNTOLD)}
            assert not leaks, each.page
            assert policy != "strict" or not passed, each.page
