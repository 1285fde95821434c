"""What the mirror knows of one node, in one integer, and how a serialized element comes to its flags.

    bits 0-2 node type · 3-5 input kind · 6-15 flags · 16-20 tag · 21-23 flags · from 24 the parent's id (0: none)

No text, attribute or tag name of a page is kept: only tags some rule asks for have numbers.
"""

from __future__ import annotations

import re
from typing import Final

from processors.privacy.field_names import PASSWORD_MARK, has_secret_name
from processors.privacy.policy import Policy
from processors.privacy.refusal import Json
from schemas.rrweb import NodeType

TYPE_MASK: Final = 0b111
INPUT_SHIFT: Final = 3
INPUT_MASK: Final = 0b111 << INPUT_SHIFT
TAG_SHIFT: Final = 16
TAG_MASK: Final = 0x1F << TAG_SHIFT
PARENT_SHIFT: Final = 24
OWN_MASK: Final = (1 << PARENT_SHIFT) - 1

BLOCKED: Final = 1 << 6  # emitted as an empty placeholder; stays so until added again or the next snapshot
MASK: Final = 1 << 7  # carries the mask class now
IGNORE: Final = 1 << 8  # carries the ignore class now
SECRET: Final = 1 << 9  # is or once was a password, code or card field
SENT_EMPTY: Final = 1 << 10  # the last masked input let through was empty
SENT_FULL: Final = 1 << 11  # the last masked input let through was not empty
SHADOW: Final = 1 << 12  # child of a shadow root
SVG: Final = 1 << 13  # its geometry is in its attributes
VEILED: Final = 1 << 14  # a field whose value, or one of whose options, a rule masks; until added again or snapshot
QUIRKS: Final = 1 << 15  # of, or in, a document in quirks mode: selectors ignore the case of class and id
FIELD: Final = 1 << 21  # its text is a value: editable, or a custom element that takes a secret
SLOTTED: Final = 1 << 22  # a slot

# Without any of these a node changes nothing for what is below it.
DECIDING: Final = BLOCKED | MASK | IGNORE | SECRET | VEILED | FIELD
# With any of these the value of a field is masked.
GUARDED: Final = IGNORE | SECRET | VEILED

DOCUMENT: Final = int(NodeType.DOCUMENT)
ELEMENT: Final = int(NodeType.ELEMENT)
TEXT: Final = int(NodeType.TEXT)
TEXTS = frozenset({int(NodeType.TEXT), int(NodeType.CDATA), int(NodeType.COMMENT)})

# Input kinds: what a masked value must look like, so that the browser of the viewer takes it without complaint.
PLAIN, CHECKABLE, VALUELESS, HIDDEN, BUTTON = range(5)
_INPUT_KINDS = {
    **dict.fromkeys(("checkbox", "radio"), CHECKABLE),
    **dict.fromkeys(("number", "date", "time", "datetime-local", "month", "week", "color", "range", "file"), VALUELESS),
    **dict.fromkeys(("submit", "button", "reset", "image"), BUTTON),
    "hidden": HIDDEN,
}

_TAGS = (
    "",
    "input",
    "textarea",
    "select",
    "option",
    "script",
    "style",
    "noscript",
    "meta",
    "link",
    "iframe",
    "canvas",
    "audio",
    "video",
    "slot",
)
TAGS = {name: number for number, name in enumerate(_TAGS) if name}
INPUT, TEXTAREA, SELECT, OPTION, SCRIPT, STYLE, NOSCRIPT = range(1, 8)
META, LINK, IFRAME, CANVAS, AUDIO, VIDEO, SLOT = range(8, 15)
# Any custom element: it may be a field.
CUSTOM: Final = 15
FIELDS = frozenset({INPUT, TEXTAREA, SELECT})
MEDIA = frozenset({AUDIO, VIDEO})

_SECRET_COMPLETIONS = ("one-time-code",)
_EDITABLE = frozenset({"", "true", "plaintext-only"})
# WAI-ARIA: what an element of such a role shows is what a person typed.
_TYPED_ROLES = frozenset({"textbox", "searchbox", "spinbutton"})
_DIGITS = re.compile(r"[ \t\n\f\r]{0,8}\+?(\d{1,8})(?!\d)", re.ASCII)
_ONE_DIGIT = frozenset({r"\d", "[0-9]", r"\d{1}", "[0-9]{1}", "[0-9]{0,1}", r"\d?", "[0-9]?"})
# What an element without a field's tag is looked at for.
NOTED = frozenset({"contenteditable", "role", "type", "autocomplete", PASSWORD_MARK, "slot"})
# With no other attributes than these there is nothing to look at.
_COMMON = """
    class id style href src alt title width height d fill stroke viewbox xmlns name content rel tabindex target for
    lang dir colspan rowspan srcset sizes loading media aria-hidden aria-label stroke-width transform x y"""
