"""An independent judge of selectors: the recorded tree as an lxml tree, asked in the XPath that cssselect writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cssselect import HTMLTranslator
from lxml import etree

from processors.privacy.selectors import Selectors

Json = dict[str, Any]
DOCUMENT, ELEMENT = 0, 2

# What XML has no place for; both sides see the page without it.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def readable(node: Json) -> Json:
    """The element without what XML cannot hold: odd attribute names, control characters."""
    attributes = {
        name: _NO_XML.sub("", value) if isinstance(value, str) else value
        for name, value in node.get("attributes", {}).items()
        if _NAME.fullmatch(name)
    }
    return {**node, "attributes": attributes}


def documents(events: list[Json]) -> Iterator[Json]:
    """Every document of full snapshots and iframes."""
    for event in events:
        data = event.get("data")
        if event.get("type") == 2 and isinstance(data, dict):
            yield data["node"]
        elif event.get("type") == 3 and isinstance(data, dict):
            for entry in data.get("adds") or ():
                if entry.get("node", {}).get("type") == DOCUMENT:
                    yield entry["node"]


def elements(document: Json) -> list[tuple[Json, int]]:
    """The elements of a document, parents first, each with its parent's place in this list; -1 is the document.

    The contents of an iframe are another document.
    """
    found: list[tuple[Json, int]] = []
    stack = [(child, -1) for child in reversed(document["childNodes"])]
    while stack:
        node, parent = stack.pop()
        if node["type"] == ELEMENT:
            found.append((readable(node), parent))
            stack += [(child, len(found) - 1) for child in reversed(node.get("childNodes", ()))]
    return found


class Judge:
    """The elements as lxml trees; elements without a parent are the roots of trees of their own."""

    def __init__(self, nodes: list[tuple[Json, int]]) -> None:
        made: list[Any] = []
        for node, parent in nodes:
            name = node["tagName"]
            made.append(etree.SubElement(made[parent], name) if parent >= 0 else etree.Element(name))
            for attribute, value in node["attributes"].items():
                if value is not None and value is not False:
                    made[-1].set(attribute, "" if value is True else str(value))
        self._places = {element: place for place, element in enumerate(made)}
        self._roots = [element for element, (_, parent) in zip(made, nodes, strict=True) if parent < 0]

    def matched(self, selector: str) -> set[int]:
        """Places of the elements that match."""
        xpath = HTMLTranslator().css_to_xpath(selector)
        return {self._places[element] for root in self._roots for element in root.xpath(xpath)}


def matched(nodes: list[tuple[Json, int]], selectors: Selectors) -> list[int]:
    """For each element the number in which bit i says that list i of our own selectors matches."""
    bits = [selectors.bits(node["tagName"], node["attributes"], is_svg=node.get("isSVG") is True) for node, _ in nodes]

    def above(place: int) -> Iterator[int]:
        while (place := nodes[place][1]) >= 0:
            yield bits[place]

    return [selectors.matches(bits[place], above(place)) for place in range(len(nodes))]


def places(numbers: list[int], which: int) -> set[int]:
    """Places at which list `which` matched."""
    return {place for place, number in enumerate(numbers) if number >> which & 1}
