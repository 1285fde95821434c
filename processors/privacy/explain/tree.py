"""The page as it was recorded, before any rule: enough of it to name nodes and to tell which rule meets them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from processors.privacy.refusal import Json
from processors.privacy.spelling import spell
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
    """`attributes` are the element's own, kept up to date. `tag` is empty for what is no element; `has_quirks` is of
    a document without a doctype, in which browsers ignore the case of class and id.
    """

    type: int
    parent: int
    tag: str = ""
    attributes: Json = field(default_factory=dict)
    is_svg: bool = False
    is_shadow: bool = False
    has_quirks: bool = False

    @property
    def name(self) -> str:
        """`div#x.card`, `input[name=email]`."""
        if not self.tag:
            return _KINDS.get(self.type, "#node")
        own, classes, named = (self.attributes.get(name) for name in ("id", "class", "name"))
        name = self.tag + (f"#{own}" if type(own) is str and own else "")
        tokens = classes.split()[:_CLASSES] if type(classes) is str else []
        name += "".join(f".{token}" for token in tokens)
        name += f"[name={named}]" if type(named) is str and named else ""
        return name[: len(self.tag) + _CHARACTERS]


class Tree:
    """Nodes by id; what was removed stays known until the next snapshot: rrweb gives no id twice in a page load."""

    def __init__(self) -> None:
        self.nodes: dict[int, Node] = {}
        self._hosts: set[int] = set()
        self._slot_ids: set[int] = set()

    def clear(self) -> None:
        """A full snapshot follows, which names every node anew."""
        self.nodes.clear()
        self._hosts.clear()
        self._slot_ids.clear()

    def add(self, root: Json, parent: int) -> list[Json]:
        """Take in a serialized node with all below it; every one of them, parents first.

        Names of attributes are spelled as the rules read them, in place.
        """
        added = below(root)
        above = {child["id"]: node["id"] for node in added for child in _children(node)}
        for node in added:
            attributes = node.get("attributes")
            is_svg = node.get("isSVG") is True
            if type(attributes) is dict and not is_svg:
                spell(attributes)
            self.nodes[node["id"]] = Node(
                type=node["type"],
                parent=above.get(node["id"], parent),
                tag=str(node.get("tagName", "")),
                attributes=dict(attributes) if type(attributes) is dict else {},
                is_svg=is_svg,
                is_shadow=node.get("isShadow") is True,
                has_quirks=node.get("compatMode") == "BackCompat",
            )
            if self.nodes[node["id"]].tag.lower() == "slot":
                self._slot_ids.add(node["id"])
            if node.get("isShadow") is True:
                self._hosts.add(self.nodes[node["id"]].parent)
        return added

    def change(self, node_id: int, changes: Json) -> None:
        """Attributes of a node that changed, spelled likewise; null takes one away."""
        node = self.nodes.get(node_id)
        if node is None or not node.is_svg:
            spell(changes)
        if node is not None:
            node.attributes.update(changes)

    def up(self, node_id: int) -> Iterator[tuple[int, Node]]:
        """The node and what is above it, through shadow roots and iframes."""
        seen: set[int] = set()
        while node_id in self.nodes and node_id not in seen:
            seen.add(node_id)
            yield node_id, self.nodes[node_id]
            node_id = self.nodes[node_id].parent

    def around(self, node_id: int) -> Iterator[tuple[int, Node]]:
        """The node and what is above it, and what is above the slot in which a shadow tree shows it."""
        waiting, seen = [node_id], set[int]()
        while waiting:
            at = waiting.pop()
            node = self.nodes.get(at)
            if node is None or at in seen:
                continue
            seen.add(at)
            yield at, node
            waiting.append(node.parent)
            if not node.is_shadow and node.parent in self._hosts:
                waiting += self._slots(node.parent, str(node.attributes.get("slot") or ""))

    def _slots(self, host: int, wanted: str) -> list[int]:
        """Slots of this name in the shadow tree of a host."""
        return [
            each_id
            for each_id, each in ((each_id, self.nodes[each_id]) for each_id in self._slot_ids)
            if str(each.attributes.get("name") or "") == wanted
            and any(above.is_shadow and above.parent == host for _, above in self.up(each_id))
        ]

    def has_quirks(self, node_id: int) -> bool:
        """Whether the node's own document has no doctype."""
        documents = (node for _, node in self.up(node_id) if node.type == NodeType.DOCUMENT)
        document = next(documents, None)
        return document is not None and document.has_quirks

    def path(self, node_id: int) -> str:
        """`html > body > div#x.card`; a node the recording never showed is said to be one."""
        names = [node.name for _, node in self.up(node_id) if node.type != NodeType.DOCUMENT]
        return " > ".join(reversed(names)) or (
            "#document" if node_id in self.nodes else "(a node that was never shown)"
        )


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
