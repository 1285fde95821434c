"""Nodes a mutation adds: accepted from known parents downward, so that nothing unknown or blocked gets children."""

from __future__ import annotations

from typing import Any

from processors.privacy.late import Late
from processors.privacy.mirror import COVERED, DEPTH_SHIFT, MASKED
from processors.privacy.nodes import DOCUMENT, ELEMENT, IFRAME, QUIRKS, TYPE_MASK, tag_of
from processors.privacy.refusal import Json, RefusedError, keep_only, malformed
from processors.privacy.scene import Scene
from processors.privacy.snapshot import admit, admit_document
from schemas.reasons import Reason

_SIBLINGS = ("nextId", "previousId")
_FIELDS = frozenset({"parentId", "node", *_SIBLINGS})


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
        parent = entry.get("parentId")
        if type(parent) is not int or type(entry.get("node")) is not dict:
            raise malformed()
        group = by_parent.get(parent)
        if group is None:
            by_parent[parent] = [index]
        else:
            group.append(index)
    moved = _detach(scene, adds)
    settled: list[int] = []
    accepted: list[int] = []
    covered = False
    ready = [parent for parent in by_parent if scene.mirror.status(parent)]
    while ready:
        parent = ready.pop()
        above = scene.mirror.status(parent)
        group = by_parent.pop(parent)
        if above & COVERED:
            covered = True
            continue
        nodes = [adds[index]["node"] for index in group]
        _accept(scene, nodes, parent, above, late)
        for index, node in zip(group, nodes, strict=True):
            if node is not None:
                accepted.append(index)
                node_id = node["id"]
                if moved.pop(node_id, None) is not None:
                    settled.append(node_id)
                if node_id in by_parent:
                    ready.append(node_id)
    removes.extend(_removals(scene, moved))
    if settled and scene.policy.selectors.has_combinators:
        # What came along with them has other elements above it now.
        late.recheck(settled, removes)
    accepted.sort()
    kept = [adds[index] for index in accepted]
    _forget_siblings(scene, kept)
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


def _accept(scene: Scene, nodes: list[Any], parent: int, above: int, late: Late) -> None:
    """Admit nodes below one parent; each that is refused is replaced by None."""
    mirror = scene.mirror
    kind = mirror.own(parent)
    tag = tag_of(kind)
    if kind & TYPE_MASK not in (DOCUMENT, ELEMENT):
        nodes[:] = [None] * len(nodes)
        return
    if above >> DEPTH_SHIFT >= scene.limits.levels or len(mirror.nodes) + len(nodes) > 2 * scene.limits.nodes:
        raise RefusedError(Reason.NODE_LIMIT)
    documents = _accept_documents(scene, nodes, parent) if tag == IFRAME else {}
    admit(scene, nodes, parent, bool(above & MASKED), tag, kind & QUIRKS, late)
    # A hidden option among them masks its select.
    above = mirror.status(parent)
    for node in nodes:
        if node is not None:
            mirror.remember(node["id"], mirror.nodes[node["id"]], above)
            # The player builds children of an add from adds of their own and leaves these aside.
            if "childNodes" in node:
                node["childNodes"] = []
    for index, node in documents.items():
        nodes[index] = node


def _accept_documents(scene: Scene, nodes: list[Any], parent: int) -> dict[int, Json]:
    """Take an iframe's documents out of `nodes` and admit them; those admitted, by their index.

    An iframe has one document: the one before it goes without a remove.
    """
    admitted = {}
    for index, node in enumerate(nodes):
        if node.get("type") == DOCUMENT:
            nodes[index] = None
            scene.mirror.drop_below(parent)
            if admit_document(scene, node, parent):
                admitted[index] = node
    return admitted


def _forget_siblings(scene: Scene, adds: list[Json]) -> None:
    """Siblings the player does not have are left out: it would wait for them in vain."""
    status = scene.mirror.status
    for entry in adds:
        keep_only(entry, _FIELDS)
        for name in _SIBLINGS:
            sibling = entry.get(name)
            if sibling is not None and sibling != -1 and (type(sibling) is not int or not status(sibling)):
                entry[name] = None


def _break_circles(adds: list[Json]) -> None:
    """The player places a node when its parent and its next sibling are there; siblings that wait for one another,
    or for themselves, are appended instead.
    """
    pending = {entry["node"]["id"] for entry in adds}
    for entry in adds:
        # Most come in an order in which nothing waits.
        if entry["parentId"] in pending or entry.get("nextId") in pending:
            break
        pending.discard(entry["node"]["id"])
    if pending:
        _append_circles(adds)


def _append_circles(adds: list[Json]) -> None:
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
    for entry in adds:
        if entry["node"]["id"] in pending:
            entry["nextId"] = None
