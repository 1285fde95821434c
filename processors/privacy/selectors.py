"""Selectors on serialized elements: one number per element, one mask test per rule.

Each condition of the rules is a bit; the bits an element has are worked out once, when it comes, and again only from
attributes that change. What a rule asks for is then a mask of bits that must be set and one of bits that must not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from processors.privacy.class_lists import ClassLists
from processors.privacy.selector_attributes import AttributeIndex
from schemas.policy_atoms import Compound, Kind, Path, number_atoms
from schemas.policy_selectors import parse_selector

# Required bits, forbidden bits, and before them: True if it must be the parent.
_Step = tuple[bool, int, int]


class Selectors:
    """Lists of selectors compiled together; `matches` says which of the lists have a selector that matches.

    `attributes` are the names that decide anything, in the spelling of recorded elements. `has_combinators` is False
    if ancestors are never asked for; `context` are the bits that matter on an ancestor: a change of others on an
    element cannot change what matches below it. `by_class` gives what `matches` would for the value of an element's
    `class`, if nothing else decides; else it is None, and the bits of an element must be remembered to know what a
    changed attribute does.
    """

    __slots__ = (
        "_gate",
        "_indexes",
        "_paths",
        "_tags",
        "_ungated",
        "attributes",
        "by_class",
        "context",
        "has_combinators",
    )

    def __init__(self, lists: Sequence[Sequence[Path]]) -> None:
        atoms = number_atoms(path for paths in lists for path in paths)
        self._tags = {atom.name: bit for atom, bit in atoms.items() if atom.kind is Kind.TAG}
        self._indexes = tuple(
            AttributeIndex(atoms, is_svg=is_svg, quirks=quirks) for quirks in (False, True) for is_svg in (False, True)
        )
        self.attributes = frozenset(name for index in self._indexes for name in index.names)

        def masks(compound: Compound) -> tuple[int, int]:
            return sum(atoms[atom] for atom in compound.required), sum(atoms[atom] for atom in compound.forbidden)

        self._paths: list[tuple[int, int, int, tuple[_Step, ...]]] = []
        self._gate = self.context = 0
        self._ungated = False
        tags = sum(self._tags.values())
        for number, paths in enumerate(lists):
            for path in paths:
                required, forbidden = masks(path.subject)
                steps = tuple((is_parent, *masks(compound)) for is_parent, compound in path.above)
                self._paths.append((required, forbidden, 1 << number, steps))
                self._gate |= _lowest(required & ~tags) or _lowest(required)
                self._ungated |= not required
                for _, above_required, above_forbidden in steps:
                    self.context |= above_required | above_forbidden
        self.has_combinators = any(steps for *_, steps in self._paths)
        self.by_class: ClassLists | None = None
        if self.attributes <= {"class"} and not (self._tags or self._ungated or self.has_combinators):
            self.by_class = ClassLists(self._of_class)

    def bits(self, tag: str, attributes: Mapping[str, Any], is_svg: bool = False, quirks: bool = False) -> int:
        """The conditions a serialized element meets. `tag` is lower-case, as recorded.

        `quirks` is that the element's document says `compatMode: "BackCompat"`: class and id then ignore ASCII case.
        """
        found = self._tags.get(tag, 0)
        if self.attributes.isdisjoint(attributes):
            return found
        return found | self._indexes[is_svg + 2 * quirks].read(attributes)

    def updated(self, bits: int, changes: Mapping[str, Any], is_svg: bool = False, quirks: bool = False) -> int:
        """The bits of an element that had `bits` before these attributes changed; null removes an attribute."""
        if self.attributes.isdisjoint(changes):
            return bits
        index = self._indexes[is_svg + 2 * quirks]
        return bits & ~index.decided_by(changes) | index.read(changes)

    def matches(self, bits: int, ancestors: Iterator[int]) -> int:
        """A number whose bit i is set if a selector of list i matches; 0 if none does.

        `ancestors` are the bits of the elements above, from the parent to the root of the document. They are asked
        for only if a selector with combinators is still undecided.
        """
        if not bits & self._gate and not self._ungated:
            return 0
        found = 0
        undecided: set[tuple[int, int]] = set()
        for number, (required, forbidden, which, steps) in enumerate(self._paths):
            if bits & required == required and not bits & forbidden and not found & which:
                if steps:
                    undecided.add((number, 0))
                else:
                    found |= which
        return found | self._climb(undecided, ancestors) if undecided else found

    def _of_class(self, value: str, quirks: bool) -> int:
        return self.matches(self.bits("", {"class": value}, quirks=quirks), iter(()))

    def _climb(self, undecided: set[tuple[int, int]], ancestors: Iterator[int]) -> int:
        """All undecided paths at once, each ancestor seen once: (path, step) are those that could go on from here."""
        found = 0
        for bits in ancestors:
            going_on: set[tuple[int, int]] = set()
            for state in undecided:
                number, at = state
                _, _, which, steps = self._paths[number]
                is_parent, required, forbidden = steps[at]
                if bits & required == required and not bits & forbidden:
                    if at + 1 == len(steps):
                        found |= which
                        continue
                    going_on.add((number, at + 1))
                if not is_parent:
                    going_on.add(state)
            undecided = {state for state in going_on if not self._paths[state[0]][2] & found} if found else going_on
            if not undecided:
                break
        return found


def compile_selectors(*lists: Sequence[str]) -> Selectors:
    """Lists of selectors as text, checked when the policy was loaded; SelectorRefusedError for any other."""
    return Selectors([[path for text in texts for path in parse_selector(text)] for texts in lists])


def _lowest(bits: int) -> int:
    return bits & -bits
