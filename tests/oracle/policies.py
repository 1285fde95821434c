"""The policies that recordings are enforced by."""

from __future__ import annotations

from processors.privacy.policy import compile_policy
from schemas.policy import PRESETS
from tests.unit.processors.privacy.pages import policy_of

# The classes of the preset `balanced`, asked for in ways that need more of the page than an element's own classes.
_BY_SELECTORS = """
    block: {classes: [], selectors: ["html .rr-block"]}
    mask: {classes: [], selectors: ["html > body .rr-mask"]}
    ignore: {classes: [], selectors: [":is(input, textarea, select).rr-ignore"]}
"""
POLICIES = {name: compile_policy(rules) for name, rules in PRESETS.items()} | {"selectors": policy_of(_BY_SELECTORS)}
