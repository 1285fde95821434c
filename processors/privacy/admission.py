"""Admits one serialized node: its place, its fields and what the policy says of it, enforced in place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from processors.privacy.attributes import clean
from processors.privacy.choices import hide_choice
from processors.privacy.late import Late
from processors.privacy.mirror import FOR_FIELDS, MASKED, TYPED, reach, under
from processors.privacy.nodes import (
    BLOCKED,
    COMMON,
    CUSTOM,
    DECIDING,
    DOCUMENT,
    ELEMENT,
    FIELD,
    FIELDS,
    GUARDED,
    IFRAME,
    INPUT_MASK,
    KNOWN,
    MASK,
    MEDIA,
    NOTED,
    OPTION,
    QUIRKS,
    SECRET,
    SENT_EMPTY,
    SENT_FULL,
    SHADOW,
    SLOT,
    SLOTTED,
    STYLE,
    SVG,
    TAG_SHIFT,
    TAGS,
    TEXT,
    TEXTS,
    field_flags,
    is_typed_role,
    other_flags,
)
from processors.privacy.placeholder import empty
from processors.privacy.refusal import MAX_ID, Json, keep_only
from processors.privacy.rules import FLAGS, NO_BITS, flags_on_arrival
from processors.privacy.scene import Scene
from processors.privacy.slots import hashed, names_in
from processors.privacy.spelling import is_spelled, spell
from processors.privacy.texts import is_blank, text_below
from schemas.rrweb import NodeType

REFUSED: Final = -1
# Elements that may be a field without the tag of one.
_OTHERS = frozenset({0, CUSTOM})
# The parent's tag of what stands at the root of a tree: only there may a document stand.
ROOT: Final = -2
# An element with its type, tag name, attributes, children and id, or a text with its type, text and id: what most
# nodes are, and nothing that would have to be left out.
_ELEMENT_FIELDS: Final = 5
_TEXT_FIELDS: Final = 3
_BASE = frozenset({"type", "id", "rootId", "isShadow"})
_TEXTS = _BASE | {"textContent", "isStyle"}
_FIELDS = {
    NodeType.DOCUMENT: _BASE | {"childNodes", "compatMode"},
    NodeType.DOCUMENT_TYPE: _BASE | {"name", "publicId", "systemId"},
    NodeType.ELEMENT: _BASE | {"tagName", "attributes", "childNodes", "isShadowHost", "isSVG", "isCustom", "needBlock"},
    NodeType.TEXT: _TEXTS,
    NodeType.CDATA: _TEXTS,
    NodeType.COMMENT: _TEXTS,
}
# HTML, section 13.1.1, and the public identifiers of its older versions.
_DOCTYPE = {
    "name": re.compile(r"[A-Za-z][\w:.-]{0,31}", re.ASCII),
    "publicId": re.compile(r"[-+]//[\w .:/()+-]{1,100}", re.ASCII),
    "systemId": re.compile(r"about:legacy-compat|https?://www\.w3\.org/[\w./-]{1,100}", re.ASCII),
}
# npm rrweb-snapshot 2.2.2, `getValidTagName`.
_TAG_NAME = re.compile(r"[A-Za-z0-9_:-]+")
# What most elements are called, so that nothing about their names has to be asked.
_USUAL = """
    a b i p q s u br dd dl dt em g h1 h2 h3 h4 h5 h6 hr li ol rect svg td th tr ul abbr article aside body button circle
    clippath code defs div fieldset figure footer form head header html iframe img input label legend line link main
    mask meta nav noscript option path picture polygon pre script section select small source span strong style sub sup
    table tbody textarea tfoot thead time title use video"""
_USUAL_TAGS = {name: TAGS.get(name, 0) for name in _USUAL.split()}
_MARKS = frozenset({"isShadow", "isShadowHost", "isSVG", "isCustom", "isStyle", "needBlock"})
_KNOWN = {int(type_): fields for type_, fields in _FIELDS.items()}


def admit(
    scene: Scene, node: Any, parent: int, above: int, parent_tag: int, quirks: int, late: Late | None = None
) -> int:
    """Enforce a node without its children; its kind, to be registered below `parent`, or REFUSED if it is malformed
    or attached already.

    `above` is what the status of `parent` says of what is inside, `quirks` is QUIRKS if `parent` has it, `late` what
    the same event says of nodes elsewhere. A blocked element loses its children; those of all others are left for the
    caller.
    """
    if type(node) is not dict:
        return REFUSED
    node_id: Any = node.get("id")
    type_: Any = node.get("type")
    if type(node_id) is not int or not 0 < node_id <= MAX_ID or type(type_) is not int:
        return REFUSED
    if node_id in scene.mirror.nodes and scene.mirror.status(node_id):
        return REFUSED
    if type_ == ELEMENT:
        return _enforce_element(scene, node, above, parent, quirks, late)
    if type_ != TEXT:
        return _enforce_other(scene, node, type_, parent_tag)
    text = node.get("textContent")
    if type(text) is not str:
        return REFUSED
    kind = TEXT if len(node) == _TEXT_FIELDS else TEXT | _trim(node, _TEXTS)
    if above or parent_tag or scene.policy.mask_text:
        masked = bool(above & MASKED)
        new = text_below(text, parent_tag, masked, scene.policy, bool(above & TYPED))
        if masked and above & TYPED:
            kind |= SENT_EMPTY if is_blank(new) else SENT_FULL
        if new != text:
            node["textContent"] = new
            # Of a style sheet only addresses may have gone.
            scene.texts += parent_tag != STYLE or masked
    return kind


def is_leaf(node: Json) -> bool:
    """True if an element says that it has no children."""
    children = node.get("childNodes")
    return type(children) is list and not children


def _enforce_element(scene: Scene, node: Json, above: int, parent: int, quirks: int, late: Late | None) -> int:
    name, attributes = node.get("tagName"), node.get("attributes")
    if type(name) is not str:
        return REFUSED
    tag, odd = _USUAL_TAGS.get(name, -1), False
    if tag < 0:
        odd = not (name.isascii() and name.isalnum())
        if odd and not _TAG_NAME.fullmatch(name):
            # The recorder's own word for it; the player throws on some others.
            node["tagName"] = name = "div"
        name = name.lower()
        tag = (_prefixed_tag(name) or (CUSTOM if "-" in name else 0)) if odd else TAGS.get(name, 0)
    kind = ELEMENT | tag << TAG_SHIFT | quirks
    if len(node) != _ELEMENT_FIELDS or attributes is None or "childNodes" not in node:
        kind |= _trim(node, _KNOWN[ELEMENT])
        if node.get("isSVG") is True:
            kind |= SVG
    if type(attributes) is not dict:
        if attributes is not None:
            return REFUSED
        attributes = {}
    others: Sequence[Json] = ()
    is_noted = False
    if not COMMON.issuperset(attributes):
        if not is_spelled(attributes) and not kind & SVG:
            others = spell(attributes)
        is_noted = not NOTED.isdisjoint(attributes)
    policy, mirror = scene.policy, scene.mirror
    by_class = policy.selectors.by_class
    if by_class is None or others:
        kind |= _rules_on(scene, node, name, kind, parent, late, others)
    else:
        classes = attributes.get("class")
        if classes is not None:
            kind |= FLAGS[by_class.matching(classes, quirks != 0)]
    if late is not None:
        kind |= late.flags(node["id"])
    if (
        is_noted
        or odd
        or tag in KNOWN
        or (mirror.secrets and mirror.was_field(node["id"]))
        or ("role" in attributes and is_typed_role(attributes["role"]))
    ):
        kind |= _field(scene, node["id"], tag, attributes, odd and "-" in name)
        for other in others:
            kind |= _field(scene, node["id"], tag, attributes | other, odd and "-" in name) & ~INPUT_MASK
    if not above and not kind & DECIDING and tag != OPTION:
        # What most are: under no rule.
        if attributes:
            scene.attributes += clean(attributes, kind, False, policy)
        return kind
    words_masked = bool(above & MASKED or kind & MASK)
    if above & FOR_FIELDS or kind & DECIDING:
        above = reach(kind, above)
    if kind & (BLOCKED | MASK) or (tag == OPTION and (above & MASKED or under(kind, above) & GUARDED)):
        hide_choice(scene, parent)
    if kind & BLOCKED:
        names = names_in(node)
        if names:
            mirror.name(node["id"], names)
        empty(node)
        scene.blocked += 1
    elif attributes:
        ruled = under(kind, above) if above else kind
        scene.attributes += clean(attributes, ruled, words_masked, policy)
    return kind


def _rules_on(
    scene: Scene, node: Json, name: str, kind: int, parent: int, late: Late | None, others: Sequence[Json]
) -> int:
    """The flags that selectors give an element, whatever it is; `others` are attributes it may have had as well."""
    by_class = scene.policy.selectors.by_class
    if by_class is None:
        changes, before = ((), NO_BITS) if late is None else (late.changes(node["id"]), late.before)
        return flags_on_arrival(scene, node, name, kind, parent, [*others, *changes] if others else changes, before)
    flags = 0
    for attributes in (node["attributes"], *others):
        flags |= FLAGS[by_class.matching(attributes.get("class"), kind & QUIRKS != 0)]
    return flags


def _field(scene: Scene, node_id: int, tag: int, attributes: Json, is_custom: bool) -> int:
    """The flags of an element as a field or slot, and what the mirror is to remember of it."""
    mirror = scene.mirror
    flags = 0
    if tag in FIELDS:
        flags = field_flags(tag, attributes, scene.policy)
    elif is_custom or "role" in attributes or not NOTED.isdisjoint(attributes):
        flags = other_flags(attributes, scene.policy, is_custom)
    elif tag != SLOT and not mirror.was_field(node_id):
        return 0
    if "slot" in attributes:
        mirror.ask(node_id, attributes["slot"])
    is_native = tag in FIELDS
    if flags & SECRET:
        if is_native and node_id not in mirror.secrets:
            mirror.keep_secret(node_id)
        elif not is_native and not mirror.was_field(node_id):
            mirror.keep_field(node_id)
    elif is_native and node_id in mirror.secrets:
        flags |= SECRET
    elif tag in _OTHERS and mirror.was_field(node_id):
        flags |= SECRET | FIELD
    if tag == SLOT:
        mirror.name(node_id, (hashed(attributes.get("name")),))
        flags |= SLOTTED
    return flags


def _prefixed_tag(name: str) -> int:
    """The number of a tag that may carry a prefix, as in documents of XML; the player makes no frame or media of it."""
    tag = TAGS.get(name.rpartition(":")[2], 0)
    return 0 if tag == IFRAME or tag in MEDIA else tag


def _enforce_other(scene: Scene, node: Json, type_: int, parent_tag: int) -> int:
    fields = _KNOWN.get(type_)
    if fields is None:
        return REFUSED
    flags = _trim(node, fields)
    if type_ in TEXTS:
        if type(node.get("textContent")) is not str:
            return REFUSED
        if scene.policy.always:
            node["textContent"] = ""
    elif type_ == DOCUMENT:
        if parent_tag != ROOT or not _has_texts(node, "compatMode"):
            return REFUSED
        if node.get("compatMode") == "BackCompat":
            flags |= QUIRKS
        elif node.get("compatMode") != "CSS1Compat":
            node.pop("compatMode", None)
    elif not _has_texts(node, "name", "publicId", "systemId"):
        return REFUSED
    elif scene.policy.always:
        for name, form in _DOCTYPE.items():
            if name in node and not form.fullmatch(node[name]):
                node[name] = ""
    return type_ | flags


def _trim(node: Json, fields: frozenset[str]) -> int:
    """Leave out fields that are not known; SHADOW if the node is the child of a shadow root."""
    if not fields.issuperset(node):
        keep_only(node, fields)
    for name in _MARKS.intersection(node):
        if type(node[name]) is not bool:
            del node[name]
    if "rootId" in node and type(node["rootId"]) is not int:
        del node["rootId"]
    return SHADOW if node.get("isShadow") is True else 0


def _has_texts(node: Json, *names: str) -> bool:
    """True if what is there of these is text."""
    return all(type(node.get(name, "")) is str for name in names)
