"""CSS selectors as rules on a recorded page: which can be decided there, and what they ask of an element.

A recorded element has a tag, attributes and elements above it; it has no state (`:hover`), and its siblings change
without notice. A selector becomes paths: alternatives of which one must hold. A path lists compounds from the element
itself upward; a compound lists atoms, the single conditions, that must and that must not hold. Matching them is the
work of `processors.privacy.selectors`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product
from typing import Any

from cssselect import SelectorError as CssSelectError
from cssselect import parse, parser

from schemas.policy_atoms import MAX_PATHS, Atom, Compound, Kind, Path, SelectorRefusedError

MAX_CHARACTERS = 512

_DYNAMIC = """
    active any-link autofill blank buffering checked current default defined disabled enabled focus focus-visible
    focus-within fullscreen future hover in-range indeterminate invalid link local-link modal muted open optional
    out-of-range past paused picture-in-picture placeholder-shown playing popover-open read-only read-write required
    seeking stalled target target-within user-invalid user-valid valid visited volume-locked"""
_STRUCTURAL = """
    empty first-child first-of-type last-child last-of-type nth-child nth-last-child nth-last-of-type nth-of-type
    only-child only-of-type root scope"""
# The recorder writes an absolute address, or the live state of the field, where the page has something else.
_REWRITTEN = """
    action autoplay background checked crossorigin data formaction href selected src srcset style value"""
DYNAMIC, STRUCTURAL, REWRITTEN = (frozenset(each.split()) for each in (_DYNAMIC, _STRUCTURAL, _REWRITTEN))
# npm rrweb 2.2: `link[rel]` is gone once its style sheet is in the recording; names of its own start like these.
_RECORDERS_OWN = ("rr_", "_csstext", "data-rr-")
_TAG = re.compile(r"[a-z0-9_:-]+")
_POSITION = re.compile(r" at (\d{1,4})")


def parse_selector(text: str) -> tuple[Path, ...]:
    """The paths of a selector or comma list; SelectorRefusedError if it is no CSS or cannot be decided."""
    if len(text) > MAX_CHARACTERS:
        raise SelectorRefusedError(f"longer than {MAX_CHARACTERS} characters")
    if r"\\" in text:
        # cssselect 1.6 takes the second one for the start of another escape, and the rule would match other elements.
        raise SelectorRefusedError("an escaped backslash is not understood")
    try:
        parsed = parse(text)
    except CssSelectError as error:
        raise SelectorRefusedError(_unreadable(text, str(error))) from None
    if any(each.pseudo_element is not None for each in parsed):
        raise SelectorRefusedError("pseudo-elements such as ::before, ::part and ::slotted are not recorded")
    paths = [path for each in parsed for path in _paths(each.parsed_tree)]
    if not paths:
        raise SelectorRefusedError("no element can match it")
    return tuple(dict.fromkeys(paths))


def _unreadable(text: str, message: str) -> str:
    place = _POSITION.search(message)
    where = f", near character {int(place[1]) + 1}" if place else ""
    hint = ": inside :not() only one compound is understood, no list" if ":not(" in text.lower() else ""
    return f"not a selector that can be read{where}{hint}"


def class_selector(name: str) -> str:
    """The selector of a class name of any characters but a backslash."""
    return parser.Selector(parser.Class(parser.Element(), name)).canonical()


def _paths(tree: Any) -> list[Path]:
    steps: list[tuple[str, Any]] = []
    while isinstance(tree, parser.CombinedSelector):
        if tree.combinator not in (" ", ">"):
            raise SelectorRefusedError("sibling combinators '+' and '~': siblings change without notice")
        steps.append((tree.combinator, tree.subselector))
        tree = tree.selector
    compounds = [_compounds(each) for _, each in steps] + [_compounds(tree)]
    _check_number(compounds)
    kinds = [combinator == ">" for combinator, _ in steps]
    return [Path(subject, tuple(zip(kinds, above, strict=True))) for subject, *above in product(*compounds)]


def _compounds(tree: Any) -> list[Compound]:
    """Alternatives for one element."""
    match tree:
        case parser.Element():
            return [Compound(_tag(tree))]
        case parser.Class():
            return _both(_compounds(tree.selector), [_one(Atom(Kind.CLASS, tree.class_name))])
        case parser.Hash():
            return _both(_compounds(tree.selector), [_one(Atom(Kind.ID, tree.id))])
        case parser.Attrib():
            alternatives = _both(_compounds(tree.selector), [_one(_attribute(tree))])
            _check_rel(tree, alternatives)
            return alternatives
        case parser.Negation():
            return _both(_compounds(tree.selector), _none_of(_compounds(tree.subselector)))
        case parser.Matching() | parser.SpecificityAdjustment():
            return _both(_compounds(tree.selector), [each for one in tree.selector_list for each in _compounds(one)])
        case parser.CombinedSelector():
            raise SelectorRefusedError("combinators inside :not()")
        case parser.Relation():
            raise SelectorRefusedError(":has(): what is inside an element may come later than the element")
        case parser.Pseudo():
            raise _pseudo_class(tree.ident)
        case parser.Function():
            raise _pseudo_class(tree.name)
    raise SelectorRefusedError("not understood")


def _one(atom: Atom) -> Compound:
    return Compound(frozenset({atom}))


def _both(left: Sequence[Compound], right: Sequence[Compound]) -> list[Compound]:
    _check_number([left, right])
    joined = [Compound(a.required | b.required, a.forbidden | b.forbidden) for a, b in product(left, right)]
    return list(dict.fromkeys(compound for compound in joined if _is_possible(compound)))


def _none_of(alternatives: Sequence[Compound]) -> list[Compound]:
    result = [Compound()]
    for compound in alternatives:
        failures = [Compound(forbidden=frozenset({atom})) for atom in sorted(compound.required)]
        failures += [_one(atom) for atom in sorted(compound.forbidden)]
        result = _both(result, failures)
    return result


def _is_possible(compound: Compound) -> bool:
    tags = sum(atom.kind is Kind.TAG for atom in compound.required)
    return tags <= 1 and not compound.required & compound.forbidden


def _check_number(alternatives: Sequence[Sequence[Compound]]) -> None:
    number = 1
    for each in alternatives:
        number *= len(each)
    if number > MAX_PATHS:
        raise SelectorRefusedError(f"more than {MAX_PATHS} alternatives")


def _tag(element: parser.Element) -> frozenset[Atom]:
    if element.namespace not in (None, "*"):
        raise SelectorRefusedError("namespaces are not recorded")
    if element.element is None:
        return frozenset()
    name = element.element.lower()
    if not _TAG.fullmatch(name):
        raise SelectorRefusedError(
            "the recorder writes 'div' for tags with other characters than a-z, 0-9, '-' and '_'"
        )
    return frozenset({Atom(Kind.TAG, name)})


def _attribute(tree: parser.Attrib) -> Atom:
    name = tree.attrib
    if tree.namespace not in (None, "*"):
        raise SelectorRefusedError("namespaces are not recorded")
    if name.lower() in REWRITTEN or name.lower().startswith(_RECORDERS_OWN):
        raise SelectorRefusedError(
            "the recorder rewrites this attribute (addresses, style, the state of fields, its own marks)"
        )
    if tree.operator == "exists":
        return Atom(Kind.ATTRIBUTE, name)
    if tree.operator == "!=":
        raise SelectorRefusedError("the operator '!=' is not CSS: write :not([name=value])")
    value = tree.value.value if tree.value is not None and tree.value.value is not None else ""
    if (not value and tree.operator in ("^=", "$=", "*=")) or (tree.operator == "~=" and len(value.split()) != 1):
        raise SelectorRefusedError("no attribute can match this value")
    return Atom(Kind.ATTRIBUTE, name, tree.operator, value, tree.flag or "")


def _check_rel(tree: parser.Attrib, alternatives: Sequence[Compound]) -> None:
    if tree.attrib.lower() != "rel":
        return
    for compound in alternatives:
        if not any(atom.kind is Kind.TAG and atom.name != "link" for atom in compound.required):
            raise SelectorRefusedError("the recorder takes 'rel' off <link>: write it with another tag, such as a[rel]")


def _pseudo_class(name: str) -> SelectorRefusedError:
    if name in DYNAMIC:
        return SelectorRefusedError(f":{name}: the state of an element is not recorded")
    if name in STRUCTURAL:
        return SelectorRefusedError(f":{name}: the order of siblings changes without notice")
    return SelectorRefusedError("a pseudo-class that is not known here")
