"""The judge must be able to find fault: streams broken on purpose."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

import pytest

from tests.oracle.jsdom_player import jsdom
from tests.oracle.judgement import Tally
from tests.oracle.recordings import Json
from tests.oracle.replay import Case
from tests.unit.processors.privacy.pages import BODY, add, change, element, incremental, meta, mutation, snapshot, words

RULES = {"block": "b", "mask": "m", "ignore": "", "policy": None}
PAGE = [
    meta(),
    snapshot(
        element(5, "div", words(6, "inside"), class_="b"),
        element(7, "p", words(8, "a secret"), class_="m", title="a name"),
        element(9, "p", words(10, "open")),
        element(11, "input", type="text", value="typed", class_="m"),
    ),
    mutation(adds=[add(BODY, element(12, "i"), None)], texts=[{"id": 8, "value": "another"}], at=300),
]
# What the rules ask for.
RIGHT = [
    meta(),
    snapshot(
        element(5, "div", class_="b"),
        element(7, "p", words(8, "* ******"), class_="m", title="* ****"),
        element(9, "p", words(10, "open")),
        element(11, "input", type="text", value="********", class_="m"),
    ),
    mutation(adds=[add(BODY, element(12, "i"), None)], texts=[{"id": 8, "value": "*******"}], at=300),
]


def _body(events: list[Json]) -> list[Json]:
    children: list[Json] = events[1]["data"]["node"]["childNodes"][0]["childNodes"][1]["childNodes"]
    return children


def _unblock(events: list[Json]) -> None:
    _body(events)[0]["childNodes"] = [words(6, "inside")]


def _show_text(events: list[Json]) -> None:
    events[2]["data"]["texts"][0]["value"] = "another"


def _show_attribute(events: list[Json]) -> None:
    _body(events)[1]["attributes"]["title"] = "a name"


def _show_value(events: list[Json]) -> None:
    _body(events)[3]["attributes"]["value"] = "typed"


def _mask_too_much(events: list[Json]) -> None:
    _body(events)[2]["childNodes"] = [words(10, "****")]


def _leave_out_too_much(events: list[Json]) -> None:
    del _body(events)[2]


def _lose_add(events: list[Json]) -> None:
    events[2]["data"]["adds"] = []


@pytest.fixture(scope="module")
def judge() -> Iterator[Callable[[list[Json]], Tally]]:
    """What is found when a stream is played beside PAGE."""
    with jsdom() as ask:

        def look(events: list[Json]) -> Tally:
            streams = [{"events": events, "rules": RULES}]
            request = {
                "original": PAGE,
                "enforced": streams,
                "manner": {"virtual": False, "unprotected": True},
            }
            tally = Tally()
            tally.add(Case("broken", ("rules",), request), ask(request))
            return tally

        yield look


def test_what_the_rules_ask_for_is_accepted(judge: Callable[[list[Json]], Tally]) -> None:
    """The right stream is found right, and its block and its masks are counted."""
    tally = judge(RIGHT)
    assert (tally.new, tally.differences) == ([], [])
    assert (tally.blocked, tally.masked) == (1, 1)


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (_unblock, "in a block"),
        (_show_text, "masked text"),
        (_show_attribute, "masked title"),
        (_show_value, "masked value"),
        (_mask_too_much, "text: "),
        (_leave_out_too_much, "children"),
        (_lose_add, "children"),
    ],
)
def test_a_wrong_picture_is_found(
    judge: Callable[[list[Json]], Tally], spoil: Callable[[list[Json]], None], complaint: str
) -> None:
    """Content that a rule covers, and content missing or masked without a rule, are differences."""
    events = copy.deepcopy(RIGHT)
    spoil(events)
    assert complaint in "\n".join(judge(events).differences)


@pytest.mark.parametrize(
    ("event", "complaint"),
    [
        (mutation(adds=[add(BODY, element(20, "b"), 99)], at=400), "Timeout in the loop"),
        (mutation(attributes=[change(99, title="x")], at=400), "not found"),
        (mutation(removes=[{"parentId": 9, "id": 5}], at=400), "removeChild|remove child|not a child"),
        (incremental(1, at=400, positions=[]), "thrown"),
    ],
)
def test_what_does_not_play_is_found(judge: Callable[[list[Json]], Tally], event: Json, complaint: str) -> None:
    """What the player warns of or stumbles over is a new message."""
    new = "\n".join(judge([*RIGHT, event]).new)
    assert any(each in new for each in complaint.split("|")), new


def test_a_missing_snapshot_is_found(judge: Callable[[list[Json]], Tally]) -> None:
    """A stream that lost its snapshot shows something else."""
    assert judge([RIGHT[2]]).differences
