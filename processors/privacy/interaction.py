"""What a person did, against the mirror: nothing about a node that was not shown."""

from __future__ import annotations

import re

from processors.privacy.address_words import strip_all
from processors.privacy.css import strip_css
from processors.privacy.drawing import strip_drawing
from processors.privacy.mirror import COVERED, MASKED, under
from processors.privacy.nodes import (
    BLOCKED,
    BUTTON,
    CANVAS,
    CHECKABLE,
    FIELDS,
    GUARDED,
    HIDDEN,
    IGNORE,
    INPUT,
    MEDIA,
    SELECT,
    SENT_EMPTY,
    SENT_FULL,
    input_kind,
    tag_of,
)
from processors.privacy.refusal import Json, booleans, integer, keep_only, malformed, numbers, objects, text
from processors.privacy.scene import Scene
from processors.privacy.values import mask_field
from schemas.reasons import Reason

# The bytes of a font, as JSON of an array or of a Uint8Array.
_BYTES = re.compile(r"[\[\]{}\d\s,\":]*", re.ASCII)
# CSS Font Loading, dictionary FontFaceDescriptors.
_NAMES = """
    style weight stretch unicodeRange variant featureSettings variationSettings display ascentOverride descentOverride
    lineGapOverride"""
_DESCRIPTORS = frozenset(_NAMES.split())
# HTML, section 4.13.3: names of custom elements.
_ELEMENT_NAME = re.compile(r"[a-z][^\s\"'<>&/=@]{0,127}")
_POSITION = frozenset({"x", "y", "id", "timeOffset"})
_RANGE = frozenset({"start", "startOffset", "end", "endOffset"})


def enforce_positions(scene: Scene, data: Json) -> Reason | None:
    """MouseMove, TouchMove, Drag. The box of a blocked element may be pointed at, what is inside it may not.

    Where all text is masked neither may be: a PIN pad could be a single element, such as a canvas.
    """
    mirror = scene.mirror
    kept = []
    covered = False
    for position in objects(data, "positions"):
        known = numbers(position, "x", "y", "timeOffset")
        node_id = integer(position, "id")
        status = mirror.status(node_id)
        if not status:
            continue
        if status & COVERED and (scene.policy.mask_text or not mirror.own(node_id) & BLOCKED):
            covered = True
            continue
        if known + 1 != len(position):
            keep_only(position, _POSITION)
        kept.append(position)
    data["positions"] = kept
    # The player throws on an event without positions.
    if kept:
        return None
    return Reason.BLOCKED if covered else Reason.UNKNOWN_NODE


def enforce_pointer(scene: Scene, data: Json) -> Reason | None:
    """MouseInteraction and Scroll."""
    numbers(data, "type", "x", "y", "pointerType")
    return _hidden(scene, integer(data, "id"))


def enforce_input(scene: Scene, data: Json) -> Reason | None:
    """Input. A masked field tells only whether it is empty, and that only when it changes."""
    value, node_id = text(data, "text"), integer(data, "id")
    booleans(data, "isChecked", "userTriggered")
    reason = _hidden(scene, node_id)
    if reason is not None:
        return reason
    mirror = scene.mirror
    status = mirror.status(node_id)
    kind = under(mirror.own(node_id), status)
    if tag_of(kind) not in FIELDS:
        # The recorder tells of no other element.
        return Reason.UNKNOWN_NODE
    if kind & IGNORE:
        return Reason.IGNORED_INPUT
    hidden = scene.policy.always and tag_of(kind) == INPUT and input_kind(kind) == HIDDEN
    if not (hidden or kind & GUARDED or status & MASKED):
        if scene.policy.addresses is not None and (tag_of(kind) == SELECT or input_kind(kind) in (BUTTON, CHECKABLE)):
            # The page's own words, as in the attribute.
            data["text"] = scene.policy.addresses.strip_within(value)
        return None
    masked = mask_field(value, input_kind(kind))
    sent = SENT_FULL if masked else SENT_EMPTY
    if kind & sent:
        return Reason.REPEATED_INPUT
    mirror.mark(node_id, mirror.nodes[node_id] & ~(SENT_FULL | SENT_EMPTY) | sent)
    data["text"] = masked
    if input_kind(kind) == CHECKABLE:
        data["isChecked"] = False
    scene.fields += 1
    return None


