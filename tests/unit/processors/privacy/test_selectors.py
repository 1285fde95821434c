"""What the judge cannot tell: SVG, quirks mode, values HTML compares without case, and what is asked for when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from processors.privacy.selectors import Selectors, compile_selectors
from schemas.policy_atoms import MAX_ATOMS, SelectorRefusedError
from schemas.policy_selectors import class_selector


def _matches(text: str, tag: str, attributes: dict[str, Any], **kinds: bool) -> bool:
    selectors = compile_selectors([text])
    return bool(selectors.matches(selectors.bits(tag, attributes, **kinds), iter(())))


@pytest.mark.parametrize(
    ("text", "attributes", "is_svg", "expected"),
    [
        ("[viewBox]", {"viewBox": "0 0 1 1"}, True, True),
        ("[viewbox]", {"viewBox": "0 0 1 1"}, True, False),
        ("[viewBox]", {"viewbox": "0 0 1 1"}, False, True),
        ("[data-Private]", {"data-private": ""}, False, True),
        ("[data-Private]", {"data-private": ""}, True, False),
        ("LinearGradient", {}, True, True),
    ],
)
def test_names_ignore_case_in_html_but_not_in_svg(
    text: str, attributes: dict[str, Any], is_svg: bool, expected: bool
) -> None:
    """Attribute names of SVG keep their case; those of HTML are lower-case, and so are all recorded tags."""
    assert _matches(text, "lineargradient", attributes, is_svg=is_svg) is expected


@pytest.mark.parametrize("text", [".Card", "#Card"])
def test_class_and_id_ignore_case_in_quirks_mode_only(text: str) -> None:
    """Classes and ids differ by case, but not in a document in quirks mode."""
    attributes = {"class": "x cARD", "id": "cARD"}
    assert not _matches(text, "p", attributes)
    assert _matches(text, "p", attributes, quirks=True)
    assert not _matches("[class~=Card]", "p", attributes, quirks=True)


def test_some_values_ignore_case_in_html() -> None:
    """HTML compares `type` and its like without case, unless the selector says `s`; SVG and other names do not."""
    assert _matches("[type=EMAIL]", "input", {"type": "email"})
    assert not _matches("[type=EMAIL s]", "input", {"type": "email"})
    assert not _matches("[type=EMAIL]", "style", {"type": "email"}, is_svg=True)
    assert not _matches("[name=EMAIL]", "input", {"name": "email"})


@pytest.mark.parametrize(
    ("value", "expected"), [("", True), (True, True), (0, True), (None, False), (False, False), ({"a": 1}, False)]
)
def test_an_attribute_exists_if_the_player_would_set_it(value: Any, expected: bool) -> None:
    """True and numbers are values; null, false and what is no value at all are none."""
    assert _matches("[hidden]", "p", {"hidden": value}) is expected


def test_a_class_of_any_type_but_text_is_no_class() -> None:
    """A class that is no string matches nothing and breaks nothing."""
    assert not _matches(".a", "p", {"class": ["a"]})


@pytest.mark.parametrize("name", ["md:p-2", "1x", "a.b", "-", "--x", "é", "[a]"])
def test_class_names_of_any_characters(name: str) -> None:
    """A class named in a policy is found whatever characters it has, and only as a whole token."""
    assert _matches(class_selector(name), "p", {"class": f"x {name}"})
    assert not _matches(class_selector(name), "p", {"class": f"x{name}"})


def test_only_the_white_space_of_html_divides_classes() -> None:
    """Form feed divides class names; a no-break space, or a separator Python would split at, is part of one."""
    assert _matches(".b", "p", {"class": "a\fb"})
    for space in ("\u00a0", "\x1c", "\u2003"):
        assert not _matches(".b", "p", {"class": f"a{space}b"})
        assert _matches(class_selector(f"a{space}b"), "p", {"class": f"x a{space}b"})


def test_lists_are_told_apart() -> None:
    """Bit i of the answer belongs to list i."""
    selectors = compile_selectors([".a", "p"], [], ["p.a"])
    assert selectors.matches(selectors.bits("p", {"class": "a"}), iter(())) == 0b101
    assert selectors.matches(selectors.bits("p", {}), iter(())) == 0b001
    assert selectors.matches(selectors.bits("div", {}), iter(())) == 0


def _chain(selectors: Selectors, *classes: str) -> Iterator[int]:
    """Bits of ancestors, the parent first."""
    return (selectors.bits("div", {"class": each}) for each in classes)


def test_a_child_is_sought_again_above_the_first_that_does_not_fit() -> None:
    """`.a > .b .c` holds if any `.b` above has the parent `.a`, not only the nearest."""
    selectors = compile_selectors([".a > .b .c"])
    bits = selectors.bits("p", {"class": "c"})
    assert selectors.matches(bits, _chain(selectors, "b", "x", "b", "a"))
    assert not selectors.matches(bits, _chain(selectors, "b", "x", "a"))
    assert not selectors.matches(bits, _chain(selectors, "a", "b"))


def _never() -> Iterator[int]:
    raise AssertionError("no ancestor is needed to decide")
    yield 0


def test_ancestors_are_not_asked_for_in_vain() -> None:
    """Elements that cannot match, and rules without combinators, are decided from the element alone."""
    plain, combined = compile_selectors([".a"]), compile_selectors([".a > .b", "p"])
    assert (plain.has_combinators, combined.has_combinators) == (False, True)
    assert plain.matches(plain.bits("p", {"class": "a"}), _never())
    assert not combined.matches(combined.bits("div", {"class": "a"}), _never())
    assert combined.matches(combined.bits("p", {"class": "b"}), iter(())) == 1


def test_a_long_chain_is_walked_once() -> None:
    """Many descendant steps over many ancestors that all fit look at each ancestor once."""
    selectors = compile_selectors([" ".join([".a"] * 12 + [".b"])])
    walked = 0

    def above() -> Iterator[int]:
        nonlocal walked
        for _ in range(500):
            walked += 1
            yield selectors.bits("div", {"class": "a"})

    bits = selectors.bits("div", {"class": "b"})
    assert selectors.matches(bits, above())
    assert walked == 12


def test_only_named_attributes_are_of_interest() -> None:
    """`attributes` are the names that can change the bits, `context` the bits that matter to elements below."""
    selectors = compile_selectors([".a > #b", "p[DATA-x]"])
    assert selectors.attributes == {"class", "id", "data-x", "DATA-x"}
    assert selectors.context == selectors.bits("div", {"class": "a"})


def test_no_rule_matches_nothing() -> None:
    """Without selectors nothing matches, whatever it is."""
    selectors = compile_selectors([], [])
    assert selectors.matches(selectors.bits("p", {"class": "a"}), _never()) == 0


def test_more_conditions_than_bits_are_refused() -> None:
    """64 conditions fit; one more does not."""
    compile_selectors([f".c{number}" for number in range(MAX_ATOMS)])
    with pytest.raises(SelectorRefusedError, match="65"):
        compile_selectors([f".c{number}" for number in range(MAX_ATOMS + 1)])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a:hover", ":hover: the state"),
        ("input:checked", ":checked: the state"),
        (".a:focus-within", ":focus-within: the state"),
        ("dialog:modal", ":modal: the state"),
        ("li:first-child", ":first-child: the order"),
        ("li:nth-child(2n+1)", ":nth-child: the order"),
        ("p:empty", ":empty: the order"),
        (":root", ":root: the order"),
        (".a:not(:hover)", ":hover: the state"),
        (":is(.a, :target)", ":target: the state"),
        ("p:made-up", "not known"),
        ("p:contains('x')", "not known"),
        ("div:has(.a)", ":has()"),
        (".a + .b", "sibling"),
        (".a ~ .b", "sibling"),
        (":not(.a .b)", "combinators inside :not()"),
        (":not(.a, .b)", "near character 8: inside :not()"),
        ("::before", "pseudo-elements"),
        ("x-y::part(z)", "pseudo-elements"),
        ("slot::slotted(p)", "pseudo-elements"),
        ("a[href]", "rewrites this attribute"),
        ("img[SRC^='x']", "rewrites this attribute"),
        ("[style*='color']", "rewrites this attribute"),
        ("input[value='x']", "rewrites this attribute"),
        ("video[autoplay]", "rewrites this attribute"),
        ("[data-rr-is-password]", "rewrites this attribute"),
        ("[rel=stylesheet]", "takes 'rel' off"),
        ("link[rel=stylesheet]", "takes 'rel' off"),
        ("svg|a", "namespaces"),
        ("[xlink|href]", "namespaces"),
        ("a[title!=x]", "not CSS"),
        ("[title^='']", "no attribute"),
        ("[title~='a b']", "no attribute"),
        ("div:not(div)", "no element"),
        ("p:is(div, span)", "no element"),
        ("p:not(*)", "no element"),
        (r"my\.tag", "writes 'div'"),
        ("", "not a selector"),
        (".a {", "not a selector"),
        (".a,", "not a selector"),
        (r".a\\b", "escaped backslash"),
        ("." + "a" * 600, "longer than"),
        ("".join(f":is(.a{i},.b{i})" for i in range(9)), "alternatives"),
    ],
)
def test_what_cannot_be_decided_is_refused_with_the_reason(text: str, reason: str) -> None:
    """Each kind of selector that a recording cannot answer is refused, and the message says why."""
    with pytest.raises(SelectorRefusedError) as refusal:
        compile_selectors([text])
    assert reason in str(refusal.value)


def test_rel_may_be_asked_of_other_tags() -> None:
    """`rel` is only lost on <link>."""
    assert _matches("a[rel=nofollow]", "a", {"rel": "nofollow"})
