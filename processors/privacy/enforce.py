"""One event against one page load: what of it may pass. No I/O, no clock; the page load is the only memory.

Events are owned by the callee: what passes is the very object given, changed in place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from processors.privacy import content, interaction, styles
from processors.privacy.mutation import enforce_mutation
from processors.privacy.page import Held, PageLoad, Phase
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
_ENVELOPE = frozenset({"type", "data", "timestamp", "delay"})
# rrweb's own and its plugins' additions to the envelope are numbers and marks (`v`, `_sid`, `windowId`), which have
# digits in them.
_MARK = re.compile(r"(?=.*\d)[\w$.:/+=-]{1,128}", re.ASCII)
_MARK_NAME = re.compile(r"[\w$.-]{1,32}", re.ASCII)
# The last millisecond an ECMAScript Date can name.
_LATEST = 8.64e15


@dataclass(slots=True)
class Verdict:
    """The event to write, after the Meta that waited for it; or why it is dropped; or neither: a Meta now held.

    `orphan` is a Meta held before that is now given up: to be counted as ORPHAN_META.
    """

    event: Json | None = None
    meta: Held | None = None
    dropped: Reason | None = None
    orphan: Held | None = None


def enforce(event: object, page: PageLoad, scene: Scene) -> Verdict:
    """Enforce one event of a page load; `scene` belongs to the page load's mirror.

    A malformed event, or one past a bound, is dropped and degrades the page load until its next full snapshot.
    """
    try:
        if type(event) is not dict:
            raise malformed()
        return _enforce(event, page, scene)
    except RefusedError as refused:
        page.degrade()
        orphan = None
        if type(event) is dict and event.get("type") == EventType.FULL_SNAPSHOT:
            orphan, page.held = page.held, None
        return Verdict(dropped=refused.reason, orphan=orphan)


def _enforce(event: Json, page: PageLoad, scene: Scene) -> Verdict:
    _enforce_envelope(event)
    match event.get("type"):
        case EventType.INCREMENTAL_SNAPSHOT:
            return _one(event, _enforce_incremental(_data(event), page, scene))
        case EventType.META:
            return _hold(event, page, scene)
        case EventType.FULL_SNAPSHOT:
            return _full_snapshot(event, page, scene)
        case EventType.DOM_CONTENT_LOADED | EventType.LOAD:
            event["data"] = {}
            return Verdict(event)
        case EventType.CUSTOM:
            return _one(event, page.closed or content.enforce_custom(scene, _data(event)))
        case EventType.PLUGIN:
            return _one(event, page.closed or content.enforce_plugin(scene, _data(event)))
        case EventType.ANNOTATION:
            return _one(event, page.closed or content.enforce_annotation(scene, _data(event)))
        case _:
            return Verdict(dropped=Reason.UNKNOWN_TYPE)


def _one(event: Json, reason: Reason | None) -> Verdict:
    return Verdict(event) if reason is None else Verdict(dropped=reason)


def _data(event: Json) -> Json:
    data = event.get("data")
    if type(data) is not dict:
        raise malformed()
    return data


def _enforce_envelope(event: Json) -> None:
    timestamp = event.get("timestamp", -1)
    if type(event.get("type")) is not int or type(timestamp) not in (int, float) or not 0 <= timestamp <= _LATEST:
        raise malformed()
    numbers(event, "delay")
    if _ENVELOPE.issuperset(event):
        return
    for name in [name for name in event if name not in _ENVELOPE]:
        mark = event[name]
        is_mark = type(mark) in (int, float, bool) or (type(mark) is str and _MARK.fullmatch(mark))
        if not is_mark or not _MARK_NAME.fullmatch(name):
            del event[name]


def _enforce_incremental(data: Json, page: PageLoad, scene: Scene) -> Reason | None:
    source = data.get("source")
    if source == IncrementalSource.LOG and type(source) is int:
        return page.closed or content.enforce_log(scene, data)
    rule = _SOURCES.get(source) if type(source) is int else None
    if rule is None:
        return Reason.UNKNOWN_TYPE
    if page.phase is not Phase.READY and source != IncrementalSource.VIEWPORT_RESIZE:
        return page.closed
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


def _full_snapshot(event: Json, page: PageLoad, scene: Scene) -> Verdict:
    enforce_full(scene, _data(event))
    scene.mirror.check(scene.limits.nodes)
    page.phase = Phase.READY
    held, page.held = page.held, None
    return Verdict(event, meta=held)
