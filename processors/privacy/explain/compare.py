"""One event before and after the rules: what of it is gone or different, and on which node."""

from __future__ import annotations

from processors.privacy.explain import contents, why
from processors.privacy.explain.change import ABSENT, action_on
from processors.privacy.explain.events import changes_of, name_of, nodes_of, pointed_at, texts_of
from processors.privacy.explain.fields import entered
from processors.privacy.explain.findings import Action, Findings, What, Why
from processors.privacy.explain.tree import Tree, below
from processors.privacy.mirror import Mirror
from processors.privacy.nodes import BLOCKED
from processors.privacy.policy import Policy
from processors.privacy.refusal import Json
from schemas.reasons import Reason
from schemas.rrweb import EventType, NodeType

# Reasons that are about the nodes of an event: these are told one by one.
_OF_NODES = frozenset({Reason.BLOCKED, Reason.UNKNOWN_NODE})
# Fields of data that are told node by node.
_TOLD = {
    "meta": frozenset({"href"}),
    "full_snapshot": frozenset({"node"}),
    "mutation": frozenset({"adds", "removes", "texts", "attributes"}),
    **dict.fromkeys(("mouse_move", "touch_move", "drag"), frozenset({"positions"})),
    "selection": frozenset({"ranges"}),
}
_POINTERS = (("positions", "id", "pointer position"), ("ranges", "start", "selection"))


