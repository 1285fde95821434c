"""What each attribute name asks for: a table, and the few families of names that begin alike."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# Text under a rule up to a policy's `free` passes where nothing is masked, KEPT passes everywhere.
KEPT: Final = 0
CODE: Final = 1
UNKNOWN: Final = 2
LABEL: Final = 3
ARIA: Final = 4
DATA: Final = 5
PIXELS: Final = 6
STYLE: Final = 7
CSS: Final = 8
REMOVED: Final = 9
URL: Final = 10
SRCSET: Final = 11
VALUE: Final = 12
STATE: Final = 13
META_CONTENT: Final = 14
# What windows and fields are called; an address may be handed over in it.
NAME: Final = 15

_NAMES: dict[int, str] = {
    # Names that the page's code and style sheets go by.
    KEPT: "class id for form list headers slot part is xmlns",
    # Layout and behaviour of the page: keywords and numbers.
    CODE: """
        type role width height size rows cols colspan rowspan span scope start method target
        rel media as charset http-equiv autocomplete inputmode contenteditable draggable spellcheck dir lang tabindex
        hidden disabled readonly required multiple open maxlength minlength min max step wrap align valign bgcolor color
        border cellpadding cellspacing face loop muted controls playsinline preload crossorigin loading decoding
        referrerpolicy sandbox allow allowfullscreen frameborder scrolling marginwidth marginheight
        enctype novalidate popover inert translate enterkeyhint autocapitalize autocorrect accept reversed sizes
        rr_width rr_height rr_scrollleft rr_scrolltop rr_mediastate rr_mediacurrenttime rr_mediaplaybackrate
        rr_mediamuted rr_medialoop rr_mediavolume rr_open_mode data-rr-is-password""",
    NAME: "name",
    LABEL: "placeholder title alt label summary xlink:title",
    REMOVED: "srcdoc nonce integrity",
    URL: """
        href action formaction src poster cite data background xlink:href rr_src ping manifest longdesc codebase
        classid profile usemap icon rrweb-original-src""",
    SRCSET: "srcset imagesrcset rrweb-original-srcset",
    VALUE: "value",
    STATE: "checked selected",
    META_CONTENT: "content",
    STYLE: "style",
    CSS: "_csstext",
    PIXELS: "rr_dataurl",
}
# HTML, section 13.1.2.3: what no attribute's name contains; the player could not set it.
_NO_NAME = re.compile(r"[\s\"'<>/=\x00-\x1f\x7f]")
_NAME_CHARACTERS = 128
RULES = {name: rule for rule, names in _NAMES.items() for name in names.split()}


def rule_of(name: str) -> int:
    """The rule for an attribute name of any case."""
    return _rule_of(name) if len(name) <= _NAME_CHARACTERS else REMOVED


# Real pages use a few hundred names; a page that makes them up only makes this slower.
@lru_cache(maxsize=4096)
def _rule_of(name: str) -> int:
    lower = name.lower()
    if lower.startswith("on") or _NO_NAME.search(lower):
        return REMOVED
    if lower not in RULES:
        if lower.startswith("aria-"):
            return ARIA
        if lower.startswith("data-"):
            return DATA
    return RULES.get(lower, UNKNOWN)