COMMON = frozenset(_COMMON.split())
# Tags that are looked at whatever their attributes.
KNOWN = FIELDS | {SLOT}
# HTML, section 4.10.5: an `<input>` of any other type is one of text.
_TYPES = frozenset({*_INPUT_KINDS, "email", "password", "search", "tel", "text", "url"})


def tag_of(kind: int) -> int:
    """The tag number of a node."""
    return (kind & TAG_MASK) >> TAG_SHIFT


def input_kind(kind: int) -> int:
    """The input kind of a node; PLAIN for what is no `<input>`."""
    return (kind & INPUT_MASK) >> INPUT_SHIFT


def is_field(kind: int) -> bool:
    """True if a person types into this node, whatever its tag."""
    return bool(kind & FIELD) or tag_of(kind) in FIELDS


def field_flags(tag: int, attributes: Json, policy: Policy) -> int:
    """SECRET, VEILED and the input kind as these attributes of a form field ask for them."""
    flags = type_flags(tag, attributes, policy)
    return flags | completion_flags(attributes, policy) | name_flags(tag, flags, attributes, policy)


def other_flags(attributes: Json, policy: Policy, is_custom: bool) -> int:
    """FIELD, with what goes with it, for an element whose tag is none of a field's."""
    flags = completion_flags(attributes, policy) & SECRET
    given = attributes.get("type")
    if policy.always and type(given) is str and given.strip().lower() == "password":
        flags |= SECRET
    if is_custom:
        flags |= name_flags(INPUT, 0, attributes, policy)
    if is_editable(attributes):
        flags |= completion_flags(attributes, policy) | name_flags(0, 0, attributes, policy) | FIELD
        if policy.mask_inputs or policy.mask_text or "contenteditable" in policy.input_types:
            flags |= VEILED
    return flags | FIELD if flags else 0


def is_editable(attributes: Json) -> bool:
    """HTML, section 6.8.1, or by its role: what is written into the element is typed there."""
    value, role = attributes.get("contenteditable"), attributes.get("role")
    if value is True or (type(value) is str and value.strip().lower() in _EDITABLE):
        return True
    return type(role) is str and not _TYPED_ROLES.isdisjoint(role.lower().split())


def type_flags(tag: int, attributes: Json, policy: Policy) -> int:
    """The same, by the sort of field alone."""
    flags = 0
    declared = "select" if tag == SELECT else "textarea"
    if tag == INPUT:
        given = attributes.get("type", "text")
        # What is no text cannot be told from a password.
        declared = given.strip().lower() if type(given) is str else "text" if given is None else "password"
        declared = declared if declared in _TYPES else "text"
        flags = _INPUT_KINDS.get(declared, PLAIN) << INPUT_SHIFT
        if declared == "password" and policy.always:
            flags |= SECRET
    # The words on a button are the page's own.
    if declared in policy.input_types or (policy.mask_inputs and input_kind(flags) != BUTTON):
        flags |= VEILED
    # Its value is the words of an option.
    if tag == SELECT and policy.mask_text:
        flags |= VEILED
    return flags


def completion_flags(attributes: Json, policy: Policy) -> int:
    """SECRET and VEILED by what the browser or the recorder knows of the field's content."""
    flags = SECRET if policy.always and PASSWORD_MARK in attributes else 0
    value = attributes.get("autocomplete")
    if type(value) is str and value:
        tokens = value.lower().split()
        if not policy.autocomplete.isdisjoint(tokens):
            flags |= VEILED
        if policy.always and any(map(_is_secret_completion, tokens)):
            flags |= SECRET
    return flags


def name_flags(tag: int, kind: int, attributes: Json, policy: Policy) -> int:
    """SECRET if name, id or room of a field of this input kind tell that it takes a card or a code."""
    if not policy.always or input_kind(kind) not in (PLAIN, VALUELESS):
        return 0
    for name in ("name", "id"):
        value = attributes.get(name)
        if type(value) is str and has_secret_name(value):
            return SECRET
    if tag != INPUT:
        return 0
    # Codes are asked for in a row of fields of one character each.
    for name in ("maxlength", "size"):
        if name in attributes and _is_one(attributes[name]):
            return SECRET
    return SECRET if attributes.get("pattern") in _ONE_DIGIT else 0


def _is_one(value: object) -> bool:
    """HTML, section 2.3.4.2: what follows the digits of a number does not count."""
    if type(value) is str:
        digits = _DIGITS.match(value)
        return digits is not None and digits[1].lstrip("0") == "1"
    return value == 1 and value is not True


def _is_secret_completion(token: str) -> bool:
    """Autofill names of HTML's section 4.10.18.7 that stand for passwords, one-time codes and payment cards."""
    return token in _SECRET_COMPLETIONS or token.startswith("cc-") or token.endswith("-password")