class Comparison:
    """Follows a recording; `mirror` is the enforcer's own, read right after it has enforced the event."""

    def __init__(self, policy: Policy, mirror: Mirror) -> None:
        self.findings = Findings()
        self._policy = policy
        self._mirror = mirror
        self._tree = Tree()
        self._blocked: set[int] = set()
        self._at = 0

    def turn(self, mirror: Mirror) -> None:
        """Another page load follows, with a mirror of its own."""
        self._mirror = mirror
        self._tree.clear()
        self._blocked.clear()

    def dropped(self, event: Json, reason: Reason) -> None:
        """The whole event was left out."""
        self._see(event)
        part = f"event {name_of(event)}"
        data = event.get("data")
        node_id = data.get("id") if type(data) is dict else None
        node_id = node_id if type(node_id) is int else -1
        if reason in _OF_NODES and (
            self._compare_page(event, {}) or self._compare_pointers(event, {}) or self._is_inside(node_id, part)
        ):
            return
        self._find(Action.DROPPED, node_id, part, self._why_dropped(event, node_id, reason), contents.subject(event))

    def passed(self, before: Json, after: Json) -> None:
        """The event passed, whole or in part."""
        self._see(before)
        self._compare_page(before, after)
        self._compare_pointers(before, after)
        if before["type"] == EventType.META:
            self._compare(-1, "href", before["data"].get("href"), after["data"]["href"], "page address")
        self._compare_contents(before, after)
        for node_id, sort in entered(self._tree, after):
            self._find(Action.KEPT, node_id, sort.value, why.kept(sort))

    def _see(self, event: Json) -> None:
        """Take in what the event says of the page, and note what it makes blocked."""
        self._at = int(event["timestamp"])
        if event.get("type") == EventType.FULL_SNAPSHOT:
            self._blocked.clear()
            self._tree.clear()
        touched: list[int] = []
        for parent, root in nodes_of(event):
            for node in self._tree.add(root, parent):
                self._blocked.discard(node["id"])
                touched.append(node["id"])
        for node_id, changes in changes_of(event).items():
            self._tree.change(node_id, changes)
            touched.append(node_id)
        for node_id in touched:
            is_blocked = node_id in self._mirror.nodes and self._mirror.own(node_id) & BLOCKED
            if is_blocked and node_id not in self._blocked:
                self._blocked.add(node_id)
                self._find(Action.BLOCKED, node_id, "element", why.block(self._policy, self._tree, node_id))

    def _compare_page(self, before: Json, after: Json) -> bool:
        """Nodes, texts and attributes; False if the event has none."""
        brought = [node for _, root in nodes_of(before) for node in below(root)]
        passed = {node["id"]: node for _, root in nodes_of(after) for node in below(root)}
        for node in brought:
            self._compare_node(node, passed.get(node["id"]))
        changes, texts = changes_of(before), texts_of(before)
        changes_after, texts_after = changes_of(after), texts_of(after)
        for node_id in {**changes, **texts}:
            if not self._is_gone(node_id):
                self._compare_attributes(node_id, changes.get(node_id, {}), changes_after.get(node_id, {}))
                new = texts_after.get(node_id, ABSENT)
                self._compare(node_id, "", texts.get(node_id, ABSENT), new, "text")
        return bool(brought or changes or texts)

    def _compare_node(self, node: Json, after: Json | None) -> None:
        node_id = node["id"]
        if self._is_gone(node_id) or node_id in self._blocked:
            return
        # A node that another part of the same event takes away again comes and goes unseen.
        kept = after or {}
        if node.get("type") == NodeType.ELEMENT:
            self._compare_attributes(node_id, node.get("attributes") or {}, kept.get("attributes", {}))
        else:
            self._compare(node_id, "", node.get("textContent", ABSENT), kept.get("textContent", ABSENT), "text")

    def _compare_attributes(self, node_id: int, before: Json, after: Json) -> None:
        if node_id not in self._blocked:
            for name, value in before.items():
                self._compare(node_id, name, value, after.get(name, ABSENT), f"attribute {name}")

    def _compare_pointers(self, before: Json, after: Json) -> bool:
        """Positions and ranges; False if the event has none."""
        any_at_all = False
        for name, end, part in _POINTERS:
            kept = pointed_at(after, name, end)
            for node_id in pointed_at(before, name, end):
                any_at_all = True
                if node_id in kept:
                    kept.remove(node_id)
                elif not self._is_inside(node_id, part):
                    named = why.reason(Reason.UNKNOWN_NODE) if node_id > 0 else why.NOT_NAMED
                    self._find(Action.DROPPED, node_id, part, named)
        return any_at_all

    def _compare_contents(self, before: Json, after: Json) -> None:
        """What an event carries beside what is told node by node."""
        data, subject = before.get("data"), contents.subject(before)
        node_id = data.get("id") if type(data) is dict else None
        node_id = node_id if type(node_id) is int else -1
        name = name_of(before)
        is_input = name == "input"
        for action, part, rule in contents.changes(self._policy, before, after, _TOLD.get(name, frozenset())):
            if is_input:
                reason = why.change(self._policy, self._tree, node_id, "value", action)
            else:
                reason = why.mask(self._policy, self._tree, node_id) or Why(rule)
            where = part if subject else f"{part} of {name}"
            self._find(action, node_id, f"typed {part}" if is_input else where, reason, subject)

    def _why_dropped(self, event: Json, node_id: int, reason: Reason) -> Why:
        if reason is not Reason.NOT_ALLOWED:
            return why.reason(reason)
        setting = contents.setting(self._policy, event)
        masked = why.mask(self._policy, self._tree, node_id)
        return Why(setting) if setting else masked or why.CANVAS

    def _compare(self, node_id: int, name: str, before: object, after: object, part: str) -> None:
        action = action_on(before, after)
        if action is not None:
            self._find(action, node_id, part, why.change(self._policy, self._tree, node_id, name, action))

    def _is_gone(self, node_id: int) -> bool:
        """True, and noted, if nothing of the node may be shown."""
        if self._is_inside(node_id, "what is inside"):
            return True
        if self._mirror.status(node_id):
            return False
        self._find(Action.DROPPED, node_id, "node", why.reason(Reason.UNKNOWN_NODE))
        return True

    def _is_inside(self, node_id: int, part: str) -> bool:
        """True, and noted on the blocked element, if the node is inside one, or shown in a slot inside one."""
        for above, _ in self._tree.around(node_id):
            if above != node_id and above in self._blocked:
                self._find(Action.BLOCKED, above, part, why.block(self._policy, self._tree, above))
                return True
        return False

    def _find(self, action: Action, node_id: int, part: str, reason: Why, subject: str = "") -> None:
        self.findings.add(What(action, subject or self._path(node_id), part, reason), self._at, node_id)

    def _path(self, node_id: int) -> str:
        return self._tree.path(node_id) if node_id > 0 else ""
