"""The nodes of one page load that were let through, and nothing else: what is not here does not exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from processors.privacy.limits import STEP
from processors.privacy.nodes import (
    BLOCKED,
    DECIDING,
    DOCUMENT,
    OWN_MASK,
    PARENT_SHIFT,
    SHADOW,
    TYPE_MASK,
    masks_below,
)
from processors.privacy.refusal import MAX_ID, Json, RefusedError
from schemas.reasons import Reason

# What `status` says: 0 is not attached to the document; else PRESENT, perhaps more, and the depth above.
PRESENT: Final = 1
MASKED: Final = 2
COVERED: Final = 4
DEPTH_SHIFT: Final = 3
LEVEL: Final = 1 << DEPTH_SHIFT
# Above any id, within the 32 bits that state has for one.
_MASKED_SHEET: Final = 1 << 31


class Mirror:
    """Nodes by id, as `nodes.py` packs them.

    `bits` are those of `Selectors`, of elements that have any, if the policy's selectors need them remembered.
    `secrets` are ids that were ever seen to be secret fields: kept over removals and snapshots, since rrweb never
    gives an id to another node within a page load. `sheets` are constructed style sheets whose text was let through,
    and once more, with a high bit, those that were adopted inside a mask. Since the mirror was last stored, `changed`
    are ids put or taken out, `touched` says that one of the two sets grew, and `replaced` that all of it is new.
    """

    __slots__ = (
        "_below",
        "_left",
        "_levels",
        "_status",
        "bits",
        "changed",
        "nodes",
        "replaced",
        "secrets",
        "sheets",
        "touched",
    )

    def __init__(self, levels: int) -> None:
        self.nodes: dict[int, int] = {}
        self.bits: dict[int, int] = {}
        self.secrets: set[int] = set()
        self.sheets: set[int] = set()
        self.changed: set[int] = set()
        self.touched = False
        self.replaced = True
        self._levels = levels
        # What the event at hand may still look at, in bytes.
        self._left = 0
        # Children by parent, made when first asked for: most snapshots are replaced before anything is removed.
        self._below: dict[int, set[int]] | None = None
        self._status: dict[int, int] = {}

    def allow(self, work: int) -> None:
        """Begin an event for which no more than this may be looked at, in bytes."""
        self._left = work
        self.spend(0)

    def spend(self, work: int) -> None:
        """Count bytes that are looked at; RefusedError if they are too many for one event."""
        self._left -= work
        if self._left < 0:
            raise RefusedError(Reason.WORK_LIMIT)

    def clear(self) -> None:
        """Forget every node and sheet, as a snapshot does; what was secret stays secret."""
        self.nodes.clear()
        self.bits.clear()
        self.sheets.clear()
        self._below = None
        self._status.clear()
        self.changed.clear()
        self.replaced = True

    def stored(self) -> None:
        """All of it is stored now."""
        self.changed.clear()
        self.touched = self.replaced = False

    @property
    def is_bulk(self) -> bool:
        """True while a node that is not here may be put into `nodes` without `put`: nothing else depends on it yet."""
        return self.replaced and self._below is None

    def put(self, node_id: int, kind: int) -> None:
        """Register a node, or move it; its children come along."""
        old = self.nodes.get(node_id)
        if old is not None:
            self._status.clear()
        if self._below is not None:
            parent = kind >> PARENT_SHIFT
            if old is not None:
                self._below[old >> PARENT_SHIFT].discard(node_id)
            siblings = self._below.get(parent)
            if siblings is None:
                self._below[parent] = {node_id}
            else:
                siblings.add(node_id)
        self.nodes[node_id] = kind
        self.changed.add(node_id)

    def mark(self, node_id: int, kind: int) -> None:
        """Change what is known of a node without changing what it does to others."""
        self.nodes[node_id] = kind
        self.changed.add(node_id)

    def note_bits(self, node_id: int, bits: int) -> None:
        """Remember the bits of an element."""
        if bits:
            self.bits[node_id] = bits
        else:
            self.bits.pop(node_id, None)

    def lift(self, node_id: int) -> None:
        """Take a node out while its children wait, unattached, for `put` or `drop_below`."""
        parent = self.nodes[node_id] >> PARENT_SHIFT
        self._children()[parent].discard(node_id)
        del self.nodes[node_id]
        self.bits.pop(node_id, None)
        self.changed.add(node_id)
        self._status.clear()

    def drop(self, node_id: int) -> None:
        """Take a node out with all that is below it."""
        self._children()[self.nodes.pop(node_id) >> PARENT_SHIFT].discard(node_id)
        self.bits.pop(node_id, None)
        self.changed.add(node_id)
        self._status.pop(node_id, None)
        self.drop_below(node_id)

    def drop_below(self, node_id: int) -> None:
        """Take out all that is below an id."""
        below, nodes, forget, bits = self._children(), self.nodes, self._status.pop, self.bits
        gone = [node_id]
        while gone:
            children = below.pop(gone.pop(), None)
            if children:
                for child in children:
                    del nodes[child]
                    forget(child, None)
                    if bits:
                        bits.pop(child, None)
                self.changed |= children
                gone += children

    def admit_sheet(self, sheet: int) -> None:
        """The text of a constructed style sheet was let through."""
        self.sheets.add(sheet)
        self.touched = True

    def mask_sheet(self, sheet: int) -> None:
        """A sheet that was let through was adopted inside a mask."""
        self.sheets.add(sheet | _MASKED_SHEET)
        self.touched = True

    def sheet(self, sheet: object) -> int:
        """PRESENT if the text of a sheet was let through, with MASKED if its words must not be; else 0."""
        if type(sheet) is not int or sheet not in self.sheets or sheet > MAX_ID:
            return 0
        return PRESENT | MASKED if sheet | _MASKED_SHEET in self.sheets else PRESENT

    def keep_secret(self, node_id: int) -> None:
        """The field is secret for as long as the page load lasts."""
        self.secrets.add(node_id)
        self.touched = True

    def own(self, node_id: int) -> int:
        """A node's facts without its parent."""
        return self.nodes[node_id] & OWN_MASK

    def parent(self, node_id: int) -> int:
        """The parent of a node that is here; 0 for the page's own document."""
        return self.nodes[node_id] >> PARENT_SHIFT

    def chain(self, node_id: int, before: Mapping[int, int]) -> Iterator[int]:
        """The bits of an element that is attached and of those above it, up to its document; `before` instead of
        what is remembered.
        """
        nodes, bits = self.nodes, self.bits
        while node_id:
            kind = nodes[node_id]
            if kind & TYPE_MASK == DOCUMENT:
                return
            self.spend(STEP)
            known = before.get(node_id)
            yield bits.get(node_id, 0) if known is None else known
            node_id = kind >> PARENT_SHIFT

    def children(self, node_id: int) -> list[int]:
        """Direct children, by id."""
        return sorted(self._children().get(node_id, ()))

    def removal(self, node_id: int) -> Json:
        """The entry of a mutation that makes the player remove a node that is here."""
        removal: Json = {"parentId": self.parent(node_id), "id": node_id}
        if self.nodes[node_id] & SHADOW:
            removal["isShadow"] = True
        return removal

    def check(self, most: int) -> None:
        """RefusedError if there is more than `most` of anything."""
        if len(self.nodes) > most or len(self.secrets) > most or len(self.sheets) > most:
            raise RefusedError(Reason.NODE_LIMIT)

    def status(self, node_id: int) -> int:
        """Attached, masked, covered by a block (its own included), and how deep. Remembered until nodes change."""
        known = self._status.get(node_id)
        if known is not None:
            return known
        nodes, remembered = self.nodes, self._status
        path: list[int] = []
        at = node_id
        while True:
            kind = nodes.get(at)
            if kind is None:
                self.spend(STEP * len(path))
                return 0
            path.append(at)
            if len(path) > self._levels + 1:
                raise RefusedError(Reason.NODE_LIMIT)
            at = kind >> PARENT_SHIFT
            above = PRESENT if at == 0 else remembered.get(at)
            if above is not None:
                break
        self.spend(STEP * len(path))
        status: int = above
        for at in reversed(path):
            status = self.remember(at, nodes[at], status)
        return status

    def remember(self, node_id: int, kind: int, above: int) -> int:
        """The status of a node below one of status `above`, remembered."""
        status = above + LEVEL
        if kind & DECIDING:
            if kind & BLOCKED:
                status |= COVERED
            if masks_below(kind):
                status |= MASKED
        self._status[node_id] = status
        return status

    def _children(self) -> dict[int, set[int]]:
        if self._below is None:
            self._below = {}
            for node_id, kind in self.nodes.items():
                self._below.setdefault(kind >> PARENT_SHIFT, set()).add(node_id)
        return self._below
