"""What the mirror knows of one node, in one integer, and how a serialized element comes to its flags.

    bits 0-2 node type · 3-5 input kind · 6-15 flags · 16-23 tag · from 24 the parent's id (0: none)

No text, attribute or tag name of a page is kept: only tags some rule asks for have numbers.
"""

from __future__ import annotations

from typing import Final

from processors.privacy.policy import Policy
from processors.privacy.refusal import Json
from schemas.rrweb import NodeType

TYPE_MASK: Final = 0b111
INPUT_SHIFT: Final = 3
INPUT_MASK: Final = 0b111 << INPUT_SHIFT
TAG_SHIFT: Final = 16
TAG_MASK: Final = 0xFF << TAG_SHIFT
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

# Without any of these a node changes nothing for what is below it.
DECIDING: Final = BLOCKED | MASK | IGNORE | SECRET | VEILED
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
)
TAGS = {name: number for number, name in enumerate(_TAGS) if name}
INPUT, TEXTAREA, SELECT, OPTION, SCRIPT, STYLE, NOSCRIPT = range(1, 8)
META, LINK, IFRAME, CANVAS, AUDIO, VIDEO = range(8, 14)
FIELDS = frozenset({INPUT, TEXTAREA, SELECT})
MEDIA = frozenset({AUDIO, VIDEO})

_PASSWORD_MARK = "data-rr-is-password"  # noqa: S105 - the attribute rrweb sets when a field stops being one
_SECRET_COMPLETIONS = ("one-time-code",)
# HTML, section 4.10.5: an `<input>` of any other type is one of text.
_TYPES = frozenset({*_INPUT_KINDS, "email", "password", "search", "tel", "text", "url"})


def tag_of(kind: int) -> int:
    """The tag number of a node."""
    return (kind & TAG_MASK) >> TAG_SHIFT


def input_kind(kind: int) -> int:
    """The input kind of a node; PLAIN for what is no `<input>`."""
    return (kind & INPUT_MASK) >> INPUT_SHIFT


def masks_below(kind: int) -> bool:
    """True if text and values inside this node, and its own, are masked."""
    if kind & MASK:
        return True
    return bool(kind & GUARDED) and tag_of(kind) in (SELECT, TEXTAREA)


def field_flags(tag: int, attributes: Json, policy: Policy) -> int:
    """SECRET, VEILED and the input kind as these attributes of a form field ask for them."""
    return type_flags(tag, attributes, policy) | completion_flags(attributes, policy)


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
    flags = SECRET if policy.always and _PASSWORD_MARK in attributes else 0
    value = attributes.get("autocomplete")
    if type(value) is str and value:
        tokens = value.lower().split()
        if not policy.autocomplete.isdisjoint(tokens):
            flags |= VEILED
        if policy.always and any(map(_is_secret_completion, tokens)):
            flags |= SECRET
    return flags


def _is_secret_completion(token: str) -> bool:
    """Autofill names of HTML's section 4.10.18.7 that stand for passwords, one-time codes and payment cards."""
    return token in _SECRET_COMPLETIONS or token.startswith("cc-") or token.endswith("-password")
