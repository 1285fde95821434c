"""Nodes a mutation adds: accepted from known parents downward, so that nothing unknown or blocked gets children."""

from __future__ import annotations

from processors.privacy.late import Late
from processors.privacy.mirror import COVERED, DEPTH_SHIFT, MASKED
from processors.privacy.nodes import DOCUMENT, ELEMENT, IFRAME, TYPE_MASK, tag_of
from processors.privacy.refusal import Json, RefusedError, integer, keep_only, malformed
from processors.privacy.scene import Scene
from processors.privacy.snapshot import REFUSED, admit, admit_document
from schemas.reasons import Reason

_FIELDS = frozenset({"parentId", "nextId", "previousId", "node"})


def enforce_adds(scene: Scene, adds: list[Json], late: Late, removes: list[Json]) -> tuple[list[Json], bool]:
    """The adds to emit, in the client's order, and whether one was refused because of a block.

    A node that moved without a remove to where it may not be shown gets one, appended to `removes`.
    """
    if not adds:
        return [], False
    if len(adds) > scene.limits.nodes:
        raise RefusedError(Reason.NODE_LIMIT)
    by_parent: dict[int, list[int]] = {}
    for index, entry in enumerate(adds):
        by_parent.setdefault(integer(entry, "parentId"), []).append(index)
        if type(entry.get("node")) is not dict:
            raise malformed()
    moved = _detach(scene, adds)
    accepted: set[int] = set()
    covered = False
    ready = [parent for parent in by_parent if scene.mirror.status(parent)]
    while ready:
        parent = ready.pop()
        above = scene.mirror.status(parent)
        for index in by_parent.pop(parent, ()):
            node = adds[index]["node"]
            if above & COVERED:
                covered = True
            elif _accept(scene, node, parent, above, late):
                accepted.add(index)
                moved.pop(node["id"], None)
                if node["id"] in by_parent:
                    ready.append(node["id"])
    removes.extend(_removals(scene, moved))
    kept = [_entry(scene, adds[index]) for index in sorted(accepted)]
    _break_circles(kept)
    return kept, covered


def _detach(scene: Scene, adds: list[Json]) -> dict[int, tuple[int, Json]]:
    """Take nodes that are added again out of the mirror; how deep each was and the remove that would fit it."""
    mirror = scene.mirror
    moved: dict[int, tuple[int, Json]] = {}
    again = {entry["node"].get("id") for entry in adds if type(entry["node"].get("id")) is int} & mirror.nodes.keys()
    for node_id in again:
        if mirror.parent(node_id):
            moved[node_id] = (mirror.status(node_id) >> DEPTH_SHIFT, mirror.removal(node_id))
    for node_id in moved:
        mirror.lift(node_id)
    return moved


def _removals(scene: Scene, moved: dict[int, tuple[int, Json]]) -> list[Json]:
    """What fits the nodes that found no place, deepest first: each is still there when the player comes to it."""
    for node_id in moved:
        scene.mirror.drop_below(node_id)
    return [removal for _, removal in sorted(moved.values(), key=lambda item: (-item[0], item[1]["id"]))]


def _accept(scene: Scene, node: Json, parent: int, above: int, late: Late) -> bool:
    mirror = scene.mirror
    kind = mirror.own(parent)
    if kind & TYPE_MASK not in (DOCUMENT, ELEMENT):
        return False
    if node.get("type") == DOCUMENT:
        return tag_of(kind) == IFRAME and _accept_document(scene, node, parent)
    if above >> DEPTH_SHIFT >= scene.limits.levels or len(mirror.nodes) >= 2 * scene.limits.nodes:
        raise RefusedError(Reason.NODE_LIMIT)
    node_id = node.get("id")
    flags = late.flags(node_id) if type(node_id) is int else 0
    admitted = admit(scene, node, parent, bool(above & MASKED), tag_of(kind), flags)
    if admitted == REFUSED:
        return False
    mirror.remember(node["id"], admitted, above)
    # The player builds children of an add from adds of their own and leaves these aside.
    if "childNodes" in node:
        node["childNodes"] = []
    return True


def _accept_document(scene: Scene, node: Json, parent: int) -> bool:
    """An iframe has one document: the one before it goes without a remove."""
    scene.mirror.drop_below(parent)
    return admit_document(scene, node, parent) != REFUSED


def _entry(scene: Scene, entry: Json) -> Json:
    """Siblings the player does not have are left out: it would wait for them in vain."""
    keep_only(entry, _FIELDS)
    for name in ("nextId", "previousId"):
        sibling = entry.get(name)
        if sibling is not None and sibling != -1 and (type(sibling) is not int or not scene.mirror.status(sibling)):
            entry[name] = None
    return entry


def _break_circles(adds: list[Json]) -> None:
    """The player places a node when its parent and its next sibling are there; siblings that wait for one another,
    or for themselves, are appended instead.
    """
    pending = {entry["node"]["id"] for entry in adds}
    waiting: dict[int, list[Json]] = {}
    for entry in adds:
        ready = [entry]
        while ready:
            placed = ready.pop()
            needs: tuple[int, int] = (placed["parentId"], placed.get("nextId") or 0)
            for needed in needs:
                if needed in pending:
                    waiting.setdefault(needed, []).append(placed)
                    break
            else:
                pending.discard(placed["node"]["id"])
                ready += waiting.pop(placed["node"]["id"], ())
    if pending:
        for entry in adds:
            if entry["node"]["id"] in pending:
                entry["nextId"] = None
