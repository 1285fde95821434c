"""Mutations against the mirror: removes, then what attributes decide, then adds, texts and attributes.

The order is the specification's: a class that blocks or masks counts for everything else in its event, whatever the
order on the wire, and one that is taken away counts only from the next event on.
"""

from __future__ import annotations

from processors.privacy.adds import enforce_adds
from processors.privacy.attributes import clean, hide_echoes
from processors.privacy.choices import mask_choices
from processors.privacy.late import Late
from processors.privacy.mirror import COVERED, MASKED, TYPED, under
from processors.privacy.nodes import (
    BLOCKED,
    ELEMENT,
    GUARDED,
    SENT_EMPTY,
    SENT_FULL,
    SVG,
    TEXT,
    TEXTS,
    TYPE_MASK,
    is_field,
    tag_of,
)
from processors.privacy.placeholder import slim
from processors.privacy.refusal import Json, integer, malformed, objects
from processors.privacy.scene import Scene
from processors.privacy.spelling import is_spelled, spell_changes
from processors.privacy.texts import is_blank, text_below
from schemas.reasons import Reason


def enforce_mutation(scene: Scene, data: Json) -> Reason | None:
    """Enforce a mutation in place; the reason to drop all of it if nothing is left."""
    attributes, texts = objects(data, "attributes"), objects(data, "texts")
    if attributes:
        _spell(scene, attributes, data.get("adds"))
    late = Late(scene, attributes)
    removes = _enforce_removes(scene, objects(data, "removes"))
    covered = late.apply(removes)
    adds, hid = enforce_adds(scene, objects(data, "adds"), late, removes)
    mask_choices(scene, (entry["node"] for entry in adds))
    texts, is_repeated = _enforce_texts(scene, texts)
    attributes = _enforce_attributes(scene, attributes)
    data["texts"], data["attributes"], data["removes"], data["adds"] = texts, attributes, removes, adds
    late.release()
    if data.get("isAttachIframe") is not True:
        data.pop("isAttachIframe", None)
    if texts or attributes or removes or adds:
        return None
    if is_repeated:
        return Reason.REPEATED_INPUT
    return Reason.BLOCKED if covered or hid else Reason.UNKNOWN_NODE


def _spell(scene: Scene, attributes: list[Json], adds: object) -> None:
    """Make names of attributes those that the player sets."""
    for each in attributes:
        changes = each.get("attributes")
        if type(changes) is dict and not is_spelled(changes):
            break
    else:
        return
    nodes = scene.mirror.nodes
    ids = [integer(each, "id") for each in attributes]
    svg = {node_id for node_id in ids if nodes.get(node_id, 0) & SVG}
    for entry in adds if type(adds) is list else ():
        node = entry.get("node") if type(entry) is dict else None
        if type(node) is dict and type(node.get("id")) is int:
            (svg.add if node.get("isSVG") is True else svg.discard)(node["id"])
    spell_changes(attributes, frozenset(svg))


def _enforce_removes(scene: Scene, removes: list[Json]) -> list[Json]:
    """Those of nodes that are there, where they are said to be.

    A document and its shadow roots tell of their changes in events of their own: of a node that moves from one to the
    other the new place may be told first, and then it has already gone from the old one.
    """
    mirror = scene.mirror
    kept: list[Json] = []
    for entry in removes:
        node_id = integer(entry, "id")
        if not mirror.status(node_id) or not mirror.parent(node_id) or mirror.parent(node_id) != entry.get("parentId"):
            continue
        removal = mirror.removal(node_id)
        if entry.get("isShadow") is True:
            removal["isShadow"] = True
        kept.append(removal)
        mirror.drop(node_id)
    return kept


def _enforce_texts(scene: Scene, texts: list[Json]) -> tuple[list[Json], bool]:
    """The texts to emit, and whether one was left out that would have told of another stroke of a key."""
    mirror = scene.mirror
    kept: list[Json] = []
    is_repeated = False
    for entry in texts:
        node_id, value = integer(entry, "id"), entry.get("value")
        if value is not None and type(value) is not str:
            raise malformed()
        status = mirror.status(node_id)
        if not status or status & COVERED or mirror.own(node_id) & TYPE_MASK not in TEXTS:
            continue
        if value:
            new = _text_of(scene, node_id, value, status)
            scene.masked += new != value
            value = new
        if status & MASKED and status & TYPED:
            sent = SENT_EMPTY if is_blank(value or "") else SENT_FULL
            kind = mirror.nodes[node_id]
            if kind & sent:
                is_repeated = True
                continue
            mirror.mark(node_id, kind & ~(SENT_FULL | SENT_EMPTY) | sent)
        kept.append({"id": node_id, "value": value})
    return kept, is_repeated


def _text_of(scene: Scene, node_id: int, value: str, status: int) -> str:
    mirror = scene.mirror
    if mirror.own(node_id) & TYPE_MASK != TEXT and scene.policy.always:
        return ""
    tag = tag_of(mirror.own(mirror.parent(node_id)))
    return text_below(value, tag, bool(status & MASKED), scene.policy, bool(status & TYPED))


def _enforce_attributes(scene: Scene, attributes: list[Json]) -> list[Json]:
    mirror = scene.mirror
    kept: list[Json] = []
    for entry in attributes:
        node_id, changes = integer(entry, "id"), entry.get("attributes")
        if type(changes) is not dict:
            raise malformed()
        status = mirror.status(node_id)
        if not status or mirror.own(node_id) & TYPE_MASK != ELEMENT:
            continue
        kind = mirror.own(node_id)
        if kind & BLOCKED:
            changes = slim(changes)
        elif status & COVERED:
            continue
        else:
            ruled = under(kind, status)
            if ruled & GUARDED and is_field(ruled):
                scene.masked += hide_echoes(changes)
            scene.masked += clean(changes, ruled, mirror.masks_words(node_id, status), scene.policy)
        if changes:
            kept.append({"id": node_id, "attributes": changes})
    return kept
