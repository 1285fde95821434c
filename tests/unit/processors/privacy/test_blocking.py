"""Blocked elements stay, empty; what is inside them does not exist."""

from __future__ import annotations

import pytest

from schemas.reasons import Reason
from tests.unit.processors.privacy.pages import (
    BODY,
    Json,
    Run,
    add,
    change,
    document,
    element,
    incremental,
    meta,
    mutation,
    remove,
    shown,
    snapshot,
    words,
)


def _blocked(*children: Json, **attributes: str) -> Json:
    return element(10, "div", *children, class_="card rr-block", **attributes)


def test_placeholder_has_class_and_size_only() -> None:
    """A blocked element keeps its tag, class and measured size, and loses everything else."""
    node = _blocked(words(11, "secret"), rr_width="40px", rr_height="2e9px", title="secret", style="color:red")
    run = Run().feed(meta(), snapshot(node))
    assert shown(run, 10) == {
        "type": 2,
        "tagName": "div",
        "attributes": {"class": "card rr-block", "rr_width": "40px"},
        "childNodes": [],
        "id": 10,
    }


def test_placeholder_takes_declared_size_when_none_was_measured() -> None:
    """Without measurements the size comes from the inline style, else from the attributes of sized elements."""
    styled = element(10, "div", class_="rr-block", style="color:red; width: 12.5px; max-height:3px")
    image = element(11, "img", class_="rr-block", width="20", height="auto", src="https://a.example/x")
    run = Run().feed(meta(), snapshot(styled, image))
    assert shown(run, 10)["attributes"] == {"class": "rr-block", "rr_width": "12.5px"}
    assert shown(run, 11)["attributes"] == {"class": "rr-block", "rr_width": "20px"}


@pytest.mark.parametrize("name", ["rr-blocked", "xrr-block", "rr", "RR-BLOCK"])
def test_only_the_whole_class_token_blocks(name: str) -> None:
    """A class that merely looks like the block class blocks nothing."""
    run = Run().feed(meta(), snapshot(element(10, "div", words(11, "open"), class_=name)))
    assert shown(run, 11)["textContent"] == "open"


@pytest.mark.parametrize(
    "event",
    [
        mutation(adds=[add(10, words(12, "secret"))]),
        mutation(texts=[{"id": 11, "value": "secret"}]),
        mutation(attributes=[change(10, title="secret")]),
        mutation(removes=[remove(10, 11)]),
        incremental(2, type=2, id=10, x=1, y=1),
        incremental(3, id=11, x=1, y=1),
        incremental(5, id=10, text="secret", isChecked=False),
        incremental(7, id=10, type=0),
        incremental(9, id=10, type=0, property="fillText", args=["secret"]),
        incremental(14, ranges=[{"start": 10, "startOffset": 0, "end": BODY, "endOffset": 0}]),
        incremental(8, id=10, adds=[{"rule": "a{}"}]),
        incremental(15, id=10, styleIds=[1], styles=[{"styleId": 1, "rules": [{"rule": "a{}"}]}]),
        incremental(1, positions=[{"x": 1, "y": 1, "id": 11, "timeOffset": 0}]),
    ],
)
def test_nothing_about_a_blocked_element_passes(event: Json) -> None:
    """Every kind of event about a blocked element or what is in it is dropped, and nothing is degraded by it."""
    run = Run().feed(meta(), snapshot(_blocked(words(11, "secret")))).feed(event)
    assert run.dropped in ([Reason.BLOCKED], [Reason.UNKNOWN_NODE])
    assert run.feed(incremental(3, id=BODY, x=0, y=5)).last["y"] == 5


def test_pointer_over_the_box_itself_passes() -> None:
    """A position on the placeholder says no more than its size does; positions inside are left out."""
    positions = [{"x": 1, "y": 1, "id": each, "timeOffset": 0} for each in (10, 11, -1, BODY)]
    run = Run().feed(meta(), snapshot(_blocked(words(11, "secret"))), incremental(1, positions=positions))
    assert [each["id"] for each in run.last["positions"]] == [10, BODY]


