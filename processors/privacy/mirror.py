"""The nodes of one page load that were let through, and nothing else: what is not here does not exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from processors.privacy.limits import STEP
from processors.privacy.nodes import (
    BLOCKED,
    DECIDING,
    DOCUMENT,
    FIELD,
    GUARDED,
    IGNORE,
    INPUT,
    MASK,
    OWN_MASK,
    PARENT_SHIFT,
    SHADOW,
    SLOTTED,
    TYPE_MASK,
    VEILED,
    is_field,
    tag_of,
)
from processors.privacy.refusal import MAX_ID, Json, RefusedError
from processors.privacy.slots import UNKNOWN, Slots, hashed
from schemas.reasons import Reason

# What `status` says: 0 is not attached to the document; else PRESENT, perhaps more, and the depth above.
PRESENT: Final = 1
MASKED: Final = 2
COVERED: Final = 4
IGNORING: Final = 8  # fields inside fall under a rule to ignore
VEILING: Final = 16  # fields inside fall under a rule to mask them
TYPED: Final = 32  # text inside is what a person types
DEPTH_SHIFT: Final = 6
LEVEL: Final = 1 << DEPTH_SHIFT
# All but whether it is there, and how deep.
REACHING: Final = LEVEL - 1 - PRESENT
# Above any id, within the 32 bits that state has for one.
_MASKED_SHEET: Final = 1 << 31
_OTHER_FIELD: Final = 1 << 31
# What stands in a shadow tree and decides about the children of its host.
PLACED: Final = BLOCKED | SLOTTED
# Slots and children of hosts that are gone through from one snapshot to the next for what changes in shadow trees; few
# at a time cost no more than the event that made it so.
_VISITS: Final = 250_000
_FEW: Final = 16
_SLOT_NAMES: Final = 256
WITHOUT_END: Final = 1 << 60


def reach(kind: int, above: int) -> int:
    """What holds for a node of this kind, and for what is inside it, where `above` holds around it."""
    status = above
    if kind & BLOCKED:
        status |= COVERED
    if kind & MASK:
        status |= MASKED
    if kind & IGNORE:
        status |= IGNORING
    if kind & VEILED:
        status |= VEILING
    if is_field(kind):
        if kind & GUARDED or status & (IGNORING | VEILING):
            # Options of a list, text in a textarea and what is typed into an element are the value.
            status |= VEILING if tag_of(kind) == INPUT else MASKED
        if kind & FIELD:
            status |= TYPED
    return status


def under(kind: int, above: int) -> int:
    """The kind of a node with the rules that reach its fields from around it."""
    if above & IGNORING:
        kind |= IGNORE
    return kind | VEILED if above & VEILING else kind


class Mirror:
    """Nodes by id, as `nodes.py` packs them.

    `bits` are those of `Selectors`, of elements that have any, if the policy's selectors need them remembered.
    `secrets` are ids that were ever seen to be secret fields, with a high bit those of elements without a field's tag
    that were, or were typed into: kept over removals and snapshots, since rrweb never gives an id to another node
    within a page load. `sheets` are constructed style sheets whose text was let through,
    and once more, with a high bit, those that were adopted inside a mask. `slots` say where children of shadow hosts
    are shown; `is_flat` is False where they were not kept yet. Since the mirror was last stored, `changed` are ids put
    or taken out, `touched` says that one of the two sets grew, and `replaced` that all of it is new.
    """

    __slots__ = (
        "_below",
        "_left",
        "_levels",
        "_status",
        "_visits",
        "bits",
        "changed",
        "is_flat",
        "nodes",
        "replaced",
        "secrets",
        "sheets",
        "slots",
        "touched",
    )

    def __init__(self, levels: int) -> None:
        self.nodes: dict[int, int] = {}
        self.bits: dict[int, int] = {}
        self.secrets: set[int] = set()
        self.sheets: set[int] = set()
        self.slots = Slots()
        self.is_flat = True
        self.changed: set[int] = set()
        self.touched = False
        self.replaced = True
        self._levels = levels
        # What the event at hand may still look at, in bytes.
        self._left = WITHOUT_END
        # Children by parent, made when first asked for: most snapshots are replaced before anything is removed.
        self._below: dict[int, set[int]] | None = None
        self._status: dict[int, int] = {}
        self._visits = 0

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
        self.slots.clear()
        self.is_flat = True
        self._below = None
        self._status.clear()
        self._visits = 0
        self.changed.clear()
        self.replaced = True

    def restored(self) -> None:
        """All of it was read from where it is stored."""
        self._left = WITHOUT_END
        for node_id, kind in self.nodes.items():
            if kind & PLACED:
                self.place(node_id, kind)
        self.slots.unsettled.clear()
        self.stored()

    def stored(self) -> None:
        """All of it is stored now."""
        self.changed.clear()
        self.touched = self.replaced = False

    @property
    def size(self) -> int:
        """How many nodes it has, with what else it remembers of one each."""
        return len(self.nodes) + len(self.secrets) + len(self.sheets) + len(self.slots.names)

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
        if kind & PLACED:
            self.place(node_id, kind)

    def place(self, node_id: int, kind: int) -> None:
        """Note a slot, or a blocked element with slots in it, of a shadow tree."""
        slots = self.slots
        slots.remove(node_id)
        host = self._host_above(node_id) if self.is_flat else 0
        if host and kind & BLOCKED:
            slots.walls.add(node_id)
        if host and slots.names.get(node_id):
            slots.place(node_id, host)
            self._status.clear()

    def name(self, node_id: int, names: tuple[int, ...]) -> None:
        """The name of a slot, or the names of those in a blocked element."""
        # They are put in order with each that comes.
        if len(names) > _SLOT_NAMES:
            raise RefusedError(Reason.NODE_LIMIT)
        self.slots.remove(node_id)
        self.slots.names[node_id] = names
        self.changed.add(node_id)
        if node_id in self.nodes:
            self.place(node_id, self.nodes[node_id])

    def lose_slots(self) -> None:
        """Slots came into what was refused: any blocked element of a shadow tree may be where they stand."""
        for node_id in sorted(self.slots.walls):
            kind = self.nodes.get(node_id, 0)
            known = self.slots.names.get(node_id, ())
            if kind & BLOCKED and UNKNOWN not in known:
                self.name(node_id, (*known, UNKNOWN))
        self.slots.walls.clear()

    def names_below(self, node_id: int) -> tuple[int, ...]:
        """The names of a slot and of those below it in the same tree."""
        names = self.slots.names
        if not names:
            return ()
        found = set(names.get(node_id, ()))
        waiting = [node_id]
        below = self._children()
        while waiting:
            for child in below.get(waiting.pop(), ()):
                if not self.nodes[child] & SHADOW:
                    found.update(names.get(child, ()))
                    waiting.append(child)
        return tuple(sorted(found))

    def ask(self, node_id: int, name: object) -> None:
        """The slot that an element asks for, as its attribute has it."""
        slots = self.slots
        wanted = hashed(name)
        if slots.wanted.get(node_id, 0) != wanted:
            slots.wanted[node_id] = wanted
            self.changed.add(node_id)
            if node_id in self.nodes:
                slots.asked.add(node_id)
                self._status.clear()

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
        self.slots.forget(node_id)
        self.changed.add(node_id)
        self._status.clear()

    def drop(self, node_id: int) -> None:
        """Take a node out with all that is below it."""
        self._children()[self.nodes.pop(node_id) >> PARENT_SHIFT].discard(node_id)
        self.bits.pop(node_id, None)
        self.changed.add(node_id)
        if self.slots.is_used:
            self._forget_slots((node_id,))
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
                if self.slots.is_used:
                    self._forget_slots(children)
                gone += children

    def _forget_slots(self, node_ids: Iterable[int]) -> None:
        for node_id in node_ids:
            self.slots.forget(node_id)
        if self.slots.hosts:
            # What was shown in a slot that went is shown elsewhere.
            self._status.clear()

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

    def keep_field(self, node_id: int) -> None:
        """The same for an element that has no field's tag."""
        self.keep_secret(node_id | _OTHER_FIELD)

    def was_field(self, node_id: int) -> bool:
        """Whether an element that has no field's tag once took a secret, or was typed into."""
        return node_id | _OTHER_FIELD in self.secrets

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
        if self.slots.hosts:
            return self._status_in_slots(node_id)
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

    def _status_in_slots(self, node_id: int) -> int:
        """The same where children of shadow hosts are shown in slots."""
        nodes, remembered, hosts = self.nodes, self._status, self.slots.hosts
        waiting = [node_id]
        apart: set[int] = set()
        while waiting:
            self.spend(STEP)
            at = waiting[-1]
            if at in remembered or at in apart:
                waiting.pop()
                continue
            kind = nodes.get(at)
            parent = 0 if kind is None else kind >> PARENT_SHIFT
            if kind is None or parent in apart:
                apart.add(at)
                continue
            above = PRESENT if parent == 0 else remembered.get(parent)
            if above is None:
                needed = [parent]
            elif parent in hosts and not kind & SHADOW:
                shown = self._shown(parent, at)
                needed = [each for each in shown if each not in remembered and each not in apart]
            else:
                needed = []
            if needed:
                waiting += needed
                if len(waiting) > 32 * (self._levels + 1):
                    raise RefusedError(Reason.NODE_LIMIT)
                continue
            status: int = above or 0
            if status >> DEPTH_SHIFT > self._levels:
                raise RefusedError(Reason.NODE_LIMIT)
            self.remember(at, kind, status | self.slotted(parent, at, kind))
        return remembered.get(node_id, 0)

    def slotted(self, parent: int, node_id: int, kind: int) -> int:
        """What holds for a node by the slot it is shown in, of those whose status is remembered."""
        if parent not in self.slots.hosts or kind & SHADOW:
            return 0
        found, is_lost = self.slots.of(parent, node_id)
        flags = COVERED if is_lost else 0
        for each in found:
            flags |= self._status.get(each, 0) & REACHING
        return flags

    def around(self, node_id: int) -> int:
        """What holds for an attached node by what it stands and is shown in: as `status`, without its own kind."""
        kind = self.nodes[node_id]
        parent = kind >> PARENT_SHIFT
        self.status(node_id)
        return (self.status(parent) if parent else PRESENT) | self.slotted(parent, node_id, kind)

    def masks_words(self, node_id: int, status: int) -> bool:
        """Whether the words in an element's own attributes are masked; of a field whose value alone is, they stay."""
        kind = self.nodes[node_id]
        if not status & MASKED or kind & MASK or not is_field(kind):
            return bool(status & MASKED)
        return bool(self.around(node_id) & MASKED)

    def inside(self, parent: int, node_id: int, is_shadow: bool) -> int:
        """What `around` would be of a node that is not here yet, below `parent`."""
        above = self.status(parent)
        if parent in self.slots.hosts and not is_shadow:
            for each in self._shown(parent, node_id):
                self.status(each)
            above |= self.slotted(parent, node_id, 0)
        return above

    def take_hidden(self) -> tuple[list[int], bool]:
        """Nodes that what changed in shadow trees hides, since this was last asked; and whether any may have to be
        masked.
        """
        slots = self.slots
        hosts, asked = slots.unsettled, slots.asked
        slots.unsettled, slots.asked = set(), set()
        shaded = [host for host in hosts if self.status(host) and self._is_shaded(host)]
        touched = set(asked)
        for host in shaded:
            children = self._children().get(host, set())
            self._visit(len(children))
            touched |= children
        hidden = [each for each in sorted(touched) if self.status(each) and self.around(each) & COVERED]
        return hidden, bool(shaded or asked)

    def _is_shaded(self, host: int) -> bool:
        own, standing = self.status(host), self.slots.all_of(host)
        self._visit(len(standing))
        return any(self.status(each) & REACHING & ~own for each in standing)

    def _visit(self, number: int) -> None:
        self._visits += max(number - _FEW, 0)
        if self._visits > _VISITS:
            raise RefusedError(Reason.NODE_LIMIT)

    def _shown(self, host: int, node_id: int) -> Iterable[int]:
        return self.slots.of(host, node_id)[0]

    def _host_above(self, node_id: int) -> int:
        """The host of the shadow tree that an attached node is in; 0 if it is in none."""
        at = node_id
        for _ in range(self._levels + 2):
            self.spend(STEP)
            kind = self.nodes.get(at)
            if kind is None or kind & TYPE_MASK == DOCUMENT:
                return 0
            if kind & SHADOW:
                return kind >> PARENT_SHIFT
            at = kind >> PARENT_SHIFT
        return 0

    def remember(self, node_id: int, kind: int, above: int) -> int:
        """The status of a node below one of status `above`, remembered."""
        status = above + LEVEL
        if kind & DECIDING or above & (IGNORING | VEILING):
            status = reach(kind, status)
        self._status[node_id] = status
        return status

    def _children(self) -> dict[int, set[int]]:
        if self._below is None:
            self._below = {}
            for node_id, kind in self.nodes.items():
                self._below.setdefault(kind >> PARENT_SHIFT, set()).add(node_id)
        return self._below
