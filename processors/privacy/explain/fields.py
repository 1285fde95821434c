"""Which field a node or its text belongs to, and what of a recording passes although a person entered it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from processors.privacy.explain.events import changes_of, name_of, nodes_of, texts_of
from processors.privacy.explain.tree import Node, Tree, below
from processors.privacy.nodes import is_editable
from processors.privacy.refusal import Json
from schemas.rrweb import NodeType

_TAGS = frozenset({"input", "textarea", "select"})
_CHOICES = frozenset({"checkbox", "radio"})
_BUTTONS = frozenset({"submit", "button", "reset", "image"})
_HIDDEN = re.compile(r"[\s*]*")


class Sort(StrEnum):
    """How what is in a field came there."""

    TYPED = "typed text"
    FILE = "name of a file"
    CHOSEN = "choice"


def sort_of(node: Node) -> Sort | None:
    """None for what is no field, and for buttons."""
    tag, kind = node.tag.lower().rpartition(":")[2], str(node.attributes.get("type", "")).strip().lower()
    if tag == "select" or (tag == "input" and kind in _CHOICES):
        return Sort.CHOSEN
    if tag == "input":
        return Sort.FILE if kind == "file" else None if kind in _BUTTONS else Sort.TYPED
    return Sort.TYPED if tag == "textarea" or (node.tag and is_editable(node.attributes)) else None


def field_of(tree: Tree, node_id: int) -> int:
    """The field that a node is, or is in as its text or its option; 0 for none."""
    for each_id, each in tree.up(node_id):
        if sort_of(each) is not None or each.tag.lower() in _TAGS:
            return each_id
    return 0


def entered(tree: Tree, event: Json) -> Iterator[tuple[int, Sort]]:
    """Fields of which an event, as it passed, tells what a person entered; of choices only when they are made."""
    data = event.get("data")
    if name_of(event) == "input" and type(data) is dict and type(data.get("id")) is int:
        sort = _sort(tree, data["id"])
        tells = (
            bool(data.get("isChecked")) if sort is Sort.CHOSEN and not data.get("text") else _is_told(data.get("text"))
        )
        if sort is not None and tells:
            yield data["id"], sort
        return
    values = {node_id: changes.get("value") for node_id, changes in changes_of(event).items()}
    texts = dict(texts_of(event))
    for _, root in nodes_of(event):
        for node in below(root):
            if node["type"] == NodeType.ELEMENT:
                values[node["id"]] = (node.get("attributes") or {}).get("value")
            elif node["type"] == NodeType.TEXT:
                texts[node["id"]] = node.get("textContent")
    for node_id, value in values.items():
        sort = _sort(tree, node_id)
        if sort is not None and sort is not Sort.CHOSEN and _is_told(value):
            yield node_id, sort
    for node_id, text in texts.items():
        field_id = field_of(tree, node_id)
        if field_id and _sort(tree, field_id) is Sort.TYPED and _is_told(text):
            yield field_id, Sort.TYPED


def _sort(tree: Tree, node_id: int) -> Sort | None:
    node = tree.nodes.get(node_id)
    return None if node is None else sort_of(node)


def _is_told(value: object) -> bool:
    """Whether there is something to read, and no stars."""
    return value is not None and type(value) is not bool and not _HIDDEN.fullmatch(str(value))