def enforce_media(scene: Scene, data: Json) -> Reason | None:
    """MediaInteraction; the player throws if the node cannot play."""
    numbers(data, "type", "currentTime", "volume", "playbackRate")
    booleans(data, "muted", "loop")
    node_id = integer(data, "id")
    reason = _hidden(scene, node_id)
    if reason is None and tag_of(scene.mirror.own(node_id)) not in MEDIA:
        return Reason.UNKNOWN_NODE
    return reason


def enforce_canvas(scene: Scene, data: Json) -> Reason | None:
    """CanvasMutation: what is drawn cannot be looked into, so it passes or not; addresses in it are cut."""
    node_id = integer(data, "id")
    reason = _hidden(scene, node_id)
    if reason is not None:
        return reason
    if tag_of(scene.mirror.own(node_id)) != CANVAS:
        return Reason.UNKNOWN_NODE
    if not scene.policy.keep_canvas or scene.mirror.status(node_id) & MASKED:
        return Reason.NOT_ALLOWED
    if scene.policy.addresses is not None:
        strip_drawing(data, scene.policy.addresses)
    return None


def enforce_selection(scene: Scene, data: Json) -> Reason | None:
    """Selection: ranges of which both ends were shown."""
    ranges = objects(data, "ranges")
    kept = []
    reason = None
    for each in ranges:
        numbers(each, "startOffset", "endOffset")
        hidden = _hidden(scene, integer(each, "start")) or _hidden(scene, integer(each, "end"))
        if hidden is None:
            keep_only(each, _RANGE)
            kept.append(each)
        reason = reason or hidden
    data["ranges"] = kept
    return None if kept else reason


def enforce_viewport(scene: Scene, data: Json) -> Reason | None:
    """ViewportResize: says nothing of the page."""
    numbers(data, "width", "height")
    return None


def enforce_font(scene: Scene, data: Json) -> Reason | None:
    """Font: a family and where it comes from, or its bytes."""
    text(data, "family")
    booleans(data, "buffer")
    source = text(data, "fontSource")
    addresses = scene.policy.addresses
    if data.get("buffer") is True:
        if not _BYTES.fullmatch(source):
            return Reason.NOT_ALLOWED
    elif addresses is not None:
        # CSS, `url("…")` and perhaps more, but old recorders send a bare address.
        data["fontSource"] = strip_css(source, addresses) if "(" in source else addresses.strip(source)
    descriptors = data.get("descriptors")
    if descriptors is not None and (
        type(descriptors) is not dict or not all(type(value) is str for value in descriptors.values())
    ):
        raise malformed()
    keep_only(descriptors or {}, _DESCRIPTORS)
    if addresses is not None:
        data["family"] = addresses.strip_within(data["family"])
        strip_all(descriptors or {}, addresses.strip_within)
    return None


def enforce_custom_element(scene: Scene, data: Json) -> Reason | None:
    """CustomElement: a name the page's code registered."""
    define = data.get("define")
    if define is not None:
        if type(define) is not dict:
            raise malformed()
        if not _ELEMENT_NAME.fullmatch(text(define, "name")):
            return Reason.NOT_ALLOWED
        keep_only(define, frozenset({"name"}))
    return None


def _hidden(scene: Scene, node_id: int) -> Reason | None:
    """Why nothing may be said about a node; None if it may."""
    status = scene.mirror.status(node_id)
    if not status:
        return Reason.UNKNOWN_NODE
    return Reason.BLOCKED if status & COVERED else None
