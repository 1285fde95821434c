"""Where children of shadow hosts are shown: in the slots of the shadow tree, and so inside whatever the slots stand in.

Kept are ids and hashes of names. Of a blocked element the names of the slots in it are kept. What the recorder itself
blocked came without them: then children of the host that have no other slot count as shown in there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from zlib import crc32

from processors.privacy.refusal import Json

# A shadow tree has one slot of a name; which of more is used hangs on their order, so all of them count.
_SLOTS: Final = 16
# Stands among the names for slots that nothing is known of.
UNKNOWN: Final = 0xFFFFFFFF
NO_IDS: Final[frozenset[int]] = frozenset()


class Slots:
    """`names` are hashes of the names of slots, each slot's own and those in each blocked element; `wanted` of the
    slots that elements ask for, where they ask for one.

    `hosts` are ids of both by name, for each shadow host that has any. `unsettled` are hosts that got one of these, and
    `asked` elements that came to ask for another slot, since they were last taken. `walls` are blocked elements of
    shadow trees.
    """

    __slots__ = ("_places", "asked", "hosts", "names", "unsettled", "walls", "wanted")

    def __init__(self) -> None:
        self.names: dict[int, tuple[int, ...]] = {}
        self.wanted: dict[int, int] = {}
        self.hosts: dict[int, dict[int, set[int]]] = {}
        self.unsettled: set[int] = set()
        self.asked: set[int] = set()
        self.walls: set[int] = set()
        self._places: dict[int, int] = {}

    def clear(self) -> None:
        """Forget all."""
        self.names.clear()
        self.wanted.clear()
        self.hosts.clear()
        self.unsettled.clear()
        self.asked.clear()
        self.walls.clear()
        self._places.clear()

    @property
    def is_used(self) -> bool:
        """True if there is something to forget."""
        return bool(self.names or self.wanted or self.walls)

    def place(self, node_id: int, host: int) -> None:
        """A slot, or a blocked element with slots in it, stands in the shadow tree of `host`."""
        of_host = self.hosts.setdefault(host, {})
        for name in self.names[node_id]:
            of_host.setdefault(name, set()).add(node_id)
        self._places[node_id] = host
        self.unsettled.add(host)

    def remove(self, node_id: int) -> None:
        """It stands there no more."""
        host = self._places.pop(node_id, None)
        if host is None:
            return
        of_host = self.hosts[host]
        for name in self.names[node_id]:
            of_host[name].discard(node_id)
            if not of_host[name]:
                del of_host[name]
        if not of_host:
            del self.hosts[host]

    def forget(self, node_id: int) -> None:
        """A node went."""
        self.remove(node_id)
        self.walls.discard(node_id)
        self.names.pop(node_id, None)
        self.wanted.pop(node_id, None)

    def of(self, host: int, child: int) -> tuple[Iterable[int], bool]:
        """The slots in which a child of a host in `hosts` may be shown, and whether it may be in another one that is
        blocked.
        """
        of_host = self.hosts[host]
        found = of_host.get(self.wanted.get(child, 0), NO_IDS)
        if len(found) > _SLOTS:
            return NO_IDS, True
        return found, not found and UNKNOWN in of_host

    def all_of(self, host: int) -> set[int]:
        """All that stands in the shadow tree of a host."""
        return {each for ids in self.hosts.get(host, {}).values() for each in ids}


def names_in(node: Json) -> tuple[int, ...]:
    """Of a blocked element as it came, the names of the slots that are gone with it."""
    found: set[int] = set()
    attributes = node.get("attributes")
    if type(attributes) is dict and ("rr_width" in attributes or "rr_height" in attributes):
        found.add(UNKNOWN)
    waiting = [node]
    while waiting:
        each = waiting.pop()
        tag, attributes, children = each.get("tagName"), each.get("attributes"), each.get("childNodes")
        if type(tag) is str and tag.lower() == "slot":
            found.add(hashed(attributes.get("name") if type(attributes) is dict else None))
        if type(children) is list:
            # What is in a shadow tree within shows other elements.
            waiting += [child for child in children if type(child) is dict and child.get("isShadow") is not True]
    return tuple(sorted(found))


def hashed(name: object) -> int:
    """What stands for a name of a slot; 0 for none."""
    return crc32(name.encode("utf-8", "replace")) if type(name) is str and name else 0
