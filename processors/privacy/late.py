"""Attributes that change what a node is to the rules, after it was let through."""

from __future__ import annotations

from processors.privacy.nodes import (
    BLOCKED,
    ELEMENT,
    FIELDS,
    IGNORE,
    INPUT,
    INPUT_MASK,
    MASK,
    SECRET,
    TYPE_MASK,
    class_flags,
    field_flags,
    tag_of,
)
from processors.privacy.refusal import Json, integer, malformed
from processors.privacy.scene import Scene

_LIVE = MASK | IGNORE
# Nothing else decides what a node is.
_DECIDING = frozenset({"class", "type", "autocomplete", "data-rr-is-password"})


class Late:
    """The attribute changes of one mutation, by node.

    While the event lasts a node has the flags it had and those it gets; `release` then takes back what it lost.
    """

    def __init__(self, scene: Scene, attributes: list[Json]) -> None:
        self._scene = scene
        self._changes: dict[int, list[Json]] = {}
        for entry in attributes:
            node_id, changes = integer(entry, "id"), entry.get("attributes")
            if type(changes) is not dict:
                raise malformed()
            if not _DECIDING.isdisjoint(changes):
                self._changes.setdefault(node_id, []).append(changes)
        self._lost: dict[int, int] = {}

    def flags(self, node_id: int) -> int:
        """BLOCKED, MASK, IGNORE and SECRET that this event gives a node it also adds.

        Which of the two is newer is not told, so such a node loses nothing.
        """
        self._lost.pop(node_id, None)
        flags = 0
        for changes in self._changes.get(node_id, ()):
            flags |= class_flags(changes.get("class"), self._scene.policy)
            flags |= field_flags(INPUT, changes, self._scene.policy) & SECRET
        return flags

    def apply(self, removes: list[Json]) -> bool:
        """Give nodes that are there their new flags; True if one was blocked.

        The children of a newly blocked element are forgotten, and their removal is appended to `removes`.
        """
        mirror = self._scene.mirror
        blocked = False
        for node_id, all_changes in self._changes.items():
            if not mirror.status(node_id) or mirror.own(node_id) & TYPE_MASK != ELEMENT:
                continue
            for changes in all_changes:
                kind = self._with(node_id, mirror.nodes[node_id], changes)
                if kind != mirror.nodes[node_id]:
                    newly = kind & ~mirror.nodes[node_id] & BLOCKED
                    mirror.put(node_id, kind)
                    if newly:
                        blocked = True
                        self._scene.blocked += 1
                        self._empty(node_id, removes)
        return blocked

    def release(self) -> None:
        """Take back what nodes lost in this event."""
        mirror = self._scene.mirror
        for node_id, lost in self._lost.items():
            if node_id in mirror.nodes:
                mirror.put(node_id, mirror.nodes[node_id] & ~lost)

    def _with(self, node_id: int, kind: int, changes: Json) -> int:
        policy = self._scene.policy
        if "class" in changes:
            flags = class_flags(changes["class"], policy)
            kind |= flags
            self._lost[node_id] = kind & _LIVE & ~flags
        tag = tag_of(kind)
        if tag in FIELDS:
            flags = field_flags(tag, changes, policy)
            if "type" in changes and tag == INPUT:
                kind = kind & ~INPUT_MASK | flags & INPUT_MASK
            if flags & SECRET:
                kind |= SECRET
                self._scene.mirror.keep_secret(node_id)
        return kind

    def _empty(self, node_id: int, removes: list[Json]) -> None:
        mirror = self._scene.mirror
        for child in mirror.children(node_id):
            removes.append(mirror.removal(child))
            mirror.drop(child)
