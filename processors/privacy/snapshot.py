"""Serialized nodes: admitted one by one into the mirror, enforced in place."""

from __future__ import annotations

from processors.privacy.attributes import clean
from processors.privacy.mirror import DEPTH_SHIFT, MASKED, PRESENT
from processors.privacy.nodes import (
    BLOCKED,
    DOCUMENT,
    ELEMENT,
    FIELDS,
    PARENT_SHIFT,
    SECRET,
    SHADOW,
    SVG,
    TAG_SHIFT,
    TAGS,
    TEXT,
    TEXTS,
    TYPE_MASK,
    class_flags,
    field_flags,
    masks_below,
    tag_of,
)
from processors.privacy.placeholder import empty
from processors.privacy.refusal import MAX_ID, Json, RefusedError, keep_only, malformed
from processors.privacy.scene import Scene
from processors.privacy.values import text_below
from schemas.reasons import Reason
from schemas.rrweb import NodeType

REFUSED = -1
# The parent's tag of what stands at the root of a tree: only there may a document stand.
ROOT = -2
_BASE = frozenset({"type", "id", "rootId", "isShadow"})
_TEXT_FIELDS = _BASE | {"textContent", "isStyle"}
_FIELDS = {
    NodeType.DOCUMENT: _BASE | {"childNodes", "compatMode"},
    NodeType.DOCUMENT_TYPE: _BASE | {"name", "publicId", "systemId"},
    NodeType.ELEMENT: _BASE | {"tagName", "attributes", "childNodes", "isShadowHost", "isSVG", "isCustom", "needBlock"},
    NodeType.TEXT: _TEXT_FIELDS,
    NodeType.CDATA: _TEXT_FIELDS,
    NodeType.COMMENT: _TEXT_FIELDS,
}
_KNOWN = {int(type_): fields for type_, fields in _FIELDS.items()}


def enforce_full(scene: Scene, data: Json) -> None:
    """Enforce a full snapshot in place and make its tree the mirror.

    RefusedError if the player could not rebuild it, or a bound is passed; then the mirror is half made.
    """
    node = data.get("node")
    offset = data.get("initialOffset")
    if type(node) is not dict or node.get("type") != DOCUMENT:
        raise malformed()
    if type(offset) is not dict or not {type(offset.get("top")), type(offset.get("left"))} <= {int, float}:
        raise malformed()
    data["initialOffset"] = {"top": offset["top"], "left": offset["left"]}
    keep_only(data, frozenset({"node", "initialOffset"}))
    scene.mirror.clear()
    if admit_document(scene, node, 0) == REFUSED:
        raise malformed()
    # The player throws on a page without a root element and leaves the viewer with nothing.
    if not any(child["type"] == ELEMENT for child in node["childNodes"]):
        raise malformed()


def admit_document(scene: Scene, root: Json, parent: int) -> int:
    """Admit a document and all below it; the kind of the document, or REFUSED if it is none."""
    above = scene.mirror.status(parent) if parent else PRESENT
    kind = admit(scene, root, parent, bool(above & MASKED), ROOT)
    if kind == REFUSED:
        return REFUSED
    if not _admit_children(scene, root, bool(above & MASKED), (above >> DEPTH_SHIFT) + 1):
        # A quirks document without children makes the player read a property of nothing.
        root.pop("compatMode", None)
    return kind


def _admit_children(scene: Scene, root: Json, masked: bool, level: int) -> int:
    """Admit everything below `root` and take out what is refused; how many children `root` has then."""
    deepest = scene.limits.levels
    most = scene.limits.nodes
    nodes = scene.mirror.nodes
    stack = [(root, 0, masked, level)]
    while stack:
        holder, tag, masked, level = stack.pop()
        parent = holder["id"]
        children = holder.get("childNodes")
        if type(children) is not list:
            holder["childNodes"] = []
            continue
        if level >= deepest or len(nodes) + len(children) > most:
            raise RefusedError(Reason.NODE_LIMIT)
        refused = False
        for index, child in enumerate(children):
            kind = admit(scene, child, parent, masked, tag)
            if kind == REFUSED:
                children[index] = None
                refused = True
            elif kind & TYPE_MASK == ELEMENT and child.get("childNodes") != []:
                stack.append((child, tag_of(kind), masked or masks_below(kind), level + 1))
        if refused:
            holder["childNodes"] = [child for child in children if child is not None]
    return len(root["childNodes"])


def admit(scene: Scene, node: Json, parent: int, masked: bool, parent_tag: int, late: int = 0) -> int:
    """Enforce one node without its children, register it below `parent`; its kind, or REFUSED if it is malformed.

    `late` are flags that the same event gives the element elsewhere. A blocked element loses its children.
    """
    if type(node) is not dict:
        return REFUSED
    node_id, type_ = node.get("id"), node.get("type")
    if type(node_id) is not int or not 0 < node_id <= MAX_ID or type(type_) is not int:
        return REFUSED
    mirror = scene.mirror
    if node_id in mirror.nodes and mirror.status(node_id):
        return REFUSED
    known = _KNOWN.get(type_)
    if known is None:
        return REFUSED
    if not known.issuperset(node):
        keep_only(node, known)
    if type_ == ELEMENT:
        kind = _enforce_element(scene, node, masked, late)
    elif type_ in TEXTS:
        kind = _enforce_text(scene, node, type_, masked, parent_tag)
    elif type_ == DOCUMENT:
        kind = DOCUMENT if parent_tag == ROOT and _has_texts(node, "compatMode") else REFUSED
    else:
        kind = type_ if _has_texts(node, "name", "publicId", "systemId") else REFUSED
    if kind == REFUSED:
        return REFUSED
    if node.get("isShadow") is True:
        kind |= SHADOW
    mirror.put(node_id, kind | parent << PARENT_SHIFT)
    return kind


def _enforce_element(scene: Scene, node: Json, masked: bool, late: int) -> int:
    name = node.get("tagName")
    if type(name) is not str:
        return REFUSED
    attributes = node.get("attributes")
    if attributes is None:
        attributes = {}
    elif type(attributes) is not dict:
        return REFUSED
    policy = scene.policy
    tag = TAGS.get(name.lower(), 0)
    kind = ELEMENT | tag << TAG_SHIFT | late
    if node.get("isSVG") is True:
        kind |= SVG
    if "class" in attributes:
        kind |= class_flags(attributes["class"], policy)
    if tag in FIELDS:
        kind |= field_flags(tag, attributes, policy)
        if node["id"] in scene.mirror.secrets:
            kind |= SECRET
        elif kind & SECRET:
            scene.mirror.keep_secret(node["id"])
    if kind & BLOCKED:
        empty(node)
        scene.blocked += 1
        return kind
    if attributes:
        masked = masked or masks_below(kind)
        scene.masked += clean(attributes, kind, masked, policy)
    return kind


def _enforce_text(scene: Scene, node: Json, type_: int, masked: bool, parent_tag: int) -> int:
    text = node.get("textContent")
    if type(text) is not str:
        return REFUSED
    if type_ != TEXT:
        if scene.policy.always:
            node["textContent"] = ""
        return type_
    if masked or parent_tag:
        new = text_below(text, parent_tag, masked, scene.policy.always)
        if new != text:
            node["textContent"] = new
            scene.masked += 1
    return type_


def _has_texts(node: Json, *names: str) -> bool:
    """True if what is there of these is text."""
    return all(type(node.get(name, "")) is str for name in names)
