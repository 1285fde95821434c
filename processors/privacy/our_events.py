"""Custom events that our own recorder, enrich and replay write: each in its one form, any other of these tags dropped.

They hold nothing of the page but an address and the number of a node, so that no list of tags need name them. All but
those about a node pass without a snapshot too: they tell of a session that has no picture.
"""

from __future__ import annotations

from processors.privacy.mirror import COVERED
from processors.privacy.page import PageLoad
from processors.privacy.refusal import Json, integer, keep_only, malformed, text
from processors.privacy.scene import Scene
from schemas.reasons import NotRecorded, Reason
from schemas.rrweb import NOT_RECORDED, OUR_TAGS, ROUTE, TOP_LAYER, VISIBILITY

_KINDS = frozenset({"popover", "fullscreen"})
_REASONS = frozenset(each.value for each in NotRecorded)
_MOST = 2**31


def is_ours(data: Json) -> bool:
    """Whether a custom event has a tag of ours, be it known or not."""
    tag = data.get("tag")
    return type(tag) is str and tag.startswith(OUR_TAGS)


def enforce_ours(scene: Scene, page: PageLoad, data: Json) -> Reason | None:
    """Why a custom event with a tag of ours is dropped; None if it passes, in place as it may be seen."""
    keep_only(data, frozenset({"tag", "payload"}))
    payload = data.get("payload")
    if type(payload) is not dict:
        return Reason.NOT_ALLOWED
    tag = data["tag"]
    if tag == ROUTE:
        return _route(scene, payload)
    if tag == VISIBILITY:
        keep_only(payload, frozenset({"visible"}))
        return None if type(payload.get("visible")) is bool else Reason.NOT_ALLOWED
    if tag == NOT_RECORDED:
        keep_only(payload, frozenset({"reason", "count"}))
        reason, count = payload.get("reason"), payload.get("count")
        known = type(reason) is str and reason in _REASONS and type(count) is int and 1 <= count < _MOST
        return None if known else Reason.NOT_ALLOWED
    if tag == TOP_LAYER:
        return page.closed or _top_layer(scene, payload)
    return Reason.NOT_ALLOWED


def _route(scene: Scene, payload: Json) -> Reason | None:
    keep_only(payload, frozenset({"href"}))
    if type(payload.get("href")) is not str:
        return Reason.NOT_ALLOWED
    if scene.policy.addresses is not None:
        payload["href"] = scene.policy.addresses.strip(text(payload, "href"))
    return None


def _top_layer(scene: Scene, payload: Json) -> Reason | None:
    keep_only(payload, frozenset({"id", "kind", "open"}))
    if type(payload.get("open")) is not bool or payload.get("kind") not in _KINDS:
        raise malformed()
    status = scene.mirror.status(integer(payload, "id"))
    if not status:
        return Reason.UNKNOWN_NODE
    return Reason.BLOCKED if status & COVERED else None
