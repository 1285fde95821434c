"""Nodes a mutation adds: accepted from known parents downward, so that nothing unknown or blocked gets children."""

from __future__ import annotations

from processors.privacy.admission import REFUSED, admit, is_leaf
from processors.privacy.late import Late
from processors.privacy.mirror import COVERED, DEPTH_SHIFT, MASKED
from processors.privacy.nodes import DOCUMENT, ELEMENT, IFRAME, PARENT_SHIFT, QUIRKS, TYPE_MASK, tag_of
from processors.privacy.refusal import Json, RefusedError, keep_only, malformed
from processors.privacy.scene import Scene
from processors.privacy.snapshot import admit_document
from schemas.reasons import Reason

_FIELDS = frozenset({"parentId", "node", "nextId", "previousId"})


def enforce_adds(scene: Scene, adds: list[Json], late: Late, removes: list[Json]) -> tuple[list[Json], bool]:
    """The adds to emit, in the client's order, and whether one was refused because of a block.

    A node that moved without a remove to where it may not be shown gets one, appended to `removes`.
    """
    if not adds:
        return [], False
    if len(adds) > scene.limits.nodes:
        raise RefusedError(Reason.NODE_LIMIT)
    moved = _detach(scene, adds)
    mirror = scene.mirror
    changes = late if late else None
    settled: list[int] = []
    accepted: list[int] = []
    covered = False
    # Most come behind their parent; others wait for it, here by its id.
    waiting: dict[int, list[int]] = {}
    ready = list(range(len(adds) - 1, -1, -1))
    while ready:
        index = ready.pop()
        entry = adds[index]
        parent: int = entry["parentId"]
        above = mirror.status(parent)
        if not above:
            waiting.setdefault(parent, []).append(index)
        elif above & COVERED:
            covered = True
        elif _accept(scene, entry["node"], parent, above, changes):
            accepted.append(index)
            node_id: int = entry["node"]["id"]
            if node_id in moved:
                del moved[node_id]
                settled.append(node_id)
            if node_id in waiting:
                ready += reversed(waiting.pop(node_id))
    if moved:
        removes.extend(_removals(scene, moved))
    if settled and scene.policy.selectors.has_combinators:
        # What came along with them has other elements above it now.
        late.recheck(settled, removes)
    accepted.sort()
    kept = [adds[index] for index in accepted]
    _forget_siblings(scene, kept)
    return kept, covered


def _detach(scene: Scene, adds: list[Json]) -> dict[int, tuple[int, Json]]:
    """Take nodes that are added again out of the mirror; how deep each was and the remove that would fit it."""
    mirror = scene.mirror
    nodes = mirror.nodes
    moved: dict[int, tuple[int, Json]] = {}
    for entry in adds:
        node = entry.get("node")
        if type(entry.get("parentId")) is not int or type(node) is not dict:
            raise malformed()
        node_id = node.get("id")
        if type(node_id) is int and node_id in nodes and mirror.parent(node_id):
            moved[node_id] = (mirror.status(node_id) >> DEPTH_SHIFT, mirror.removal(node_id))
    for node_id in moved:
        is_document = mirror.own(node_id) & TYPE_MASK == DOCUMENT
        mirror.lift(node_id)
        # The recorder sends a frame's document again with all that is in it.
        if is_document:
            mirror.drop_below(node_id)
    return moved


def _removals(scene: Scene, moved: dict[int, tuple[int, Json]]) -> list[Json]:
    """What fits the nodes that found no place, deepest first: each is still there when the player comes to it."""
    for node_id in moved:
        scene.mirror.drop_below(node_id)
    return [removal for _, removal in sorted(moved.values(), key=lambda item: (-item[0], item[1]["id"]))]


def _accept(scene: Scene, node: Json, parent: int, above: int, late: Late | None) -> bool:
    """Admit a node below `parent`, whose status is `above`."""
    mirror = scene.mirror
    kind = mirror.nodes[parent]
    tag = tag_of(kind)
    if kind & TYPE_MASK not in (DOCUMENT, ELEMENT):
        return False
    if above >> DEPTH_SHIFT >= scene.limits.levels or len(mirror.nodes) >= 2 * scene.limits.nodes:
        raise RefusedError(Reason.NODE_LIMIT)
    if tag == IFRAME and node.get("type") == DOCUMENT:
        # An iframe has one document: the one before it goes without a remove.
        mirror.drop_below(parent)
        return admit_document(scene, node, parent)
    own = admit(scene, node, parent, bool(above & MASKED), tag, kind & QUIRKS, late)
    if own == REFUSED:
        return False
    node_id: int = node["id"]
    mirror.put(node_id, own | parent << PARENT_SHIFT)
    # A hidden option masks the select it is in.
    mirror.remember(node_id, own, mirror.status(parent))
    # The player builds children of an add from adds of their own and leaves these aside.
    if own & TYPE_MASK == ELEMENT and not is_leaf(node):
        node["childNodes"] = []
    return True


def _forget_siblings(scene: Scene, adds: list[Json]) -> None:
    """Siblings the player does not have are left out: it would wait for them in vain.

    It places a node when its parent and its next sibling are there; siblings that wait for one another, or for
    themselves, are appended instead.
    """
    mirror = scene.mirror
    pending: set[int] = {entry["node"]["id"] for entry in adds}
    in_order = True
    for entry in adds:
        following, previous = entry.get("nextId"), entry.get("previousId")
        if following is not None and following != -1 and (type(following) is not int or not mirror.status(following)):
            entry["nextId"] = following = None
        if previous is not None and previous != -1 and (type(previous) is not int or not mirror.status(previous)):
            entry["previousId"] = None
        if len(entry) != 2 + ("nextId" in entry) + ("previousId" in entry):
            keep_only(entry, _FIELDS)
        # Most come in an order in which nothing waits.
        if in_order and entry["parentId"] not in pending and following not in pending:
            pending.discard(entry["node"]["id"])
        else:
            in_order = False
    if not in_order:
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
