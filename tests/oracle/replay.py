"""What of a recording passes a policy, and how that is put to the judge."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterable
from dataclasses import dataclass

from processors.privacy.policy import Policy
from processors.privacy.selectors import compile_selectors
from schemas.policy import PRESETS
from schemas.policy_selectors import class_selector
from tests.oracle.policies import POLICIES
from tests.oracle.recordings import Json
from tests.oracle.rules import draw, marked
from tests.unit.processors.privacy.pages import NOTHING, Run


def enforced(events: list[Json], policy: Policy) -> list[Json]:
    """The events that pass."""
    return Run(policy).feed(*events).out


@dataclass(frozen=True, slots=True)
class Case:
    """A recording to play as it is and as each of some policies leaves it.

    `name` tells the recording, and what was drawn for it; `kinds` name the policies, in the order of the request.
    """

    name: str
    kinds: tuple[str, ...]
    request: Json


def policy_case(name: str, events: list[Json], policies: Iterable[str], *, virtual: bool, unprotected: bool) -> Case:
    """The case of a recording and some of `POLICIES`."""
    kinds = tuple(policies)
    streams = [_by_policy(events, kind) for kind in kinds]
    return Case(name, kinds, _request(events, streams, virtual=virtual, unprotected=unprotected))


def rules_case(name: str, events: list[Json], seed: int, *, virtual: bool, unprotected: bool) -> Case:
    """The case of a recording and a seed: by two rules over no policy, and by every preset. The same every time."""
    block, mask = draw(events, random.Random(f"{name} {seed}"))
    original = marked(events, block, mask)
    selectors = compile_selectors([class_selector(block.token)], [class_selector(mask.token)], [], [])
    policy = dataclasses.replace(NOTHING, version="oracle", selectors=selectors, deciding=selectors.attributes)
    rules = {"block": block.token, "mask": mask.token, "ignore": "", "policy": None}
    streams = [{"events": enforced(original, policy), "rules": rules}]
    streams += [_by_policy(original, preset) for preset in PRESETS]
    request = _request(original, streams, virtual=virtual, unprotected=unprotected)
    return Case(f"{name} seed {seed}: block {block}, mask {mask}", ("rules", *PRESETS), request)


def _by_policy(events: list[Json], kind: str) -> Json:
    policy = POLICIES[kind]
    # The judge is told the classes and the project file's own words, nothing that the enforcer made of them.
    classes = {"block": "rr-block", "mask": "rr-mask", "ignore": "rr-ignore"}
    return {"events": enforced(events, policy), "rules": classes | {"policy": policy.rules.model_dump(mode="json")}}


def _request(original: list[Json], streams: list[Json], *, virtual: bool, unprotected: bool) -> Json:
    manner = {"virtual": virtual, "unprotected": unprotected}
    return {"original": original, "enforced": streams, "manner": manner}
