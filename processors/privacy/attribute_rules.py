"""What each attribute name asks for: a table, and the few families of names that begin alike."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# Text under a rule up to a policy's `free` passes where nothing is masked, KEPT passes everywhere.
KEPT: Final = 0
UNKNOWN: Final = 1
LABEL: Final = 2
ARIA: Final = 3
DATA: Final = 4
PIXELS: Final = 5
STYLE: Final = 6
CSS: Final = 7
REMOVED: Final = 8
URL: Final = 9
SRCSET: Final = 10
VALUE: Final = 11
STATE: Final = 12
META_CONTENT: Final = 13

_NAMES: dict[int, str] = {
    # Layout and behaviour of the page, not words about a person.
    KEPT: """
        class id type role width height size rows cols colspan rowspan span scope headers start for name method target
        rel media as charset http-equiv autocomplete inputmode contenteditable draggable spellcheck dir lang tabindex
        hidden disabled readonly required multiple open maxlength minlength min max step wrap align valign bgcolor color
        border cellpadding cellspacing face loop muted controls playsinline preload crossorigin loading decoding
        referrerpolicy sandbox allow allowfullscreen frameborder scrolling marginwidth marginheight xmlns slot is part
        enctype novalidate popover inert translate enterkeyhint accept reversed sizes
        rr_width rr_height rr_scrollleft rr_scrolltop rr_mediastate rr_mediacurrenttime rr_mediaplaybackrate
        rr_mediamuted rr_medialoop rr_mediavolume rr_open_mode data-rr-is-password""",
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


# Real pages use a few hundred names; a page that makes them up only makes this slower.
@lru_cache(maxsize=4096)
def rule_of(name: str) -> int:
    """The rule for an attribute name of any case."""
    lower = name.lower()
    if lower.startswith("on") or _NO_NAME.search(lower) or len(name) > _NAME_CHARACTERS:
        return REMOVED
    if lower not in RULES:
        if lower.startswith("aria-"):
            return ARIA
        if lower.startswith("data-"):
            return DATA
    return RULES.get(lower, UNKNOWN)
