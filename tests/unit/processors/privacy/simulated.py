"""A page that changes, and what a recorder tells of it, in the form of rrweb 2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.unit.processors.privacy.pages import add, meta, mutation, remove

Json = dict[str, Any]
CLASSES = ("", "rr-block", "rr-mask", "x rr-mask", "x")
TYPES = ("text", "password", "email")
TEXT, DOCUMENT = "#text", "#document"
_TAGS = ("p", TEXT, "x-card", "iframe", "input", "input")
_HOLDERS = ("body", "p", "x-card")


@dataclass(eq=False)
class Node:
    """An element, a text or a document. Children of an `x-card` may be those of its shadow root."""

    id: int
    tag: str
    is_shadow: bool = False
    parent: Node | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def below(self) -> Iterator[Node]:
        """The node and all in it, parents first; not the documents of iframes, which are told of by themselves."""
        yield self
        for child in self.children:
            if child.tag != DOCUMENT:
                yield from child.below()

    def told(self, *, whole: bool = False) -> Json:
        """As rrweb serializes it; `whole` with what is in it."""
        children = [child.told(whole=True) for child in self.children if whole and child.tag != DOCUMENT]
        told: Json = {"id": self.id}
        if self.tag == TEXT:
            told |= {"type": 3, "textContent": self.text}
        elif self.tag == DOCUMENT:
            told |= {"type": 0, "childNodes": children}
        else:
            told |= {"type": 2, "tagName": self.tag, "attributes": dict(self.attributes), "childNodes": children}
        return told | ({"isShadow": True} if self.is_shadow else {})

    def next(self) -> Node | None:
        """The sibling behind it."""
        siblings = (
            [each for each in self.parent.children if each.is_shadow == self.is_shadow] if self.parent else [self]
        )
        return next(iter(siblings[siblings.index(self) + 1 :]), None)


class Page:
    """`events` is what was told so far. Steps name nodes by numbers: whatever the number, it is some node's."""

    def __init__(self) -> None:
        self.events: list[Json] = []
        self._last_id = 0
        self._said = 0
        self._document = self._new_document()
        self.check_out()

    def step(self, kind: int, which: int, where: int, what: int) -> None:
        """One thing that happens on the page; nothing if the nodes are not of the sort for it."""
        steps = (self._insert, self._insert, self._move, self._remove, self._restyle, self._say, self._load)
        steps[kind % len(steps)](which, where, what)

    def flush(self) -> None:
        """The recorder tells what changed since it last did, by comparing."""
        now = {node.id: node for node in self._nodes()}
        came = [node for node in now.values() if node.id not in self._known or self._is_moved(node)]
        ids = {node.id for node in came}
        gone = [
            remove(parent.id, node.id) | ({"isShadow": True} if node.is_shadow else {})
            for node, parent, _ in reversed(self._known.values())
            if parent is not None and (node.id not in now or node in self._moved) and parent.id in now
        ]
        old = [(node, before) for node, _, before in self._known.values() if node.id in now and node.id not in ids]
        texts = [{"id": node.id, "value": node.text} for node, before in old if before["#"] != node.text]
        attributes = [
            {"id": node.id, "attributes": {name: node.attributes.get(name) for name in sorted(changed)}}
            for node, before in old
            if (changed := {name for name, value in node.attributes.items() if before.get(name) != value})
        ]
        adds = [self._addition(node) for node in reversed(came) if node.tag != DOCUMENT]
        if gone or adds or texts or attributes:
            self._tell(mutation(adds, gone, texts, attributes))
        self._know()

    def check_out(self) -> None:
        """A full snapshot, and after it the documents of all iframes."""
        node = self._document.told(whole=True)
        self._tell(meta())
        self._tell({"type": 2, "data": {"node": node, "initialOffset": {"top": 0, "left": 0}}})
        for frame in [node for node in self._nodes() if node.tag == "iframe"]:
            self._attach(frame)
        self._know()

    def _insert(self, which: int, where: int, what: int) -> None:
        parent = self._some(which, *_HOLDERS)
        node = self._new(_TAGS[what % len(_TAGS)], where)
        self._place(node, parent, where, is_shadow=parent.tag == "x-card" and what % 2 == 0)

    def _move(self, which: int, where: int, what: int) -> None:
        node, parent = self._some(which, *_TAGS), self._some(where, *_HOLDERS)
        if node.tag == "body" or parent in node.below() or self._home(node) is not self._home(parent):
            return
        for each in node.below():
            # Where an iframe comes to it loads anew.
            if each.tag == "iframe":
                each.children.clear()
            self._moved.add(each)
        self._detach(node)
        self._place(node, parent, what, is_shadow=parent.tag == "x-card" and what % 2 == 0)

    def _remove(self, which: int, _: int, __: int) -> None:
        node = self._some(which, *_TAGS)
        if node.tag != "body":
            self._detach(node)

    def _restyle(self, which: int, where: int, what: int) -> None:
        node = self._some(which, "body", "p", "x-card", "iframe", "input")
        if node.tag == "input" and where % 4:
            node.attributes["type"] = TYPES[what % len(TYPES)]
        # A page whose body is blocked is another test's.
        elif node.tag != "body" or what % len(CLASSES) != 1:
            node.attributes["class"] = CLASSES[what % len(CLASSES)]

    def _say(self, which: int, _: int, __: int) -> None:
        node = self._some(which, "p", TEXT, "input")
        if node.tag == TEXT:
            node.text = self._words()
        elif node.tag != "body":
            node.attributes["value" if node.tag == "input" else "title"] = self._words()

    def _load(self, which: int, where: int, _: int) -> None:
        """An iframe loads a document, or what it has is told of once more."""
        frame = self._some(which, "iframe")
        if frame.tag != "iframe":
            return
        self.flush()
        if where % 3 or not frame.children:
            document = self._new_document()
            frame.children, document.parent = [document], frame
        self._attach(frame)
        self._know()

    def _attach(self, frame: Node) -> None:
        for document in frame.children:
            self._tell(mutation([add(frame.id, document.told(whole=True))], isAttachIframe=True))
            for inner in [node for node in document.below() if node.tag == "iframe"]:
                self._attach(inner)

    def _tell(self, event: Json) -> None:
        self.events.append(event | {"timestamp": 100 + len(self.events)})

    def _know(self) -> None:
        """What the recorder remembers: each node with its parent, attributes and text."""
        self._moved: set[Node] = set()
        self._known = {node.id: (node, node.parent, dict(node.attributes) | {"#": node.text}) for node in self._nodes()}

    def _is_moved(self, node: Node) -> bool:
        return node in self._moved

    def _addition(self, node: Node) -> Json:
        behind = node.next()
        assert node.parent is not None
        return add(node.parent.id, node.told(), behind.id if behind else None)

    def _nodes(self) -> list[Node]:
        """All that are in the page and the documents in it."""
        found: list[Node] = []
        waiting = [self._document]
        while waiting:
            part = list(waiting.pop().below())
            found += part
            waiting += [child for node in part for child in node.children if child.tag == DOCUMENT]
        return found

    def _some(self, which: int, *tags: str) -> Node:
        """A node of one of the tags, if there is one; else the body."""
        nodes = self._nodes()
        fitting = [node for node in nodes if node.tag in tags] or [node for node in nodes if node.tag == "body"]
        return fitting[which % len(fitting)]

    def _home(self, node: Node) -> Node:
        return node if node.tag == DOCUMENT or node.parent is None else self._home(node.parent)

    def _place(self, node: Node, parent: Node, where: int, *, is_shadow: bool) -> None:
        node.parent, node.is_shadow = parent, is_shadow
        parent.children.insert(where % (len(parent.children) + 1), node)

    def _detach(self, node: Node) -> None:
        assert node.parent is not None
        node.parent.children.remove(node)

    def _new_document(self) -> Node:
        document, html, body = self._new(DOCUMENT), self._new("html"), self._new("body")
        document.children, html.children = [html], [body]
        html.parent, body.parent = document, html
        for tag in ("p", TEXT):
            self._place(self._new(tag), body, 0, is_shadow=False)
        return document

    def _new(self, tag: str, number: int = 0) -> Node:
        self._last_id += 1
        node = Node(self._last_id, tag)
        if tag == TEXT:
            node.text = self._words()
        elif tag == "input":
            node.attributes = {"type": TYPES[number % len(TYPES)], "value": self._words()}
        elif tag not in (DOCUMENT, "html", "body"):
            node.attributes = {"class": CLASSES[number % len(CLASSES)], "title": self._words()}
        return node

    def _words(self) -> str:
        self._said += 1
        return f"said {self._said}"
