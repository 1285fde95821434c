"""Lists to choose from: a select tells which of its options is chosen, so it is masked with the first of them."""

from __future__ import annotations

from collections.abc import Iterable

from processors.privacy.attributes import clean
from processors.privacy.limits import STEP
from processors.privacy.mirror import IGNORING, MASKED, TYPED, VEILING, under
from processors.privacy.nodes import BLOCKED, ELEMENT, PARENT_SHIFT, SELECT, TEXT, TYPE_MASK, VEILED, tag_of
from processors.privacy.refusal import Json
from processors.privacy.scene import Scene
from processors.privacy.texts import text_below


def hide_choice(scene: Scene, parent: int) -> None:
    """Something below `parent` is masked or blocked: if that is in a select, its value and options are masked too."""
    nodes = scene.mirror.nodes
    at = parent
    while at:
        kind = nodes.get(at)
        if kind is None:
            return
        if tag_of(kind) == SELECT:
            if not scene.mirror.status(at) & MASKED:
                scene.mirror.put(at, kind | VEILED)
                scene.veiled = True
            return
        scene.mirror.spend(STEP)
        at = kind >> PARENT_SHIFT


def mask_choices(scene: Scene, nodes: Iterable[Json]) -> None:
    """Mask what was let through of selects before one of their options turned out to be hidden, and of what is shown in
    slots before these turned out to stand in a mask.

    `nodes` are all that the event emits so far, each with what is below it.
    """
    if not scene.veiled:
        return
    scene.veiled = False
    mirror, policy = scene.mirror, scene.policy
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        waiting += node.get("childNodes", ())
        status = mirror.status(node["id"])
        if not status & (MASKED | IGNORING | VEILING):
            continue
        masked = bool(status & MASKED)
        kind = mirror.own(node["id"])
        if kind & TYPE_MASK == TEXT:
            above = tag_of(mirror.own(mirror.parent(node["id"])))
            new = text_below(node["textContent"], above, masked, policy, bool(status & TYPED))
            scene.masked += new != node["textContent"]
            node["textContent"] = new
        elif kind & TYPE_MASK == ELEMENT and not kind & BLOCKED and node.get("attributes"):
            masked = mirror.masks_words(node["id"], status)
            scene.masked += clean(node["attributes"], under(kind, status), masked, policy)
