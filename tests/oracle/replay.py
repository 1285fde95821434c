"""What of a recording passes a policy, and how that is put to the judge."""

from __future__ import annotations

import dataclasses
import random
from dataclasses import dataclass

from processors.privacy.policy import Policy
from processors.privacy.selectors import compile_selectors
from schemas.policy_selectors import class_selector
from tests.oracle.recordings import Json
from tests.oracle.rules import draw, marked
from tests.unit.processors.privacy.pages import DEFAULT, NOTHING, Run


def enforced(events: list[Json], policy: Policy) -> list[Json]:
    """The events that pass."""
    return Run(policy).feed(*events).out


@dataclass(frozen=True, slots=True)
class Case:
    """A recording to play three ways: as it is, with two rules over no policy, with the product's own policy.

    `name` tells the recording, the seed and the rules.
    """

    name: str
    request: Json


def case(name: str, events: list[Json], seed: int, *, virtual: bool, unprotected: bool) -> Case:
    """The case of a recording and a seed; the same every time."""
    block, mask = draw(events, random.Random(f"{name} {seed}"))
    original = marked(events, block, mask)
    selectors = compile_selectors([class_selector(block.token)], [class_selector(mask.token)], [], [])
    policy = dataclasses.replace(NOTHING, version="oracle", selectors=selectors, deciding=selectors.attributes)
    rules = {"block": _selector(block.token), "mask": _selector(mask.token)}
    streams = [
        {"events": enforced(original, policy), "rules": rules},
        {"events": enforced(original, DEFAULT), "rules": None},
    ]
    manner = {"virtual": virtual, "unprotected": unprotected}
    request = {"original": original, "enforced": streams, "manner": manner}
    return Case(f"{name} seed {seed}: block {block}, mask {mask}", request)


def _selector(token: str) -> str:
    """The class as a selector; "~=" needs no escapes but for quotes, which no class of the recordings has."""
    return f'[class~="{token}"]'
