"""Rules drawn for a recording from what it holds: one to block by, one to mask by.

The policy knows classes; a rule by tag or by attribute becomes a class that is written on every element it matches,
for as long as it matches.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from dataclasses import dataclass

from tests.oracle.recordings import Json


@dataclass(frozen=True, slots=True)
class Rule:
    """`kind` is "class", "tag" or "attribute"; `token` the class that stands for the rule in the marked recording."""

    kind: str
    name: str
    token: str

    def __str__(self) -> str:
        return {"class": f".{self.name}", "tag": self.name, "attribute": f"[{self.name}]"}[self.kind]


def draw(events: list[Json], chance: random.Random) -> tuple[Rule, Rule]:
    """A rule to block by and one to mask by."""
    return _draw(events, chance, "oracle-block"), _draw(events, chance, "oracle-mask")


def _draw(events: list[Json], chance: random.Random, token: str) -> Rule:
    names: dict[str, set[str]] = {"class": set(), "tag": set(), "attribute": set()}
    for event in events:
        for node in _elements(event):
            # Without a page there is nothing to compare.
            if node["tagName"] not in ("html", "body"):
                names["tag"].add(node["tagName"])
                names["attribute"].update(node.get("attributes", ()))
                names["class"].update(_classes(node.get("attributes", {})))
        for change in _changes(event):
            names["class"].update(_classes(change["attributes"]))
            names["attribute"].update(change["attributes"])
    names["attribute"].discard("class")
    kind = chance.choice([kind for kind in sorted(names) if names[kind]] or ["tag"])
    name = chance.choice(sorted(names[kind]) or ["p"])
    return Rule(kind, name, name if kind == "class" else token)


def marked(events: list[Json], *rules: Rule) -> list[Json]:
    """The recording with the tokens of the rules by tag and attribute written into it."""
    marker = _Marker([rule for rule in rules if rule.kind != "class"])
    events = copy.deepcopy(events)
    for event in events:
        if event["type"] == 2:
            marker.forget()
        for node in _elements(event):
            marker.mark_node(node)
        for change in _changes(event):
            marker.mark_change(change)
    return events


class _Marker:
    """Remembers of each element its tag, its own class and which attributes it has."""

    def __init__(self, rules: list[Rule]) -> None:
        self._rules = rules
        self._known: dict[int, tuple[str, str, frozenset[str]]] = {}

    def forget(self) -> None:
        self._known.clear()

    def mark_node(self, node: Json) -> None:
        attributes = node.setdefault("attributes", {})
        present = frozenset(name for name, value in attributes.items() if value is not None)
        self._known[node["id"]] = (node["tagName"], str(attributes.get("class") or ""), present)
        tokens = self._tokens(node["id"])
        if tokens:
            attributes["class"] = " ".join([attributes.get("class") or "", *tokens]).strip()

    def mark_change(self, change: Json) -> None:
        node_id, attributes = change["id"], change["attributes"]
        if node_id not in self._known:
            return
        before = self._tokens(node_id)
        tag, own, present = self._known[node_id]
        gone = {name for name, value in attributes.items() if value is None}
        own = str(attributes.get("class") or "") if "class" in attributes else own
        self._known[node_id] = (tag, own, (present | attributes.keys()) - gone)
        tokens = self._tokens(node_id)
        if tokens != before or (tokens and "class" in attributes):
            attributes["class"] = " ".join([own, *tokens]).strip()

    def _tokens(self, node_id: int) -> list[str]:
        tag, _, present = self._known[node_id]
        return [rule.token for rule in self._rules if rule.name == tag or (rule.kind != "tag" and rule.name in present)]


def _classes(attributes: Json) -> list[str]:
    value = attributes.get("class")
    return [token for token in value.split() if ":" not in token] if isinstance(value, str) else []


def _changes(event: Json) -> list[Json]:
    is_mutation = event["type"] == 3 and event["data"].get("source") == 0
    return list(event["data"].get("attributes", ())) if is_mutation else []


def _elements(event: Json) -> Iterator[Json]:
    """Every serialized element of an event, parents first."""
    waiting: list[Json] = []
    if event["type"] == 2:
        waiting = [event["data"]["node"]]
    elif event["type"] == 3 and event["data"].get("source") == 0:
        waiting = [add["node"] for add in reversed(event["data"].get("adds", ()))]
    while waiting:
        node = waiting.pop()
        waiting += reversed(node.get("childNodes") or [])
        if node["type"] == 2:
            yield node
