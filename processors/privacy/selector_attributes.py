"""Which conditions on class, id and other attributes an element meets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from schemas.policy_atoms import Atom, Kind

# CSS and HTML know five white space characters; Python's `split()` many more.
_SPACES = re.compile(r"[ \t\n\f\r]+")
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
# HTML, section 4.16.2: on HTML elements values of these attributes are compared without regard to ASCII case.
_CASELESS = """
    accept accept-charset align alink axis bgcolor charset checked clear codetype color compact declare defer dir
    direction disabled enctype face frame hreflang http-equiv lang language link media method multiple nohref noresize
    noshade nowrap readonly rel rev rules scope scrolling selected shape target text type valign valuetype
    vlink"""
CASELESS = frozenset(_CASELESS.split())

_Test = Callable[[str], bool]


class AttributeIndex:
    """Atoms by attribute, for elements of one sort: HTML names are lower-case, SVG names as written; quirks or not."""

    __slots__ = ("_classes", "_decided", "_quirks", "_tested", "_tests", "names")

    def __init__(self, atoms: Mapping[Atom, int], *, is_svg: bool, quirks: bool) -> None:
        self._quirks = quirks
        self._classes: dict[str, int] = {}
        self._decided: dict[str, int] = {}
        tests: dict[str, list[tuple[int, _Test]]] = {}
        for atom, bit in atoms.items():
            match atom.kind:
                case Kind.TAG:
                    continue
                case Kind.CLASS:
                    name = "class"
                    token = _ascii_lower(atom.name) if quirks else atom.name
                    self._classes[token] = self._classes.get(token, 0) | bit
                case Kind.ID:
                    name = "id"
                    tests.setdefault(name, []).append((bit, _test("=", atom.name, caseless=quirks)))
                case Kind.ATTRIBUTE:
                    name = atom.name if is_svg else atom.name.lower()
                    caseless = atom.flag == "i" or (not atom.flag and not is_svg and name in CASELESS)
                    tests.setdefault(name, []).append((bit, _test(atom.operator, atom.value, caseless=caseless)))
            self._decided[name] = self._decided.get(name, 0) | bit
        self._tests = {name: tuple(each) for name, each in tests.items()}
        self._tested = frozenset(tests)
        self.names = frozenset(self._decided)

    def read(self, attributes: Mapping[str, Any]) -> int:
        """The bits these attributes set."""
        found = 0
        if self._classes:
            value = attributes.get("class")
            if type(value) is str:
                for token in _tokens(_ascii_lower(value) if self._quirks else value):
                    found |= self._classes.get(token, 0)
        if not self._tested.isdisjoint(attributes):
            for name in self._tested.intersection(attributes):
                text = _text(attributes[name])
                if text is not None:
                    for bit, holds in self._tests[name]:
                        if holds(text):
                            found |= bit
        return found

    def decided_by(self, names: Iterable[str]) -> int:
        """The bits that hang on attributes of these names."""
        return sum(self._decided[name] for name in self.names.intersection(names))


def _text(value: Any) -> str | None:
    """The value as the player would set it; None if it would not."""
    if type(value) is str:
        return value
    if value is True:
        return ""
    return str(value) if type(value) in (int, float) else None


def _tokens(value: str) -> list[str]:
    # Printable ASCII has no white space but the space.
    return value.split(" ") if value.isascii() and value.isprintable() else _SPACES.split(value)


def _ascii_lower(text: str) -> str:
    return text.lower() if text.isascii() else text.translate(_ASCII_LOWER)


def _test(operator: str, value: str, *, caseless: bool) -> _Test:
    if caseless:
        exact = _exact_test(operator, _ascii_lower(value))
        return lambda text: exact(_ascii_lower(text))
    return _exact_test(operator, value)


def _exact_test(operator: str, value: str) -> _Test:
    match operator:
        case "":
            return lambda text: True
        case "=":
            return value.__eq__
        case "^=":
            return lambda text: text.startswith(value)
        case "$=":
            return lambda text: text.endswith(value)
        case "*=":
            return lambda text: value in text
        case "~=":
            return lambda text: value in _tokens(text)
        case "|=":
            return lambda text: text == value or text.startswith(f"{value}-")
    raise ValueError(f"no such operator: {operator}")
