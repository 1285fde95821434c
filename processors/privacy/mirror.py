"""The nodes of one page load that were let through, and nothing else: what is not here does not exist."""

from __future__ import annotations

from processors.privacy.nodes import BLOCKED, OWN_MASK, PARENT_SHIFT, SHADOW, masks_below
from processors.privacy.refusal import Json, RefusedError
from schemas.reasons import Reason

# What `status` says: 0 is not attached to the document; else PRESENT, perhaps more, and the depth above.
PRESENT, MASKED, COVERED = 1, 2, 4
DEPTH_SHIFT = 3


class Mirror:
    """Nodes by id, as `nodes.py` packs them.

    `secrets` are ids that were ever seen to be secret fields: kept over removals and snapshots, since rrweb never
    gives an id to another node within a page load. `sheets` are constructed style sheets whose text was let through.
    Since the mirror was last stored, `changed` are ids put or taken out, `touched` says that one of the two sets
    grew, and `replaced` that all of it is new.
    """

    __slots__ = ("_below", "_levels", "_status", "changed", "nodes", "replaced", "secrets", "sheets", "touched")

    def __init__(self, levels: int) -> None:
        self.nodes: dict[int, int] = {}
        self.secrets: set[int] = set()
        self.sheets: set[int] = set()
        self.changed: set[int] = set()
        self.touched = False
        self.replaced = True
        self._levels = levels
        # Children by parent, made when first asked for: most snapshots are replaced before anything is removed.
        self._below: dict[int, set[int]] | None = None
        self._status: dict[int, int] = {}

    def clear(self) -> None:
        """Forget every node and sheet, as a snapshot does; what was secret stays secret."""
        self.nodes.clear()
        self.sheets.clear()
        self._below = None
        self._status.clear()
        self.changed.clear()
        self.replaced = True

    def stored(self) -> None:
        """All of it is stored now."""
        self.changed.clear()
        self.touched = self.replaced = False

    def put(self, node_id: int, kind: int) -> None:
        """Register a node, or move it; its children come along."""
        old = self.nodes.get(node_id)
        if old is not None:
            self._status.clear()
        if self._below is not None:
            if old is not None:
                self._below[old >> PARENT_SHIFT].discard(node_id)
            self._below.setdefault(kind >> PARENT_SHIFT, set()).add(node_id)
        self.nodes[node_id] = kind
        self.changed.add(node_id)

    def mark(self, node_id: int, kind: int) -> None:
        """Change what is known of a node without changing what it does to others."""
        self.nodes[node_id] = kind
        self.changed.add(node_id)

    def lift(self, node_id: int) -> None:
        """Take a node out while its children wait, unattached, for `put` or `drop_below`."""
        parent = self.nodes[node_id] >> PARENT_SHIFT
        self._children()[parent].discard(node_id)
        del self.nodes[node_id]
        self.changed.add(node_id)
        self._status.clear()

    def drop(self, node_id: int) -> None:
        """Take a node out with all that is below it."""
        self.lift(node_id)
        self.drop_below(node_id)

    def drop_below(self, node_id: int) -> None:
        """Take out all that is below an id."""
        below = self._children()
        gone = [node_id]
        while gone:
            children = below.pop(gone.pop(), ())
            for child in children:
                del self.nodes[child]
            self.changed.update(children)
            gone += children
        self._status.clear()

    def admit_sheet(self, sheet: int) -> None:
        """The text of a constructed style sheet was let through."""
        self.sheets.add(sheet)
        self.touched = True

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
        if max(len(self.nodes), len(self.secrets), len(self.sheets)) > most:
            raise RefusedError(Reason.NODE_LIMIT)

    def status(self, node_id: int) -> int:
        """Attached, masked, covered by a block (its own included), and how deep. Remembered until nodes change."""
        known = self._status.get(node_id)
        if known is not None:
            return known
        nodes, remembered = self.nodes, self._status
        path = []
        status = 0
        at = node_id
        while True:
            kind = nodes.get(at)
            if kind is None:
                return 0
            path.append((at, kind))
            if len(path) > self._levels + 1:
                raise RefusedError(Reason.NODE_LIMIT)
            at = kind >> PARENT_SHIFT
            if at == 0:
                status = PRESENT
                break
            above = remembered.get(at)
            if above is not None:
                status = above
                break
        for at, kind in reversed(path):
            status = self.remember(at, kind, status)
        return status

    def remember(self, node_id: int, kind: int, above: int) -> int:
        """The status of a node below one of status `above`, remembered."""
        status = above + (1 << DEPTH_SHIFT)
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
