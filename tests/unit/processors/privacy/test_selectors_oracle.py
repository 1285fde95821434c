"""Our selectors and an independent judge see the same elements, in made-up trees."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.privacy.selectors import compile_selectors
from schemas.policy_atoms import SelectorRefusedError
from schemas.policy_selectors import class_selector
from tests.unit.processors.privacy.selector_judge import Judge, matched, places

Json = dict[str, Any]

TAGS = st.sampled_from(["div", "p", "span", "input", "x-card"])
CLASSES = ["a", "b", "A", "c-d", "é", "x\u00a0y", "1x", "w:1/2"]
IDS = ["a", "b", "A", "1"]
VALUES = ["", "a", "a b", "a-b", "A-b", "ab", "b a", "a\u00a0b", "É"]
SPACES = st.sampled_from([" ", "  ", "\t", "\n"])


@st.composite
def class_values(draw: st.DrawFn) -> str:
    """A class attribute as pages write it, with odd white space."""
    text = draw(st.sampled_from(["", " "]))
    for name in draw(st.lists(st.sampled_from(CLASSES), max_size=3)):
        text += name + draw(SPACES)
    return text


ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={
        "class": class_values(),
        "id": st.sampled_from(IDS),
        "data-x": st.sampled_from([*VALUES, True, 5]),
        "title": st.sampled_from(VALUES),
    },
)


@st.composite
def trees(draw: st.DrawFn) -> list[tuple[Json, int]]:
    """Elements, each below one before it or at the root."""
    nodes: list[tuple[Json, int]] = []
    for place in range(draw(st.integers(1, 12))):
        node = {"tagName": draw(TAGS), "attributes": draw(ATTRIBUTES)}
        nodes.append((node, draw(st.integers(max(-1, place - 4), place - 1))))
    return nodes


def attribute_selectors() -> st.SearchStrategy[str]:
    """`[name]` and `[name op "value" flag]`."""
    name = st.sampled_from(["data-x", "DATA-X", "title", "class", "id"])
    operator = st.sampled_from(["=", "^=", "$=", "*=", "~=", "|="])
    flag = st.sampled_from(["", " i", " s"])
    return st.one_of(
        name.map(lambda each: f"[{each}]"),
        st.builds(lambda n, o, v, f: f'[{n}{o}"{v}"{f}]', name, operator, st.sampled_from([*VALUES, "5"]), flag),
    )


SIMPLE = st.one_of(
    st.sampled_from(CLASSES).map(class_selector), st.sampled_from(["#a", "#b", r"#\31 "]), attribute_selectors()
)


@st.composite
def compounds(draw: st.DrawFn, depth: int = 2) -> str:
    """A tag or none, then conditions, among them :is(), :where() and, outermost only, :not()."""
    text = draw(st.one_of(st.just(""), st.just("*"), TAGS, TAGS.map(str.upper)))
    count = draw(st.integers(0 if text else 1, 2))
    for _ in range(count):
        kind = draw(st.sampled_from(["simple", "simple", "simple", "not", "is", "where"] if depth else ["simple"]))
        if kind == "simple":
            text += draw(SIMPLE)
        elif kind == "not":
            text += f":not({draw(compounds(depth=0))})" if depth == 2 else draw(SIMPLE)
        else:
            inner = draw(st.lists(compounds(depth=min(1, depth - 1)), min_size=1, max_size=2))
            text += f":{kind}({', '.join(inner)})"
    return text


@st.composite
def selectors(draw: st.DrawFn) -> str:
    """A comma list of compounds and combinators."""
    alternatives = []
    for _ in range(draw(st.integers(1, 2))):
        text = draw(compounds())
        for _ in range(draw(st.integers(0, 3))):
            text += draw(st.sampled_from([" ", ">", " > "])) + draw(compounds())
        alternatives.append(text)
    return ", ".join(alternatives)


@pytest.mark.long
@settings(max_examples=200, deadline=None)
@given(trees(), st.lists(selectors(), min_size=1, max_size=3))
def test_same_elements_as_the_judge(nodes: list[tuple[Json, int]], texts: list[str]) -> None:
    """Whatever the decidable selectors and the tree are, each selector of a set matches what the judge says."""
    judge = Judge(nodes)
    usable = []
    for text in texts:
        try:
            compile_selectors([text])
        except SelectorRefusedError as refusal:
            if "no element" in str(refusal):
                assert judge.matched(text) == set(), text
        else:
            usable.append(text)
    try:
        compiled = compile_selectors(*([text] for text in usable))
    except SelectorRefusedError:
        return
    found = matched(nodes, compiled)
    for which, text in enumerate(usable):
        assert places(found, which) == judge.matched(text), text


@settings(max_examples=200, deadline=None)
@given(TAGS, ATTRIBUTES, st.dictionaries(st.sampled_from(["class", "id", "data-x", "title"]), st.none()), ATTRIBUTES)
def test_updating_equals_reading_anew(tag: str, before: Json, removed: Json, changed: Json) -> None:
    """The bits after a change of attributes are those of an element that always had them."""
    compiled = compile_selectors([".a", "#b", "[data-x]", "[title^=a]", "p[class~=b]", "div > .c-d:not(#a)"])
    changes = {**removed, **changed}
    after = {name: value for name, value in {**before, **changes}.items() if value is not None}
    assert compiled.updated(compiled.bits(tag, before), changes) == compiled.bits(tag, after)
