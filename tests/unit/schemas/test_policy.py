"""Policies as data: presets, what differs from them, versions, and refusals that name line and reason."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from schemas.policy import BALANCED, PRESETS, STRICT, Policy
from schemas.policy_parts import Elements, Inputs, Text
from schemas.policy_patterns import SEGMENT_CHARACTERS, SegmentPatterns, checked_pattern
from schemas.project import ProjectFileError, parse_policy, parse_projects

PROJECT = "projects:\n  shop:\n    write_keys: [abcd]\n"


def test_a_project_without_a_policy_is_balanced() -> None:
    """Saying nothing gives the preset with safe defaults."""
    assert parse_projects(PROJECT).projects["shop"].policy == BALANCED


@pytest.mark.parametrize("name", list(PRESETS))
def test_a_name_is_a_preset(name: str) -> None:
    """A preset can be named alone or in a mapping."""
    assert parse_projects(f"{PROJECT}    policy: {name}\n").projects["shop"].policy == PRESETS[name]
    assert parse_policy(f"preset: {name}\n") == PRESETS[name]


def test_what_is_written_replaces_only_itself() -> None:
    """A value replaces the preset's, beside it and around it everything stays."""
    policy = parse_policy("preset: strict\nblock: {selectors: ['.card > p']}\nconsent: {dnt: ignore}\n")
    assert policy.block == Elements(classes=("rr-block",), selectors=(".card > p",))
    assert (policy.consent.gpc, policy.consent.dnt) == ("drop", "ignore")
    assert policy.mask == STRICT.mask
    assert policy.text == STRICT.text


def test_presets_explain_themselves() -> None:
    """Each preset says what it does in sentences, no two the same, and what is changed is said."""
    told = {name: preset.describe() for name, preset in PRESETS.items()}
    assert len({tuple(sentences) for sentences in told.values()}) == len(PRESETS)
    assert all(sentence.endswith(".") for sentences in told.values() for sentence in sentences)
    changed = parse_policy("{inputs: {types: [tel]}, urls: {parameters: [page]}, custom: {others: drop, tags: [cart]}}")
    words = " ".join(changed.describe())
    assert all(word in words for word in ("of type `tel`", "parameters `page`", "but for `cart`"))


def test_every_field_changes_the_description() -> None:
    """No field is without a sentence: what differs between strict and balanced is told, field by field."""
    for name in Policy.model_fields:
        if getattr(STRICT, name) != getattr(BALANCED, name):
            changed = BALANCED.model_copy(update={name: getattr(STRICT, name)})
            assert changed.describe() != BALANCED.describe(), name


def test_versions_follow_the_rules() -> None:
    """A version is the preset's name and a hash, ASCII, of the rules alone: order and repetition are none."""
    first = parse_policy("block: {selectors: [.a, .é]}")
    same = parse_policy("preset: balanced\nblock: {selectors: [.é, .a, .a]}")
    assert first.version == same.version
    assert first.version.startswith("balanced-")
    assert first.version.isascii()
    assert json.loads(first.canonical())["block"]["selectors"] == [".a", ".é"]


def test_any_change_of_rules_changes_the_version() -> None:
    """Presets and changes of a single value all have versions of their own."""
    texts = ["block: {selectors: [.a]}", "mask: {selectors: [.a]}", "canvas: keep", "inputs: {mask_all: true}"]
    versions = {policy.version for policy in (*PRESETS.values(), *map(parse_policy, texts))}
    assert len(versions) == len(PRESETS) + len(texts)


def test_passwords_and_the_test_policy_cannot_be_written() -> None:
    """Nothing in the file switches off the rules that always hold."""
    for text in ("none", "preset: none", "always: false", "inputs: {passwords: keep}", "inputs: {types: [password]}"):
        with pytest.raises(ProjectFileError):
            parse_policy(text)


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        ("    policy: lax\n", 4, "policy.preset: Input should be 'strict', 'balanced' or 'open'"),
        ("    policy:\n      preset: lax\n", 5, "policy.preset"),
        ("    policy:\n      preset: [strict]\n", 5, "policy.preset"),
        ("    policy: 5\n", 4, "policy"),
        ("    policy:\n      blocks: {}\n", 5, "policy.blocks"),
        (
            "    policy:\n      block:\n        selectors:\n          - .a\n          - a:hover\n",
            8,
            ":hover: the state",
        ),
        ("    policy:\n      mask:\n        selectors: ['.a + .b']\n", 6, "sibling"),
        ("    policy:\n      inputs:\n        selectors: ['input[value=x]']\n", 6, "rewrites"),
        ("    policy:\n      ignore: {classes: [.dotted]}\n", 5, "without the dot"),
        ("    policy:\n      block: {classes: ['two words']}\n", 5, "policy.block.classes.0"),
        ("    policy:\n      text: {mask_all: 'no'}\n", 5, "policy.text.mask_all"),
        ("    policy:\n      canvas: mask\n", 5, "policy.canvas"),
        ("    policy:\n      urls:\n        path_segments: ['(a+)+']\n", 6, "no groups"),
    ],
)
def test_refusals_name_line_and_reason(lines: str, line: int, words: str) -> None:
    """Whatever is wrong with a policy, the message says on which line and what."""
    with pytest.raises(ProjectFileError) as refusal:
        parse_projects(PROJECT + lines)
    assert str(refusal.value).startswith(f"line {line}: projects.shop.policy")
    assert words in str(refusal.value)


