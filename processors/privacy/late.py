"""Attributes that change what a node is to the rules, after it was let through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from processors.privacy.choices import hide_choice
from processors.privacy.nodes import (
    BLOCKED,
    CUSTOM,
    ELEMENT,
    FIELD,
    FIELDS,
    GUARDED,
    HIDDEN,
    IGNORE,
    INPUT,
    INPUT_MASK,
    MASK,
    OPTION,
    PARENT_SHIFT,
    QUIRKS,
    SECRET,
    SLOTTED,
    SVG,
    TYPE_MASK,
    VEILED,
    completion_flags,
    input_kind,
    name_flags,
    other_flags,
    tag_of,
    type_flags,
)
from processors.privacy.refusal import Json, integer, malformed
from processors.privacy.rules import FLAGS, flags_of
from processors.privacy.scene import Scene
from processors.privacy.slots import hashed

_LIVE = MASK | IGNORE
_EDITING = frozenset({"contenteditable", "role"})


class Late:
    """The attribute changes of one mutation, by node.

    While the event lasts a node has the flags it had and those it gets; `release` then takes back what it lost.
    `before` are the bits that elements had before the event, of those whose bits it changed.
    """

    __slots__ = ("_changes", "_lost", "_scene", "before")

    def __init__(self, scene: Scene, attributes: list[Json]) -> None:
        self._scene = scene
        self._changes: dict[int, list[Json]] = {}
        self.before: dict[int, int] = {}
        deciding = scene.policy.deciding
        for entry in attributes:
            node_id, changes = integer(entry, "id"), entry.get("attributes")
            if type(changes) is not dict:
                raise malformed()
            if not deciding.isdisjoint(changes):
                self._changes.setdefault(node_id, []).append(changes)
        self._lost: dict[int, int] = {}

    def __bool__(self) -> bool:
        """True if something in the event may decide what a node is."""
        return bool(self._changes)

    def changes(self, node_id: int) -> Sequence[Json]:
        """What the event changes of a node it also adds.

        Which of the two is newer is not told, so such a node loses nothing.
        """
        self._lost.pop(node_id, None)
        return self._changes.get(node_id, ())

    def flags(self, node_id: int) -> int:
        """The flags that these changes give it by themselves."""
        policy = self._scene.policy
        by_class = policy.selectors.by_class
        flags = 0
        for changes in self.changes(node_id):
            # In either sort of document: which one it comes into is not known here.
            if by_class is not None and "class" in changes:
                flags |= FLAGS[by_class.matching(changes["class"], False) | by_class.matching(changes["class"], True)]
            flags |= completion_flags(changes, policy) | name_flags(INPUT, 0, changes, policy)
            flags |= other_flags(changes, policy, False)
            if "type" in changes:
                by_type = type_flags(INPUT, changes, policy)
                flags |= by_type & (SECRET | VEILED)
                if policy.always and input_kind(by_type) == HIDDEN:
                    flags |= SECRET
        return flags

    def apply(self, removes: list[Json]) -> bool:
        """Give nodes that are there their new flags; True if one was blocked.

        The children of a newly blocked element are forgotten, and their removal is appended to `removes`.
        """
        mirror = self._scene.mirror
        present = [each for each in self._changes if mirror.status(each) and mirror.own(each) & TYPE_MASK == ELEMENT]
        steps = {} if self._scene.policy.selectors.by_class else {each: self._remember(each) for each in present}
        blocked = False
        for node_id in present:
            if mirror.status(node_id):
                kind = self._with(node_id, mirror.nodes[node_id], steps.get(node_id, ()))
                blocked |= self._settle(node_id, kind, removes)
        return self.recheck(self._above_others(), removes) or blocked

    def recheck(self, above: Iterable[int], removes: list[Json]) -> bool:
        """Look anew at all that is below these nodes, since what is above it changed; True if something was blocked."""
        blocked = False
        for node_id in self._below(above):
            kind = self._scene.mirror.nodes[node_id]
            new = self._with_bits(node_id, kind, (self._scene.mirror.bits.get(node_id, 0),))
            blocked |= self._settle(node_id, new, removes)
        return blocked

    def release(self) -> None:
        """Take back what nodes lost in this event."""
        mirror = self._scene.mirror
        for node_id, lost in self._lost.items():
            if lost and node_id in mirror.nodes:
                mirror.put(node_id, mirror.nodes[node_id] & ~lost)

    def _remember(self, node_id: int) -> list[int]:
        """Bring the bits of a node up to date; all it has in this event, the last ones last."""
        mirror, selectors = self._scene.mirror, self._scene.policy.selectors
        kind = mirror.own(node_id)
        bits = old = mirror.bits.get(node_id, 0)
        steps = []
        for changes in self._changes[node_id]:
            bits = selectors.updated(bits, changes, bool(kind & SVG), bool(kind & QUIRKS))
            steps.append(bits)
        if bits != old:
            self.before[node_id] = old
            mirror.note_bits(node_id, bits)
            mirror.changed.add(node_id)
        return steps

    def _with(self, node_id: int, kind: int, steps: Sequence[int]) -> int:
        mirror, policy = self._scene.mirror, self._scene.policy
        by_class = policy.selectors.by_class
        tag = tag_of(kind)
        # What was typed is still there when the element is no field any more, also in the next snapshot.
        was_typed = False
        for changes in self._changes[node_id]:
            if by_class is not None and "class" in changes:
                flags = FLAGS[by_class.matching(changes["class"], bool(kind & QUIRKS))]
                kind |= flags
                self._lost[node_id] = kind & _LIVE & ~flags
            if tag in FIELDS:
                kind |= completion_flags(changes, policy)
                if tag == INPUT and "type" in changes:
                    by_type = type_flags(tag, changes, policy)
                    was_typed |= bool(kind & VEILED and not by_type & (VEILED | SECRET))
                    kind = kind & ~INPUT_MASK | by_type
                kind |= name_flags(tag, kind, changes, policy)
            else:
                was_typed |= bool(kind & FIELD and kind & VEILED and not _EDITING.isdisjoint(changes))
                kind |= other_flags(changes, policy, bool(kind & FIELD) or tag == CUSTOM)
            if kind & SECRET or was_typed:
                self._keep(node_id, tag)
            if "slot" in changes:
                mirror.ask(node_id, changes["slot"])
            if kind & SLOTTED and "name" in changes:
                mirror.name(node_id, (hashed(changes["name"]),))
        return self._with_bits(node_id, kind, steps) if steps else kind

    def _keep(self, node_id: int, tag: int) -> None:
        mirror = self._scene.mirror
        if tag in FIELDS and node_id not in mirror.secrets:
            mirror.keep_secret(node_id)
        elif tag not in FIELDS and not mirror.was_field(node_id):
            mirror.keep_field(node_id)

    def _with_bits(self, node_id: int, kind: int, steps: Sequence[int]) -> int:
        """With the flags of a node that had these bits in turn, below what is and what was above it."""
        parent = self._scene.mirror.parent(node_id)
        flags = 0
        for bits in steps:
            flags = flags_of(self._scene, bits, parent)
            kind |= flags
            if self.before:
                kind |= flags_of(self._scene, bits, parent, self.before)
        self._lost[node_id] = kind & _LIVE & ~flags
        return kind

    def _settle(self, node_id: int, kind: int, removes: list[Json]) -> bool:
        """Give a node its flags; True if it is now blocked and was not."""
        mirror = self._scene.mirror
        old = mirror.nodes[node_id]
        if kind == old:
            return False
        if kind & ~old & BLOCKED and (names := mirror.names_below(node_id)):
            mirror.name(node_id, names)
        mirror.put(node_id, kind)
        if kind & (BLOCKED | MASK) or (kind & GUARDED and tag_of(kind) == OPTION):
            hide_choice(self._scene, kind >> PARENT_SHIFT)
        if not kind & ~old & BLOCKED:
            return False
        self._scene.blocked += 1
        for child in mirror.children(node_id):
            removes.append(mirror.removal(child))
            mirror.drop(child)
        return True

    def _above_others(self) -> list[int]:
        """Nodes whose change may decide about what is below them."""
        selectors, bits = self._scene.policy.selectors, self._scene.mirror.bits
        if not selectors.has_combinators:
            return []
        return [each for each, old in self.before.items() if (old ^ bits.get(each, 0)) & selectors.context]

    def _below(self, above: Iterable[int]) -> Iterator[int]:
        """Elements below these, once each, before those inside it; no selector reaches into a document inside."""
        mirror = self._scene.mirror
        waiting = list(above)
        looked_into: set[int] = set()
        while waiting:
            holder = waiting.pop()
            if holder in looked_into:
                continue
            looked_into.add(holder)
            for child in mirror.children(holder):
                if mirror.status(child) and mirror.own(child) & TYPE_MASK == ELEMENT:
                    yield child
                    waiting.append(child)
