"""What a selector asks of elements: single conditions, and which of them must and must not hold where."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

# The atoms of a node are bits of one 64 bit number in state.
MAX_ATOMS = 64
# A guard against `:is(a, b):is(c, d):is(…` alone: real policies have a few dozen.
MAX_PATHS = 256


class SelectorRefusedError(ValueError):
    """The selector cannot be a rule; the message says why, and quotes only words of CSS."""


class Kind(StrEnum):
    """What an atom looks at."""

    TAG = "tag"
    CLASS = "class"
    ID = "id"
    ATTRIBUTE = "attribute"


class Atom(NamedTuple):
    """One condition. `operator` and `flag` ("i", "s" or "") are of attributes; "" as operator: the attribute exists."""

    kind: Kind
    name: str
    operator: str = ""
    value: str = ""
    flag: str = ""


class Compound(NamedTuple):
    """Conditions on one element."""

    required: frozenset[Atom] = frozenset()
    forbidden: frozenset[Atom] = frozenset()


class Path(NamedTuple):
    """The element itself, then (True: its parent, False: any element above, and so on upward)."""

    subject: Compound
    above: tuple[tuple[bool, Compound], ...] = ()


def number_atoms(paths: Iterable[Path]) -> dict[Atom, int]:
    """A bit for each atom; SelectorRefusedError if rules that are used together need more than there are."""
    atoms: dict[Atom, int] = {}
    together = list(paths)
    for path in together:
        for compound in (path.subject, *(compound for _, compound in path.above)):
            for atom in (*sorted(compound.required), *sorted(compound.forbidden)):
                atoms.setdefault(atom, 1 << len(atoms))
    if len(atoms) > MAX_ATOMS:
        raise SelectorRefusedError(
            f"all rules together use {len(atoms)} tags, classes, ids and attributes; {MAX_ATOMS} are the most"
        )
    if len(together) > MAX_PATHS:
        raise SelectorRefusedError(f"all rules together have {len(together)} alternatives; {MAX_PATHS} are the most")
    return atoms
