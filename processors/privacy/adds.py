"""Nodes a mutation adds: accepted from known parents downward, so that nothing unknown or blocked gets children."""

from __future__ import annotations

from processors.privacy.admission import REFUSED, admit, is_leaf
from processors.privacy.late import Late
from processors.privacy.mirror import COVERED, DEPTH_SHIFT, REACHING
from processors.privacy.nodes import BLOCKED, DOCUMENT, ELEMENT, IFRAME, PARENT_SHIFT, QUIRKS, TYPE_MASK, tag_of
from processors.privacy.refusal import Json, RefusedError, keep_only, malformed
from processors.privacy.scene import Scene
from processors.privacy.slots import UNKNOWN, names_in
from processors.privacy.snapshot import admit_document, prune
from schemas.reasons import Reason

_FIELDS = frozenset({"parentId", "node", "nextId", "previousId"})


def enforce_adds(scene: Scene, adds: list[Json], late: Late, removes: list[Json]) -> tuple[list[Json], bool]:
    """The adds to emit, in the client's order, and whether one was refused because of a block.

    A node that moved without a remove to where it may not be shown gets one, appended to `removes`.
    """
    if not adds and not (scene.mirror.slots.unsettled or scene.mirror.slots.asked):
        return [], False
    if len(adds) > scene.limits.nodes:
        raise RefusedError(Reason.NODE_LIMIT)
    moved = _detach(scene, adds)
    mirror = scene.mirror
    changes = late if late else None
    settled: dict[int, tuple[int, Json]] = {}
    accepted: list[int] = []
    covered = False
    # Most come behind their parent; others wait for it, here by its id.
    waiting: dict[int, list[int]] = {}
    ready = list(range(len(adds) - 1, -1, -1))
    hosts = mirror.slots.hosts
    while ready:
        index = ready.pop()
        entry = adds[index]
        parent: int = entry["parentId"]
        above = mirror.status(parent)
        if above and hosts:
            above = _above_in_slots(scene, entry["node"], parent)
        if not above:
            waiting.setdefault(parent, []).append(index)
        elif above & COVERED:
            covered = True
            _hide_slots(scene, parent, entry["node"])
        elif _accept(scene, entry["node"], parent, above, changes):
            accepted.append(index)
            node_id: int = entry["node"]["id"]
            if node_id in moved:
                settled[node_id] = moved.pop(node_id)
            if node_id in waiting:
                ready += reversed(waiting.pop(node_id))
    if waiting and _has_slots(adds, waiting):
        # They stand in what was refused, in this event or before.
        mirror.lose_slots()
    if mirror.slots.unsettled or mirror.slots.asked:
        covered |= _withdraw(scene, {adds[index]["node"]["id"] for index in accepted}, settled, moved)
        accepted = [index for index in accepted if adds[index]["node"]["id"] in mirror.nodes]
        for index in accepted:
            prune(scene, adds[index]["node"])
    if moved:
        removes.extend(_removals(scene, moved))
    if settled and scene.policy.selectors.has_combinators:
        # What came along with them has other elements above it now.
        late.recheck([each for each in settled if each in mirror.nodes], removes)
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


def _has_slots(adds: list[Json], waiting: dict[int, list[int]]) -> bool:
    return any(
        name != UNKNOWN for indexes in waiting.values() for index in indexes for name in names_in(adds[index]["node"])
    )


def _hide_slots(scene: Scene, parent: int, node: Json) -> None:
    """Note the slots that came with a node refused below a blocked element."""
    mirror = scene.mirror
    names = names_in(node)
    if names and mirror.own(parent) & BLOCKED:
        mirror.name(parent, tuple(sorted({*names, *mirror.slots.names.get(parent, ())})))


def _above_in_slots(scene: Scene, node: Json, parent: int) -> int:
    """The status that a node has from above, by the slot it will be shown in too."""
    mirror = scene.mirror
    node_id, attributes = node.get("id"), node.get("attributes")
    if type(node_id) is not int:
        return mirror.status(parent)
    wanted = attributes.get("slot") if type(attributes) is dict else None
    if wanted is not None:
        mirror.ask(node_id, wanted)
    return mirror.inside(parent, node_id, node.get("isShadow") is True)


def _withdraw(
    scene: Scene, added: set[int], settled: dict[int, tuple[int, Json]], moved: dict[int, tuple[int, Json]]
) -> bool:
    """Take back nodes that are shown in slots which turned out to be blocked; True if there were any.

    What the player had before goes to `moved`, with the remove that fits it.
    """
    mirror = scene.mirror
    hidden, shaded = mirror.take_hidden()
    # Others of this event may have been let through as if they stood in the open.
    scene.veiled |= shaded
    for node_id in hidden:
        if node_id not in mirror.nodes:
            continue
        if node_id in settled:
            moved[node_id] = settled[node_id]
        elif node_id not in added:
            moved[node_id] = (mirror.status(node_id) >> DEPTH_SHIFT, mirror.removal(node_id))
        mirror.drop(node_id)
    return bool(hidden)


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
    own = admit(scene, node, parent, above & REACHING, tag, kind & QUIRKS, late)
    if own == REFUSED:
        return False
    node_id: int = node["id"]
    mirror.put(node_id, own | parent << PARENT_SHIFT)
    # A hidden option masks the select it is in.
    if mirror.slots.hosts:
        # Children that waited with it know nothing of the slots of its new place.
        mirror.drop_below(node_id)
    else:
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
