"""Pages and events to enforce, in rrweb's own form, and ways to run them through."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterable
from typing import Any

from processors.privacy.enforce import enforce
from processors.privacy.limits import Limits
from processors.privacy.mirror import Mirror
from processors.privacy.page import PageLoad
from processors.privacy.policy import Policy, compile_policy
from processors.privacy.scene import Scene
from schemas.policy import BALANCED
from schemas.project import parse_policy
from schemas.reasons import Reason

Json = dict[str, Any]

DEFAULT = compile_policy(BALANCED)
# Not even what every project must have: no file can ask for this.
NOTHING = dataclasses.replace(
    compile_policy(
        parse_policy(
            """
            preset: open
            block: {classes: []}
            mask: {classes: []}
            ignore: {classes: []}
            network: {requests: keep}
            """
        )
    ),
    version="none",
    always=False,
    addresses=None,
)


def policy_of(text: str) -> Policy:
    """A policy as the project file gives it, YAML, compiled."""
    return compile_policy(parse_policy(text))


# The preset `balanced`, but for what it does about typing.
AS_TYPED = policy_of("inputs: {mask_typed: false, mask_file_names: false}")


def element(node_id: int, tag: str, *children: Json, **attributes: Any) -> Json:
    """An element; `class_` and names with "_" for "-" stand for the real ones, rrweb's own names for themselves."""
    named = {_real(name): value for name, value in attributes.items()}
    return {"type": 2, "tagName": tag, "attributes": named, "childNodes": list(children), "id": node_id}


def _real(name: str) -> str:
    return name if name.startswith(("rr_", "_")) else name.rstrip("_").replace("_", "-")


def words(node_id: int, text: str) -> Json:
    """A text node."""
    return {"type": 3, "textContent": text, "id": node_id}


def document(node_id: int, *children: Json) -> Json:
    """A document whose body holds `children`; html, head and body take the next three ids."""
    body = element(node_id + 3, "body", *children)
    html = element(node_id + 1, "html", element(node_id + 2, "head"), body)
    return {"type": 0, "childNodes": [html], "id": node_id}


BODY = 4


def snapshot(*children: Json, at: int = 100) -> Json:
    """A full snapshot; its body is node 4, so children start at 5."""
    data = {"node": document(1, *children), "initialOffset": {"top": 0, "left": 0}}
    return {"type": 2, "data": data, "timestamp": at}


def meta(href: str = "https://site.example/page", at: int = 100) -> Json:
    """The event before every snapshot."""
    return {"type": 4, "data": {"href": href, "width": 800, "height": 600}, "timestamp": at}


def incremental(source: int, at: int = 200, **data: Any) -> Json:
    """An incremental event."""
    return {"type": 3, "data": {"source": source, **data}, "timestamp": at}


def mutation(
    adds: Iterable[Json] = (),
    removes: Iterable[Json] = (),
    texts: Iterable[Json] = (),
    attributes: Iterable[Json] = (),
    at: int = 200,
    **more: Any,
) -> Json:
    """A mutation with all four lists."""
    lists = {"adds": list(adds), "removes": list(removes), "texts": list(texts), "attributes": list(attributes)}
    return incremental(0, at, **lists, **more)


def add(parent: int, node: Json, next_id: int | None = None) -> Json:
    """An add."""
    return {"parentId": parent, "nextId": next_id, "node": node}


def remove(parent: int, node_id: int) -> Json:
    """A remove."""
    return {"parentId": parent, "id": node_id}


def change(node_id: int, **attributes: Any) -> Json:
    """Attributes of a node that change."""
    return {"id": node_id, "attributes": {name.rstrip("_"): value for name, value in attributes.items()}}


class Run:
    """Events through one page load. `out` is what passed, `dropped` the reasons, in order."""

    def __init__(self, policy: Policy = DEFAULT, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        self.page = PageLoad(Mirror(limits.levels))
        self.scene = Scene(self.page.mirror, policy, limits)
        self.out: list[Json] = []
        self.dropped: list[Reason] = []

    def feed(self, *events: Any) -> Run:
        """Enforce copies of the events."""
        for event in events:
            verdict = enforce(copy.deepcopy(event), self.page, self.scene)
            if verdict.meta is not None:
                self.out.append(verdict.meta.event)
            if verdict.event is not None:
                self.out.append(verdict.event)
            if verdict.dropped is not None:
                self.dropped.append(verdict.dropped)
            if verdict.orphan is not None:
                self.dropped.append(Reason.ORPHAN_META)
        return self

    @property
    def last(self) -> Json:
        """Data of the last event that passed."""
        data: Json = self.out[-1]["data"]
        return data


def find(node: Json, node_id: int) -> Json:
    """A node of a tree."""
    stack = [node]
    while stack:
        node = stack.pop()
        if node["id"] == node_id:
            return node
        stack.extend(node.get("childNodes", []))
    raise LookupError(node_id)


def shown(run: Run, node_id: int) -> Json:
    """A node of the last snapshot that passed."""
    data = [event["data"] for event in run.out if event["type"] == 2][-1]
    return find(data["node"], node_id)
