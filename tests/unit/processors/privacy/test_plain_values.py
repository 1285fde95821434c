"""Attributes that take keywords and numbers: under a mask they hold nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from processors.privacy.plain_values import is_drawing, is_plain
from tests.unit.processors.privacy.pages import Run, change, element, meta, mutation, policy_of, shown, snapshot


@pytest.mark.parametrize(
    "value",
    [
        "",
        "100%",
        "text/css",
        "(min-width: 600px) and (prefers-color-scheme: dark)",
        "#ffcc00",
        "url(#paint0_linear_4711_12345678)",
        "translate(-12.50000001 4) rotate(45deg)",
        "xMidYMid meet",
        "en-US",
        "noopener noreferrer",
        "RED",
    ],
)
def test_what_pages_write_is_plain(value: str) -> None:
    """Keywords, numbers with units, colours, references and languages stay, or the page would lose its form."""
    assert is_plain(value)


@pytest.mark.parametrize("value", ["Alice", "a@b.example", "+49 1234567", "12345678", "grün", "text/alice", "\u2063"])
def test_what_a_person_writes_is_not(value: str) -> None:
    """Names, addresses, phone and account numbers are none of these."""
    assert not is_plain(value)


def test_path_data() -> None:
    """The data of a path has commands and numbers of any length, and nothing else."""
    assert is_drawing("d", "M10.123456789-5zm1,2e3 12345678")
    assert not is_drawing("d", "M10 Alice")
    assert not is_drawing("points", "1 2 Alice")


@pytest.mark.parametrize(("policy", "name"), [("strict", ""), ("balanced", "rr-mask")])
@pytest.mark.parametrize(
    ("attribute", "kept", "masked"),
    [
        ("role", "button", "Alice"),
        ("width", "50%", "Alice"),
        ("target", "_blank", "alice"),
        ("d", "M0 0z", "Alice"),
        ("fill", "red", "Alice"),
        ("rr_mediaState", "paused", "Alice"),
    ],
)
def test_under_a_mask_only_plain_values_stay(policy: str, name: str, attribute: str, kept: str, masked: str) -> None:
    """Keywords of known attributes stay in masked elements and where all text is masked, words become stars."""
    page = snapshot(element(9, "g", element(10, "path", **{attribute: masked}) | {"isSVG": True}, class_=name))
    later = mutation(attributes=[change(10, **{attribute: kept})])
    run = Run(policy_of(policy)).feed(meta(), page, later)
    assert shown(run, 10)["attributes"] == {attribute: "*" * len(masked)}
    assert run.last["attributes"][0]["attributes"] == {attribute: kept}


def test_without_a_mask_all_values_stay() -> None:
    """Outside of masks a value is what the page says, and a number is one everywhere."""
    given: dict[str, Any] = {"role": "Alice", "width": "Alice", "d": "Alice", "rr_scrollTop": 12345678}
    assert shown(Run().feed(meta(), snapshot(element(10, "p", **given))), 10)["attributes"] == given
    page = snapshot(element(10, "p", rr_scrollTop=12345678))
    assert shown(Run(policy_of("strict")).feed(meta(), page), 10)["attributes"] == {"rr_scrollTop": 12345678}
