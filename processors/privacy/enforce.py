"""One event against one page load: what of it may pass. No I/O, no clock; the page load is the only memory.

Events are owned by the callee: what passes is the very object given, changed in place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from processors.privacy import content, interaction, styles
from processors.privacy.limits import PASSES
from processors.privacy.mutation import enforce_mutation
from processors.privacy.page import Held, PageLoad, Phase
from processors.privacy.policy import Policy
from processors.privacy.refusal import Json, RefusedError, keep_only, malformed, numbers, text
from processors.privacy.scene import Scene
from processors.privacy.snapshot import enforce_full
from schemas.reasons import Reason
from schemas.rrweb import EventType, IncrementalSource

Enforce = Callable[[Scene, Json], Reason | None]

_SOURCES: dict[int, tuple[Enforce, frozenset[str]]] = {
    int(source): (enforce, frozenset({"source", *fields.split()}))
    for source, enforce, fields in (
        (IncrementalSource.MUTATION, enforce_mutation, "texts attributes removes adds isAttachIframe"),
        (IncrementalSource.MOUSE_MOVE, interaction.enforce_positions, "positions"),
        (IncrementalSource.TOUCH_MOVE, interaction.enforce_positions, "positions"),
        (IncrementalSource.DRAG, interaction.enforce_positions, "positions"),
        (IncrementalSource.MOUSE_INTERACTION, interaction.enforce_pointer, "type id x y pointerType"),
        (IncrementalSource.SCROLL, interaction.enforce_pointer, "id x y"),
        (IncrementalSource.VIEWPORT_RESIZE, interaction.enforce_viewport, "width height"),
        (IncrementalSource.INPUT, interaction.enforce_input, "id text isChecked userTriggered"),
        (
            IncrementalSource.MEDIA_INTERACTION,
            interaction.enforce_media,
            "type id currentTime volume muted loop playbackRate",
        ),
        (IncrementalSource.STYLE_SHEET_RULE, styles.enforce_rules, "id styleId adds removes replace replaceSync"),
        (
            IncrementalSource.CANVAS_MUTATION,
            interaction.enforce_canvas,
            "id type commands property args setter displayWidth displayHeight",
        ),
        (IncrementalSource.FONT, interaction.enforce_font, "family fontSource buffer descriptors"),
        (IncrementalSource.STYLE_DECLARATION, styles.enforce_declaration, "id styleId index set remove"),
        (IncrementalSource.SELECTION, interaction.enforce_selection, "ranges"),
        (IncrementalSource.ADOPTED_STYLE_SHEET, styles.enforce_adopted, "id styleIds styles"),
        (IncrementalSource.CUSTOM_ELEMENT, interaction.enforce_custom_element, "define"),
    )
}
# Asked for with every event; looking a member up in its enum is slow.
_DOM_CONTENT_LOADED: Final = int(EventType.DOM_CONTENT_LOADED)
_LOAD: Final = int(EventType.LOAD)
_FULL_SNAPSHOT: Final = int(EventType.FULL_SNAPSHOT)
_INCREMENTAL_SNAPSHOT: Final = int(EventType.INCREMENTAL_SNAPSHOT)
_META: Final = int(EventType.META)
_CUSTOM: Final = int(EventType.CUSTOM)
_PLUGIN: Final = int(EventType.PLUGIN)
_ANNOTATION: Final = int(EventType.ANNOTATION)
_VIEWPORT_RESIZE: Final = int(IncrementalSource.VIEWPORT_RESIZE)
_LOG: Final = int(IncrementalSource.LOG)
_ENVELOPE = frozenset({"type", "data", "timestamp", "delay"})
_USUAL: Final = 3  # fields: all of these but the delay
# What the packer, the plugin for sequential ids and PostHog's recorder add to the envelope. What others add goes: it
# could be anything.
_VERSION = re.compile(r"v[0-9]{1,3}")
_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[A-Za-z]?[0-9]{1,4}")
# The last millisecond an ECMAScript Date can name.
_LATEST: Final = 8_640_000_000_000_000


class Verdict:
    """The event to write, after the Meta that waited for it; or why it is dropped; or neither: a Meta now held.

    `orphan` is a Meta held before that is now given up: to be counted as ORPHAN_META.
    """

    __slots__ = ("dropped", "event", "meta", "orphan")

    # Written out, since there is one for each event: what a dataclass generates is not compiled.
    def __init__(
        self,
        event: Json | None = None,
        meta: Held | None = None,
        dropped: Reason | None = None,
        orphan: Held | None = None,
    ) -> None:
        self.event = event
        self.meta = meta
        self.dropped = dropped
        self.orphan = orphan


def enforce(event: object, page: PageLoad, scene: Scene) -> Verdict:
    """Enforce one event of a page load; `scene` belongs to the page load's mirror.

    A malformed event, or one past a bound, is dropped and degrades the page load until its next full snapshot.
    """
    try:
        if type(event) is not dict:
            raise malformed()
        scene.mirror.allow(scene.limits.work - PASSES * scene.size)
        return _enforce(event, page, scene)
    except RefusedError as refused:
        page.degrade()
        orphan = None
        if type(event) is dict and event.get("type") == _FULL_SNAPSHOT:
            orphan, page.held = page.held, None
        return Verdict(dropped=refused.reason, orphan=orphan)


def _enforce(event: Json, page: PageLoad, scene: Scene) -> Verdict:
    type_ = _enforce_envelope(event)
    if type_ == _INCREMENTAL_SNAPSHOT:
        return _one(event, _enforce_incremental(_data(event), page, scene))
    if type_ == _META:
        return _hold(event, page, scene)
    if type_ == _FULL_SNAPSHOT:
        return _full_snapshot(event, page, scene)
    if type_ in (_DOM_CONTENT_LOADED, _LOAD):
        event["data"] = {}
        return Verdict(event)
    if type_ == _CUSTOM:
        return _one(event, page.closed or content.enforce_custom(scene, _data(event)))
    if type_ == _PLUGIN:
        return _one(event, page.closed or content.enforce_plugin(scene, _data(event)))
    if type_ == _ANNOTATION:
        return _one(event, page.closed or content.enforce_annotation(scene, _data(event)))
    return Verdict(dropped=Reason.UNKNOWN_TYPE)


def _one(event: Json, reason: Reason | None) -> Verdict:
    return Verdict(event) if reason is None else Verdict(dropped=reason)


def _data(event: Json) -> Json:
    data = event.get("data")
    if type(data) is not dict:
        raise malformed()
    return data


def _enforce_envelope(event: Json) -> int:
    """The event's type; what else is in its envelope is checked, or goes."""
    type_, timestamp = event.get("type"), event.get("timestamp")
    if type(type_) is not int or (type(timestamp) is not int and type(timestamp) is not float):
        raise malformed()
    if not 0 <= timestamp <= _LATEST:
        raise malformed()
    # Most have these two and their data.
    if len(event) == _USUAL and "data" in event:
        return type_
    numbers(event, "delay")
    for name in [name for name in event if name not in _ENVELOPE]:
        if not _is_mark(name, event[name]):
            del event[name]
    return type_


