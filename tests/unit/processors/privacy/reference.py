"""What must be seen of a recording, found the slow way: the whole tree is kept, and looked at for every event."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
DOCUMENT, ELEMENT, TEXT = 0, 2, 3
STARS = "********"


@dataclass(eq=False)
class Seen:
    """A node as a player has it. `shown` is what was written to it last, by attribute name; a text's under "#"."""

    node: Json
    parent: Seen | None = None
    children: list[Seen] = field(default_factory=list)
    classes: set[str] = field(default_factory=set)
    shown: dict[str, str] = field(default_factory=dict)
    is_blocked: bool = False

    def line(self) -> list[Seen]:
        """The node and all above it."""
        return [self, *(self.parent.line() if self.parent else [])]


class Tree:
    """A player's tree; as the recorder's events build it, or the enforced ones. Enforces nothing by itself."""

    def __init__(self) -> None:
        self.root: Seen | None = None
        self.by_id: dict[int, Seen] = {}

    def play(self, event: Json) -> None:
        """Apply an event."""
        data = event["data"]
        if event["type"] == 2:
            self.by_id = {}
            self.root = self._build(data["node"], None)
        elif event["type"] == 3:
            for entry in data["removes"]:
                self._forget(self.by_id[entry["id"]])
            self._add(data["adds"])
            for entry in data["texts"]:
                self.write(self.by_id[entry["id"]], {"#": entry["value"]})
            for entry in data["attributes"]:
                self.write(self.by_id[entry["id"]], entry["attributes"])

    def write(self, seen: Seen, values: Json) -> None:
        """Text or attributes come to a node."""
        seen.shown |= values
        if "class" in values:
            seen.classes = set((values["class"] or "").split())

    def picture(self) -> list[Json]:
        """All nodes, parents first, siblings in order, light ones before those of the shadow root."""
        found, waiting = [], [self.root] if self.root else []
        while waiting:
            seen = waiting.pop()
            children = sorted(self.inside(seen), key=lambda child: child.node.get("isShadow") is True)
            found.append(
                {"id": seen.node["id"], "shown": seen.shown, "children": [each.node["id"] for each in children]}
            )
            waiting += reversed(children)
        return found

    def inside(self, seen: Seen) -> list[Seen]:
        """What is in a node."""
        return seen.children

    def _add(self, adds: list[Json]) -> None:
        waiting = list(adds)
        while waiting:
            entry = next(each for each in waiting if self._fits(each))
            waiting.remove(entry)
            parent = self.by_id[entry["parentId"]]
            if entry["node"]["type"] == DOCUMENT:
                for child in list(parent.children):
                    self._forget(child)
            old = self.by_id.get(entry["node"]["id"])
            if old is not None:
                self._forget(old)
            seen = self._build(entry["node"], parent)
            behind = entry["nextId"]
            parent.children.insert(
                len(parent.children) if behind is None else parent.children.index(self.by_id[behind]), seen
            )

    def _fits(self, entry: Json) -> bool:
        parent, behind = self.by_id.get(entry["parentId"]), entry["nextId"]
        return parent is not None and (behind is None or (behind in self.by_id and self.by_id[behind].parent is parent))

    def _build(self, node: Json, parent: Seen | None) -> Seen:
        seen = self.by_id[node["id"]] = Seen(node, parent)
        self.write(seen, {"#": node["textContent"]} if node["type"] == TEXT else node.get("attributes", {}))
        seen.children = [self._build(child, seen) for child in node.get("childNodes", [])]
        return seen

    def _forget(self, seen: Seen) -> None:
        for child in list(seen.children):
            self._forget(child)
        if seen.parent is not None:
            seen.parent.children.remove(seen)
        del self.by_id[seen.node["id"]]


class Reference(Tree):
    """The tree of the recorder's own events, and what the preset `balanced` lets be seen of it: `picture`.

    `as_typed` is of a policy that keeps what people type.
    """

    def __init__(self, as_typed: bool) -> None:
        super().__init__()
        self._as_typed = as_typed
        self._secrets: set[int] = set()
        self._written: list[tuple[Seen, Json]] = []

    def play(self, event: Json) -> None:
        """Apply an event, and then decide about all that it wrote."""
        before = {seen: seen.classes for seen in self.by_id.values()}
        self._written = []
        super().play(event)
        # Within an event a class counts that is there at its start or at its end.
        classes = {seen: seen.classes | before.get(seen, set()) for seen in self.by_id.values()}
        for seen, values in self._written:
            if values.get("type") == "password":
                self._secrets.add(seen.node["id"])
            if "class" in values and "rr-block" in classes[seen]:
                seen.is_blocked = True
        for seen, values in self._written:
            masked = any("rr-mask" in classes[each] for each in seen.line())
            for name, value in values.items():
                if not seen.is_blocked or name == "class":
                    seen.shown[name] = self._shown(seen, name, value, masked)

    def write(self, seen: Seen, values: Json) -> None:
        """Note what comes; it is decided about when the whole event is known."""
        if "class" in values:
            seen.classes = set((values["class"] or "").split())
        self._written.append((seen, dict(values)))

    def inside(self, seen: Seen) -> list[Seen]:
        """Nothing, of what is blocked."""
        return [] if seen.is_blocked else seen.children

    def _shown(self, seen: Seen, name: str, value: str, masked: bool) -> str:
        if name == "value" and (masked or not self._as_typed or seen.node["id"] in self._secrets):
            return STARS
        if masked and name in ("#", "title"):
            return "".join(each if each == " " else "*" for each in value)
        return value
