"""Text of the page, by the element it stands in."""

from __future__ import annotations

from processors.privacy.attribute_rules import ARIA, CODE, DATA, LABEL, UNKNOWN
from processors.privacy.css import strip_css
from processors.privacy.css_shown import mask_css
from processors.privacy.css_words import drop_sheets, drop_worded_drawings, mask_selectors
from processors.privacy.nodes import INPUT, NOSCRIPT, SCRIPT, STYLE, TEXTAREA
from processors.privacy.policy import Policy
from processors.privacy.values import FIELD_STARS, mask_text

_MASKED = frozenset({CODE, UNKNOWN, LABEL, ARIA, DATA})
SCRIPT_PLACEHOLDER = "SCRIPT_PLACEHOLDER"


def is_blank(text: str) -> bool:
    """True if nothing of it would be a star."""
    return "*" not in mask_text(text)


def text_below(text: str, tag: int, masked: bool, policy: Policy, typed: bool = False) -> str:
    """Text of a node whose parent has this tag number; `masked` says that the parent or one above it is masked, `typed`
    that a person writes there.
    """
    if tag == SCRIPT:
        return SCRIPT_PLACEHOLDER if policy.always and text else text
    # An `<input>` has no text; one with a prefix is another element to the player, and shows it.
    if tag in (NOSCRIPT, INPUT) and policy.always:
        return ""
    if tag == STYLE:
        return "" if masked else clean_css(text, policy)
    if tag == TEXTAREA:
        return FIELD_STARS if masked and text else text
    if masked and typed:
        # As in other fields, how much was typed is not told.
        return text if is_blank(text) else FIELD_STARS
    return mask_text(text) if masked or policy.mask_text else text


def clean_css(css: str, policy: Policy) -> str:
    """A style sheet or a part of one, outside masked elements."""
    if policy.addresses is not None:
        css = strip_css(css, policy.addresses)
    if not policy.mask_text:
        return css
    return drop_worded_drawings(mask_selectors(mask_css(css), policy.masked_names))


def mask_sheet(css: str) -> str:
    """A style sheet, its addresses cut, without words: one that stands in a masked element, all of whose attributes are
    masked.
    """
    return drop_worded_drawings(mask_selectors(mask_css(drop_sheets(css)), _MASKED))
