"""Full snapshots and documents of iframes: every node admitted into the mirror, those that are refused taken out."""

from __future__ import annotations

from typing import Any

from processors.privacy.admission import REFUSED, ROOT, admit, is_leaf
from processors.privacy.choices import mask_choices
from processors.privacy.mirror import DEPTH_SHIFT, FOR_FIELDS, PLACED, PRESENT, REACHING, reach
from processors.privacy.nodes import DECIDING, DOCUMENT, ELEMENT, PARENT_SHIFT, QUIRKS, TYPE_MASK, tag_of
from processors.privacy.refusal import Json, RefusedError, keep_only, malformed
from processors.privacy.scene import Scene
from schemas.reasons import Reason

# An element whose children are still to be admitted: it, its kind, what holds around it, their level.
Below = tuple[Json, int, int, int]


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
    if not admit_document(scene, node, 0):
        raise malformed()
    settle_slots(scene, node)
    mask_choices(scene, [node])
    # The player throws on a page without a root element and leaves the viewer with nothing.
    if not any(child["type"] == ELEMENT for child in node["childNodes"]):
        raise malformed()


def admit_document(scene: Scene, root: Json, parent: int) -> bool:
    """Admit a document and all below it; False if it is none."""
    above = scene.mirror.status(parent) if parent else PRESENT
    around = above & REACHING
    kind = admit(scene, root, parent, around, ROOT, 0)
    if kind == REFUSED:
        return False
    scene.mirror.put(root["id"], kind | parent << PARENT_SHIFT)
    if not _admit_children(scene, root, kind, around, (above >> DEPTH_SHIFT) + 1):
        # A quirks document without children makes the player read a property of nothing.
        root.pop("compatMode", None)
    return True


def settle_slots(scene: Scene, root: Json) -> None:
    """Take out of a page what is shown inside blocked elements of shadow trees."""
    mirror = scene.mirror
    if not mirror.slots.unsettled:
        return
    hidden, shaded = mirror.take_hidden()
    # Some of the rest may have been let through as if it stood in the open.
    scene.veiled |= shaded
    for node_id in hidden:
        if node_id in mirror.nodes:
            mirror.drop(node_id)
    if hidden:
        prune(scene, root)


def prune(scene: Scene, root: Json) -> None:
    """Leave out of an admitted tree what is not in the mirror any more."""
    nodes = scene.mirror.nodes
    stack = [root]
    while stack:
        node = stack.pop()
        children = node.get("childNodes")
        if children:
            node["childNodes"] = left = [child for child in children if child["id"] in nodes]
            stack += left


def _admit_children(scene: Scene, root: Json, kind: int, above: int, level: int) -> int:
    """Admit everything below `root` and take out what is refused; how many children `root` has then."""
    deepest = scene.limits.levels
    most = scene.limits.nodes
    mirror = scene.mirror
    nodes: dict[Any, int] = mirror.nodes
    bulk = mirror.is_bulk
    stack: list[Below] = [(root, kind, above, level)]
    while stack:
        holder, kind, above, level = stack.pop()
        children = holder.get("childNodes")
        if type(children) is not list:
            holder["childNodes"] = []
            continue
        if level >= deepest or len(nodes) + len(children) > most:
            raise RefusedError(Reason.NODE_LIMIT)
        if kind & DECIDING or above & FOR_FIELDS:
            above = reach(kind, above)
        parent: int = holder["id"]
        up = parent << PARENT_SHIFT
        tag, quirks = tag_of(kind), kind & QUIRKS
        well = True
        for index, node in enumerate(children):
            kind = admit(scene, node, parent, above, tag, quirks)
            if kind == REFUSED:
                children[index] = None
                well = False
                continue
            child: Json = node
            node_id: Any = child["id"]
            if bulk and not kind & PLACED and node_id not in nodes:
                nodes[node_id] = kind | up
            else:
                mirror.put(node_id, kind | up)
            if kind & TYPE_MASK == ELEMENT and not is_leaf(child):
                stack.append((child, kind, above, level + 1))
        if not well:
            holder["childNodes"] = [child for child in children if child is not None]
    return len(root["childNodes"])
