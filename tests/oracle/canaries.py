"""Words planted in pages. What a word begins with says where it stands, and so who may let it through."""

from __future__ import annotations

import re
from collections.abc import Iterable

import orjson

from tests.oracle.nasty_pages import PAGES
from tests.oracle.recordings import Json

# In blocked elements; in masked ones; in fields that are secret or ignored; where nothing may stand: comments,
# event handlers, nested documents in attributes, most meta data, queries and fragments of addresses.
PROTECTED = ("BLOCKED", "MASKED", "FIELD", "NEVER")
# Words of the page, what was typed into its ordinary fields, and what its script sent.
ORDINARY = ("WORD", "TYPED", "SENT")
# Copied by the page itself from a secret field to an open place: nothing in the recording tells that it is secret.
COPIED = "BEYOND"
# Where no recorder looks.
UNSEEN = "UNSEEN"
_CANARY = re.compile(rf"(?:{'|'.join((*PROTECTED, *ORDINARY, COPIED, UNSEEN))})-[a-z0-9]+(?:-[a-z0-9]+)*")
_NUMBER = re.compile(r"-\d+$")


def found(events: Iterable[Json]) -> set[str]:
    """Canaries anywhere in the events' bytes."""
    return set(_CANARY.findall(orjson.dumps(list(events)).decode()))


def planted() -> set[str]:
    """Canaries that the pages are written with. A page may number them."""
    texts = [path.read_text() for path in PAGES.iterdir()]
    return {canary for text in texts for canary in _CANARY.findall(text)}


def kind(canary: str) -> str:
    """What it begins with."""
    return canary.partition("-")[0]


def unnumbered(canaries: Iterable[str]) -> set[str]:
    """The canaries as the pages are written with them."""
    return {_NUMBER.sub("", canary) for canary in canaries}
