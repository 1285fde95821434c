"""Style sheets that scripts change: only those whose owner or definition was let through."""

from __future__ import annotations

from typing import Any

from processors.privacy.css_tokens import PRIORITIES, is_property
from processors.privacy.mirror import COVERED, MASKED
from processors.privacy.refusal import MAX_ID, Json, integer, keep_only, malformed, objects, text
from processors.privacy.scene import Scene
from processors.privacy.texts import clean_css, mask_sheet
from schemas.reasons import Reason


def enforce_rules(scene: Scene, data: Json) -> Reason | None:
    """StyleSheetRule: rules inserted, deleted or replaced as a whole."""
    masked = bool(scene.mirror.sheet(data.get("styleId")) & MASKED)
    for rule in objects(data, "adds"):
        _rule(scene, rule, masked)
    for rule in objects(data, "removes"):
        _index(rule)
        keep_only(rule, frozenset({"index"}))
    for name in ("replace", "replaceSync"):
        if data.get(name) is not None:
            data[name] = _css(scene, text(data, name), masked)
    return _owner(scene, data)


def enforce_declaration(scene: Scene, data: Json) -> Reason | None:
    """StyleDeclaration: one property of one rule."""
    _index(data)
    for name in ("set", "remove"):
        change = data.get(name)
        if change is None:
            continue
        if type(change) is not dict or not all(type(value) in (str, type(None)) for value in change.values()):
            raise malformed()
        keep_only(change, frozenset({"property", "value", "priority"}))
        if not is_property(change.get("property")) or change.get("priority") not in PRIORITIES:
            # The page tried it, and its browser took no notice.
            return Reason.NOT_ALLOWED
        if type(change.get("value")) is str:
            # Whether its words show hangs on the property; what a custom one is called could be read as more.
            name = change.get("property") or ""
            start = "--:" if name[:2] == "--" else f"{name}:"
            masked = bool(scene.mirror.sheet(data.get("styleId")) & MASKED)
            change["value"] = _css(scene, start + change["value"], masked)[len(start) :]
    return _owner(scene, data)


def enforce_adopted(scene: Scene, data: Json) -> Reason | None:
    """AdoptedStyleSheet: constructed sheets of a document or shadow host, with the text of those not seen before."""
    styles = objects(data, "styles")
    ids = data.get("styleIds")
    if type(ids) is not list or not all(type(each) is int for each in ids):
        raise malformed()
    status = scene.mirror.status(integer(data, "id"))
    for style in styles:
        keep_only(style, frozenset({"styleId", "rules"}))
        for rule in objects(style, "rules"):
            _rule(scene, rule, bool(status & MASKED))
    if not status:
        return Reason.UNKNOWN_NODE
    if status & COVERED:
        return Reason.BLOCKED
    for style in styles:
        sheet = integer(style, "styleId")
        if 0 < sheet <= MAX_ID:
            scene.mirror.admit_sheet(sheet)
    if status & MASKED:
        for sheet in ids:
            if scene.mirror.sheet(sheet):
                scene.mirror.mask_sheet(sheet)
    return None


def _css(scene: Scene, css: str, masked: bool) -> str:
    cleaned = clean_css(css, scene.policy)
    # Where the policy masks all text it is masked already.
    return mask_sheet(cleaned) if masked and not scene.policy.mask_text else cleaned


def _rule(scene: Scene, rule: Json, masked: bool) -> None:
    rule["rule"] = _css(scene, text(rule, "rule"), masked)
    _index(rule)
    keep_only(rule, frozenset({"rule", "index"}))


def _owner(scene: Scene, data: Json) -> Reason | None:
    owner, sheet = data.get("id"), data.get("styleId")
    if not {type(owner), type(sheet)} <= {int, type(None)}:
        raise malformed()
    if sheet is not None and not scene.mirror.sheet(sheet):
        return Reason.UNKNOWN_NODE
    if owner is not None:
        status = scene.mirror.status(owner)
        if not status:
            return Reason.UNKNOWN_NODE
        return Reason.BLOCKED if status & (COVERED | MASKED) else None
    return None if sheet is not None else Reason.UNKNOWN_NODE


def _index(holder: Json) -> None:
    """A position, or the positions of nested rules from the outside in; may be missing."""
    index: Any = holder.get("index")
    steps = index if type(index) is list else [index]
    if not all(type(step) in (int, type(None)) for step in steps):
        raise malformed()
