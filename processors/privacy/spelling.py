"""Names of attributes as the player reads them.

It sets them by name on elements of an HTML document, which makes them lower-case; elements of SVG keep them as they
are. A document of XML, which the recorder may have looked at, tells "TYPE" from "type".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from processors.privacy.refusal import Json

_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
# Others, such as "[ngClass]", no page's rule goes by, and the player cannot set them.
_NAME = re.compile(r"[A-Za-z_:][\w:.-]*")


def is_spelled(attributes: Json) -> bool:
    """True if every name is lower-case, as most are."""
    return "".join(attributes).islower() or not attributes


def spell(attributes: Json) -> Sequence[Json]:
    """Make the names of an HTML element's attributes lower-case, in place.

    Of two spellings the last one is the player's. What the others said is returned: to the page it may have been what
    counts.
    """
    names = [_spelled(name) for name in attributes]
    if names == list(attributes):
        return ()
    values: Json = {}
    others: list[Json] = []
    for name, value in zip(names, attributes.values(), strict=True):
        if name in values:
            others.append({name: values.pop(name)})
        values[name] = value
    attributes.clear()
    attributes.update(values)
    return others


def spell_changes(changes: list[Json], svg: frozenset[int]) -> None:
    """The same for the attributes of a mutation; what another spelling said comes as an entry before it.

    `svg` are ids of elements that keep their names.
    """
    entries = list(changes)
    changes.clear()
    for entry in entries:
        attributes = entry.get("attributes")
        if type(attributes) is dict and not is_spelled(attributes) and entry.get("id") not in svg:
            changes.extend({"id": entry.get("id"), "attributes": other} for other in spell(attributes))
        changes.append(entry)


def _spelled(name: str) -> str:
    if name.islower() or is_recorders(name) or not _NAME.fullmatch(name):
        return name
    return name.lower() if name.isascii() else name.translate(_ASCII_LOWER)


def is_recorders(name: str) -> bool:
    """True for the names that the recorder adds: they are read as it writes them."""
    return name.startswith("rr_") or name == "_cssText"
