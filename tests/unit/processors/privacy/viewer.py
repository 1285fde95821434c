"""A naive player: keeps the tree that events build and notes what rrweb's player would stumble over."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class Viewer:
    """`complaints` are the player's, in short; an empty list is a recording that plays."""

    def __init__(self) -> None:
        self.parents: dict[int, int] = {}
        self.types: dict[int, int] = {}
        self.tags: dict[int, str] = {}
        self.complaints: list[str] = []
        self._meta = False

    def watch(self, events: list[Json]) -> list[str]:
        """Play events; all complaints so far."""
        for event in events:
            data = event["data"]
            if self._meta and event["type"] != 2:
                self.complaints.append("Meta without its snapshot")
            self._meta = event["type"] == 4
            if event["type"] == 2:
                self.parents.clear()
                self._build(data["node"], 0)
                if not any(child["type"] == 2 for child in data["node"]["childNodes"]):
                    self.complaints.append("document without a root element")
            elif event["type"] == 3 and data["source"] == 0:
                self._mutate(data)
            elif event["type"] == 3:
                self._act(data)
        return self.complaints

    def _build(self, node: Json, parent: int) -> None:
        if node["id"] in self.parents:
            self.complaints.append(f"node {node['id']} twice")
        self._put(node, parent)
        for child in node.get("childNodes", []):
            self._build(child, node["id"])

    def _put(self, node: Json, parent: int) -> None:
        self.parents[node["id"]] = parent
        self.types[node["id"]] = node["type"]
        self.tags[node["id"]] = node.get("tagName", "")

    def _forget(self, node_id: int) -> None:
        gone = {node_id}
        grew = True
        while grew:
            below = {child for child, parent in self.parents.items() if parent in gone} - gone
            gone |= below
            grew = bool(below)
        for each in gone:
            del self.parents[each]

    def _mutate(self, data: Json) -> None:
        if not any(data[name] for name in ("removes", "adds", "texts", "attributes")):
            self.complaints.append("mutation without content")
        for entry in data["removes"]:
            if self.parents.get(entry["id"]) != entry["parentId"]:
                self.complaints.append(f"remove of {entry['id']}")
            else:
                self._forget(entry["id"])
        self._add(data["adds"])
        for entry in [*data["texts"], *data["attributes"]]:
            if entry["id"] not in self.parents:
                self.complaints.append(f"Node with id {entry['id']} not found")

    def _add(self, adds: list[Json]) -> None:
        waiting = adds
        while waiting:
            later = []
            for entry in waiting:
                sibling = entry.get("nextId")
                if entry["parentId"] in self.parents and (sibling in (None, -1) or sibling in self.parents):
                    self._place(entry["node"], entry["parentId"])
                else:
                    later.append(entry)
            if len(later) == len(waiting):
                self.complaints += [f"add of {entry['node']['id']}" for entry in later]
                return
            waiting = later

    def _place(self, node: Json, parent: int) -> None:
        # A node that is added again moves, and takes its children along.
        if node["type"] != 0:
            self._put(node, parent)
            return
        if self.tags[parent] != "iframe":
            self.complaints.append("document outside of an iframe")
        for old in [child for child, above in self.parents.items() if above == parent]:
            self._forget(old)
        self._build(node, parent)

    def _act(self, data: Json) -> None:
        positions = data.get("positions")
        if positions is not None and not positions:
            self.complaints.append("no positions")
        for holder in [data, *(positions or ())]:
            if holder.get("id") is not None and holder["id"] not in self.parents:
                self.complaints.append(f"act on unknown {holder['id']}")
