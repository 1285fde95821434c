"""The page about policies says what the model says."""

from __future__ import annotations

from pathlib import Path

import yaml

from schemas.policy_reference import reference
from schemas.project import parse_policy

PAGE = Path(__file__).resolve().parents[2] / "docs" / "privacy-policy.md"


def test_the_page_is_the_models() -> None:
    """The reference of a policy's fields is the one written from the model; its head says how to write it anew."""
    assert PAGE.read_text(encoding="utf-8") == reference()


def test_the_pages_example_is_a_policy() -> None:
    """The example on the page can be used as it stands."""
    example = reference().partition("```yaml\n")[2].partition("```")[0]
    policy = parse_policy(yaml.safe_dump(yaml.safe_load(example)["policy"]))
    assert policy.block.selectors == (".account-menu", "iframe.chat")
