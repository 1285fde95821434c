"""Events as lines, deep ones too."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from schemas.event_line import event_line


def page(levels: int) -> dict[str, Any]:
    """A full snapshot whose innermost element lies `levels` deep."""
    node: dict[str, Any] = {"type": 3, "id": 1, "textContent": "ü"}
    for number in range(levels):
        node = {"type": 2, "id": number + 2, "tagName": "div", "attributes": {}, "childNodes": [node]}
    return {"type": 2, "data": {"node": node, "initialOffset": {"top": 0, "left": 0}}, "timestamp": 1}


@pytest.mark.parametrize("levels", [0, 1, 99, 100, 101, 126, 127, 128, 200, 505])
def test_pages_are_written_as_deep_as_they_can_be_read(levels: int) -> None:
    """Half of orjson's reading depth, in DOM levels, is written as it was."""
    line = event_line(page(levels))
    assert line is not None
    assert line.endswith(b"}\n")
    # Level by level, since comparing whole values would recurse too deep.
    written, wanted = orjson.loads(line)["data"]["node"], page(levels)["data"]["node"]
    for _ in range(levels):
        (inner,), (expected,) = written.pop("childNodes"), wanted.pop("childNodes")
        assert written == wanted
        written, wanted = inner, expected
    assert written == wanted


def test_a_deep_node_of_a_mutation_is_written() -> None:
    """Nodes that a mutation adds, an iframe's document for one, may be as deep as a page's."""
    data = {"source": 0, "adds": [{"parentId": 1, "nextId": None, "node": page(300)["data"]["node"]}]}
    event = {"type": 3, "data": data, "timestamp": 1}
    expected = orjson.loads(event_line({**event, "data": {**data, "adds": []}}) or b"")
    line = event_line(event)
    assert line is not None
    assert orjson.loads(line)["type"] == expected["type"]
    assert orjson.loads(line)["data"]["adds"][0]["node"] == page(300)["data"]["node"]


@pytest.mark.parametrize("place", ["payload", "node"])
def test_depth_anywhere_else_is_refused(place: str) -> None:
    """What is deep but not a tree of nodes is no event of a page; the caller is told."""
    deep: Any = 1
    for _ in range(400):
        deep = [deep]
    assert event_line({"type": 5, "data": {place: deep}, "timestamp": 1}) is None
    assert event_line({"type": 2, "data": {"node": {"childNodes": [deep]}}, "timestamp": 1}) is None
    assert event_line({"type": 2, "data": deep, "timestamp": 1}) is None