def _is_mark(name: str, value: object) -> bool:
    if name == "v":
        return type(value) is str and _VERSION.fullmatch(value) is not None
    if name in ("windowId", "sessionId"):
        return type(value) is str and _ID.fullmatch(value) is not None
    return name == "_sid" and type(value) is int


def _enforce_incremental(data: Json, page: PageLoad, scene: Scene) -> Reason | None:
    source = data.get("source")
    if type(source) is not int:
        return Reason.UNKNOWN_TYPE
    if source == _LOG:
        return page.closed or content.enforce_log(scene, data)
    rule = _SOURCES.get(source)
    if rule is None:
        return Reason.UNKNOWN_TYPE
    closed = page.closed
    if closed is not None and source != _VIEWPORT_RESIZE:
        return closed
    enforce_source, fields = rule
    keep_only(data, fields)
    reason = enforce_source(scene, data)
    scene.mirror.check(scene.limits.nodes)
    return reason


def _hold(event: Json, page: PageLoad, scene: Scene) -> Verdict:
    data = _data(event)
    href = text(data, "href")
    numbers(data, "width", "height")
    keep_only(data, frozenset({"href", "width", "height"}))
    if scene.policy.addresses is not None:
        data["href"] = scene.policy.addresses.strip(href)
    orphan, page.held = page.held, Held(event, page.origin)
    return Verdict(orphan=orphan)


def cut_anew(held: Held, policy: Policy) -> Held:
    """A Meta that waits, under a policy that is not the one it was held under: what both cut off is gone."""
    data = held.event["data"]
    if policy.addresses is not None:
        data["href"] = policy.addresses.strip(data["href"])
    return held


def _full_snapshot(event: Json, page: PageLoad, scene: Scene) -> Verdict:
    enforce_full(scene, _data(event))
    scene.mirror.check(scene.limits.nodes)
    page.phase = Phase.READY
    held, page.held = page.held, None
    return Verdict(event, meta=held)
