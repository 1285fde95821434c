"""The page as it was recorded, before any rule: enough of it to name nodes and to tell which rule meets them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from processors.privacy.refusal import Json
from schemas.rrweb import NodeType

# A name is for reading, not for finding the node again.
_CLASSES = 2
_CHARACTERS = 64
_KINDS: dict[int, str] = {
    NodeType.DOCUMENT: "#document",
    NodeType.DOCUMENT_TYPE: "#doctype",
    NodeType.TEXT: "#text",
    NodeType.CDATA: "#cdata",
    NodeType.COMMENT: "#comment",
}


@dataclass(slots=True)
class Node:
    """`attributes` are the element's own, kept up to date. `tag` is empty for what is no element."""

    type: int
    parent: int
    tag: str = ""
    attributes: Json = field(default_factory=dict)

    @property
    def name(self) -> str:
        """`div#x.card`."""
        if not self.tag:
            return _KINDS.get(self.type, "#node")
        own, classes = self.attributes.get("id"), self.attributes.get("class")
        name = self.tag + (f"#{own}" if type(own) is str and own else "")
        tokens = classes.split()[:_CLASSES] if type(classes) is str else []
        return (name + "".join(f".{token}" for token in tokens))[: len(self.tag) + _CHARACTERS]


class Tree:
    """Nodes by id; what was removed stays known, since rrweb gives no id twice within a page load."""

    def __init__(self) -> None:
        self.nodes: dict[int, Node] = {}

    def add(self, root: Json, parent: int) -> list[Json]:
        """Take in a serialized node with all below it; every one of them, parents first."""
        added = below(root)
        above = {child["id"]: node["id"] for node in added for child in _children(node)}
        for node in added:
            attributes = node.get("attributes")
            self.nodes[node["id"]] = Node(
                type=node["type"],
                parent=above.get(node["id"], parent),
                tag=str(node.get("tagName", "")),
                attributes=dict(attributes) if type(attributes) is dict else {},
            )
        return added

    def change(self, node_id: int, changes: Json) -> None:
        """Attributes of a node that changed; null takes one away."""
        if node_id in self.nodes:
            self.nodes[node_id].attributes.update(changes)

    def up(self, node_id: int) -> Iterator[tuple[int, Node]]:
        """The node and what is above it, through shadow roots and iframes."""
        seen: set[int] = set()
        while node_id in self.nodes and node_id not in seen:
            seen.add(node_id)
            yield node_id, self.nodes[node_id]
            node_id = self.nodes[node_id].parent

    def path(self, node_id: int) -> str:
        """`html > body > div#x.card`; a node the recording never showed is `(unknown)`."""
        names = [node.name for _, node in self.up(node_id) if node.type != NodeType.DOCUMENT]
        return " > ".join(reversed(names)) or ("#document" if node_id in self.nodes else "(unknown)")


def below(root: Json) -> list[Json]:
    """A serialized node and all below it that have an id and a type, parents first."""
    found: list[Json] = []
    waiting = [root] if _is_node(root) else []
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += reversed(_children(node))
    return found


def _children(node: Json) -> list[Json]:
    children = node.get("childNodes")
    return [child for child in children if _is_node(child)] if type(children) is list else []


def _is_node(value: object) -> bool:
    return type(value) is dict and type(value.get("id")) is int and type(value.get("type")) is int