def test_class_that_arrives_late_empties_the_element() -> None:
    """A block class added later removes the children from the player, the shadow ones as such, and keeps them out."""
    shadow = element(13, "i") | {"isShadow": True}
    run = Run().feed(meta(), snapshot(element(10, "div", element(11, "p", words(12, "x")), shadow)))
    run.feed(mutation(attributes=[change(10, class_="rr-block", title="secret")]))
    assert run.last["removes"] == [
        {"parentId": 10, "id": 11},
        {"parentId": 10, "id": 13, "isShadow": True},
    ]
    assert run.last["attributes"] == [{"id": 10, "attributes": {"class": "rr-block"}}]
    run.feed(mutation(texts=[{"id": 12, "value": "secret"}]), mutation(adds=[add(11, words(14, "secret"))]))
    assert run.dropped == [Reason.UNKNOWN_NODE, Reason.UNKNOWN_NODE]


def test_block_that_is_taken_away_holds_until_added_again() -> None:
    """Losing the class reveals nothing: the element stays empty until it is added again without it."""
    run = Run().feed(meta(), snapshot(_blocked(words(11, "secret"))))
    run.feed(mutation(attributes=[change(10, class_="card")]), mutation(adds=[add(10, words(12, "secret"))]))
    assert run.dropped == [Reason.BLOCKED]
    again = [add(BODY, element(10, "div", class_="card")), add(10, words(12, "open"))]
    run.feed(mutation(removes=[remove(BODY, 10)], adds=again))
    assert run.last["adds"][1]["node"]["textContent"] == "open"


def test_added_element_blocked_by_the_same_event() -> None:
    """An element that is added plain and gets the class in the same event is a placeholder from the start."""
    event = mutation(
        adds=[add(BODY, element(20, "div", title="secret")), add(20, words(21, "secret"))],
        attributes=[change(20, class_="rr-block")],
    )
    run = Run().feed(meta(), snapshot(), event)
    assert [each["node"] for each in run.last["adds"]] == [element(20, "div")]
    assert run.last["attributes"] == [change(20, class_="rr-block")]


def test_moved_into_a_block_and_out_again() -> None:
    """Moved in, an element is removed; moved out, it is added with the content the client sends anew."""
    run = Run().feed(meta(), snapshot(_blocked(), element(30, "p", words(31, "open"))))
    run.feed(mutation(removes=[remove(BODY, 30)], adds=[add(10, element(30, "p")), add(30, words(31, "secret"))]))
    assert (run.last["removes"], run.last["adds"]) == ([remove(BODY, 30)], [])
    run.feed(mutation(removes=[remove(10, 30)], adds=[add(BODY, element(30, "p")), add(30, words(31, "out"))]))
    assert run.last["removes"] == []
    assert [each["node"]["id"] for each in run.last["adds"]] == [30, 31]


def test_moved_into_a_block_without_a_remove() -> None:
    """Without the client's remove the player gets ours, deepest node first, or the old content would stay in view."""
    run = Run().feed(meta(), snapshot(_blocked(), element(30, "p", words(31, "open"))))
    run.feed(mutation(adds=[add(10, element(30, "p")), add(30, words(31, "secret"))]))
    assert run.last["removes"] == [remove(30, 31), remove(BODY, 30)]
    assert run.last["adds"] == []


def test_document_of_a_blocked_iframe_is_dropped() -> None:
    """Old recorders still send the document of a blocked iframe; it does not pass."""
    frame = element(10, "iframe", class_="rr-block")
    event = mutation(adds=[add(10, document(50, words(54, "secret")))], isAttachIframe=True)
    assert Run().feed(meta(), snapshot(frame), event).dropped == [Reason.BLOCKED]


def test_block_inside_an_iframe() -> None:
    """Rules hold inside the documents of iframes, at once and later."""
    frame = element(10, "iframe")
    inner = document(50, element(54, "div", words(55, "secret"), class_="rr-block"))
    run = Run().feed(meta(), snapshot(frame), mutation(adds=[add(10, inner)], isAttachIframe=True))
    assert "secret" not in str(run.last)
    assert run.last["isAttachIframe"] is True
    assert run.feed(mutation(adds=[add(54, words(56, "secret"))])).dropped == [Reason.BLOCKED]


def test_blocked_root_leaves_a_page_the_player_can_build() -> None:
    """A blocked html element stays as a placeholder: a document without one stops the player."""
    page = snapshot(words(11, "secret"))
    page["data"]["node"]["childNodes"][0]["attributes"]["class"] = "rr-block"
    run = Run().feed(meta(), page)
    assert [each["tagName"] for each in run.last["node"]["childNodes"]] == ["html"]
    assert "secret" not in str(run.out)
