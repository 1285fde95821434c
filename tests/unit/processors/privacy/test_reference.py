"""Pages that change at random, with frames and shadow roots, against a reference that looks at the whole tree."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.processors.privacy.pages import AS_TYPED, DEFAULT, Run
from tests.unit.processors.privacy.reference import Reference, Tree
from tests.unit.processors.privacy.simulated import Page
from tests.unit.processors.privacy.viewer import Viewer

NUMBERS = st.integers(0, 59)
STEPS = st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
# Steps that the recorder tells of together; an empty list is a checkout.
ACTS = st.lists(st.lists(STEPS, max_size=6), max_size=14)


@pytest.mark.long
@settings(max_examples=400, deadline=None)
@given(acts=ACTS, as_typed=st.booleans())
def test_what_is_seen_is_what_the_reference_says(acts: list[list[tuple[int, int, int, int]]], as_typed: bool) -> None:
    """After every event a player shows the nodes, in their order, and the words that the reference finds."""
    page = Page()
    for steps in acts:
        for step in steps:
            page.step(*step)
        if steps:
            page.flush()
        else:
            page.check_out()
    run, reference, player = Run(AS_TYPED if as_typed else DEFAULT), Reference(as_typed), Tree()
    for event in page.events:
        reference.play(copy.deepcopy(event))
        told = len(run.out)
        run.feed(event)
        for passed in run.out[told:]:
            player.play(passed)
        assert player.picture() == reference.picture()
    assert Viewer().watch(run.out) == []