def test_refusals_never_quote_values() -> None:
    """A secret pasted into the wrong place does not come back in the message."""
    for text in (
        "block: {selectors: ['hunter2(']}",
        "block: {selectors: ['p:hunter2']}",
        "block: {classes: ['hunter2 hunter2']}",
        "urls: {path_segments: ['(hunter2)']}",
        "urls: {path_segments: ['[z-hunter2']}",
        "network: {headers: ['Hunter2!']}",
        "canvas: hunter2",
    ):
        with pytest.raises(ProjectFileError) as refusal:
            parse_policy(text)
        assert "hunter2" not in str(refusal.value).lower()


def test_all_rules_together_are_bounded() -> None:
    """Classes and selectors of all lists share the bits there are; the refusal says how many are used."""
    half = [f"c{number}" for number in range(32)]
    with pytest.raises(ValidationError, match="65"):
        Policy(block=Elements(classes=tuple(half)), inputs=Inputs(selectors=tuple(f"#{name}" for name in half[:31])))


def test_values_are_frozen_and_of_their_type() -> None:
    """A policy cannot be changed behind its version, and text is not a truth value."""
    with pytest.raises(ValidationError):
        BALANCED.canvas = "drop"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Text(mask_all="true")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pattern", "hidden", "shown"),
    [
        (r"\d{3,}", ["123", "4567", "%31%32%33"], ["12", "a123", "123a", ""]),
        (
            r"[^@]{1,64}@[^@]{1,128}\.[A-Za-z]{2,9}",
            ["me@x.org", "me%40x.org", "a.b@c.d.info"],
            ["react@18.2.0", "@scope"],
        ),
        (r"user-.+|order\.\w+", ["user-7", "order.x"], ["user-", "orderxx", "user"]),
        (r"[\]\-|]+", ["]-|"], ["a"]),
    ],
)
def test_patterns_cover_whole_segments(pattern: str, hidden: list[str], shown: list[str]) -> None:
    """A segment is hidden if a pattern covers all of it, as it is or percent-decoded."""
    patterns = SegmentPatterns([checked_pattern(pattern)])
    assert [segment for segment in hidden if not patterns.hides(segment)] == []
    assert [segment for segment in shown if patterns.hides(segment)] == []
    assert not any(patterns.spares(f"/a/{segment}/b") for segment in hidden)


def test_only_paths_without_a_needed_sign_are_spared() -> None:
    """Segments need not be tried if each alternative needs a sign that the path has not."""
    patterns = SegmentPatterns([r"\w+@\w+", r"-?a{0,2}!{2,}|b~"])
    assert patterns.spares("/a/-b.c")
    assert not [path for path in ("/a@b", "/!!", "/b~", "/%40", "/" + "a" * 300) if patterns.spares(path)]
    assert not SegmentPatterns(["a@", "b-?"]).spares("/a")


def test_long_segments_are_hidden_where_there_are_patterns() -> None:
    """What is too long to be tried is hidden; without patterns nothing is."""
    assert SegmentPatterns(["x"]).hides("y" * (SEGMENT_CHARACTERS + 1))
    assert not SegmentPatterns([]).hides("y" * (SEGMENT_CHARACTERS + 1))


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        "(a|a)(a|a)",
        r"(.)\1",
        "a*a*a*b",
        ".*.*.?",
        "a{1,64}a{1,64}a{1,64}",
        "^a$",
        r"\bx",
        "a+?",
        "a++",
        "(?i)a",
        "[z-a]",
        "[a",
        "a{2,1}",
        "a|",
        "x*",
        "",
        "a" * 129,
    ],
)
def test_patterns_that_could_become_slow_are_refused(pattern: str) -> None:
    """Groups, references, anchors, too many ways to divide a segment, and what is no pattern are refused."""
    with pytest.raises(ValueError, match=r"character|pattern|regular|empty"):
        checked_pattern(pattern)


def test_alternatives_are_bounded_one_by_one() -> None:
    """Two variable repeats may stand in each alternative."""
    assert checked_pattern("a+b+|c+d+") == "a+b+|c+d+"
    with pytest.raises(ValueError, match="divide"):
        checked_pattern("a+b+c+")
