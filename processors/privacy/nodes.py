"""What the mirror knows of one node, in one integer, and how a serialized element comes to its flags.

    bits 0-2 node type · 3-5 input kind · 6-13 flags · 16-23 tag · from 24 the parent's id (0: none)

No text, attribute or tag name of a page is kept: only tags some rule asks for have numbers.
"""

from __future__ import annotations

from typing import Any

from processors.privacy.policy import Policy
from processors.privacy.refusal import Json
from schemas.rrweb import NodeType

TYPE_MASK = 0b111
INPUT_SHIFT = 3
INPUT_MASK = 0b111 << INPUT_SHIFT
TAG_SHIFT = 16
TAG_MASK = 0xFF << TAG_SHIFT
PARENT_SHIFT = 24
OWN_MASK = (1 << PARENT_SHIFT) - 1

BLOCKED = 1 << 6  # emitted as an empty placeholder; stays so until added again or the next snapshot
MASK = 1 << 7  # carries the mask class now
IGNORE = 1 << 8  # carries the ignore class now
SECRET = 1 << 9  # is or once was a password, code or card field
SENT_EMPTY = 1 << 10  # the last masked input let through was empty
SENT_FULL = 1 << 11  # the last masked input let through was not empty
SHADOW = 1 << 12  # child of a shadow root
SVG = 1 << 13  # its geometry is in its attributes

DOCUMENT, ELEMENT, TEXT = int(NodeType.DOCUMENT), int(NodeType.ELEMENT), int(NodeType.TEXT)
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
    return bool(kind & (SECRET | IGNORE)) and tag_of(kind) in (SELECT, TEXTAREA)


def class_flags(value: Any, policy: Policy) -> int:
    """BLOCKED, MASK and IGNORE as this value of a class attribute asks for them."""
    if type(value) is not str or not value:
        return 0
    flags = 0
    # A substring is no match yet, but most classes are not even that.
    if policy.block_class and policy.block_class in value and policy.block_class in value.split():
        flags |= BLOCKED
    if policy.mask_class and policy.mask_class in value and policy.mask_class in value.split():
        flags |= MASK
    if policy.ignore_class and policy.ignore_class in value and policy.ignore_class in value.split():
        flags |= IGNORE
    return flags


def field_flags(tag: int, attributes: Json, policy: Policy) -> int:
    """SECRET and the input kind as these attributes of a form field ask for them."""
    flags = 0
    if tag == INPUT:
        declared = attributes.get("type")
        declared = declared.strip().lower() if type(declared) is str else "text"
        flags = _INPUT_KINDS.get(declared, PLAIN) << INPUT_SHIFT
        if declared == "password" and policy.always:
            flags |= SECRET
    if policy.always and (_PASSWORD_MARK in attributes or _is_secret_completion(attributes.get("autocomplete"))):
        flags |= SECRET
    return flags


def _is_secret_completion(value: Any) -> bool:
    """Autofill names of HTML's section 4.10.18.7 that stand for passwords, one-time codes and payment cards."""
    if type(value) is not str or not value:
        return False
    return any(
        token in _SECRET_COMPLETIONS or token.startswith("cc-") or token.endswith("-password")
        for token in value.lower().split()
    )
