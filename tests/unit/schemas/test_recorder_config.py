from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.policy import PRESETS
from schemas.project import Project, parse_policy
from schemas.recorder_config import recorder_config, watched


def config(**project: Any) -> dict[str, Any]:
    """The configuration of a project with one key and `project`."""
    content: dict[str, Any] = json.loads(
        recorder_config(Project.model_validate({"write_keys": ["shop-key"]} | project))
    )
    return content


def test_watched_is_every_class_id_and_attribute_that_a_rule_depends_on() -> None:
    """In whatever list, at whatever place of a selector, required or forbidden; tags never change."""
    policy = parse_policy(
        """
        block: {classes: [hide], selectors: ["#account > .menu span[data-role=owner i]"]}
        mask: {classes: [], selectors: ["main:not(.public) p", ":is(.a, [lang])", "article:not([data-open]) b"]}
        ignore: {classes: [], selectors: ["form[name^=pay] input"]}
        inputs: {selectors: ["input.quiet"]}
        """
    )
    assert watched(policy) == [
        "#account", ".a", ".hide", ".menu", ".public", ".quiet", "[data-open]", "[data-role]", "[lang]", "[name]",
    ]  # fmt: skip


def test_names_of_any_characters_are_written_as_css_has_them() -> None:
    """What cannot stand in an identifier is escaped."""
    policy = parse_policy(
        '{block: {classes: ["a:b", "2xl", "-3", "-", "é"]}, mask: {classes: []}, ignore: {classes: []}}'
    )
    assert set(watched(policy)) == {r".a\3a b", r".\32 xl", r".-\33 ", r".\-", ".é"}


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_name_their_marks(preset: str) -> None:
    """The three marks are watched under every preset, and nothing is captured that nobody asked for."""
    told = config(policy=preset)
    assert told["watch"] == [".rr-block", ".rr-ignore", ".rr-mask"]
    assert told["capture"] == dict.fromkeys(("console", "network", "canvas", "pictures"), False)
    assert told["recording"] is True
    assert told["mask_inputs"] is (preset != "open")
    assert told["gpc"] is (PRESETS[preset].consent.gpc == "drop")


def test_what_the_policy_drops_is_not_captured() -> None:
    """A switch of the project opens nothing that the stage would drop."""
    everything = dict.fromkeys(("console", "network", "canvas", "pictures"), True)
    assert not any(config(policy="strict", capture=everything)["capture"].values())
    assert config(policy="open", capture=everything)["capture"] == everything
    dropped = {"preset": "open", "console": {"messages": "drop"}, "network": {"requests": "drop"}, "canvas": "drop"}
    assert config(policy=dropped, capture=everything)["capture"] == {
        "console": False, "network": False, "canvas": False, "pictures": True,
    }  # fmt: skip


def test_nothing_else_of_the_project_is_told() -> None:
    """No limits, keys, tokens or other rules; only what agreement with browsers names."""
    told = config(
        read_token_sha256=["ab" * 32], sampling={"percent": 12.5}, recording=False, policy="strict", retention_days=77
    )
    assert set(told) == {"watch", "gpc", "sample_percent", "mask_inputs", "capture", "recording"}
    assert (told["sample_percent"], told["recording"], told["mask_inputs"], told["gpc"]) == (12.5, False, True, True)
