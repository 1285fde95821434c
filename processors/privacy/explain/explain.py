"""Enforces a recording event by event, and tells from what went in and what came out what was done."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from processors.privacy.enforce import enforce
from processors.privacy.explain.compare import Comparison
from processors.privacy.explain.findings import Findings
from processors.privacy.limits import Limits
from processors.privacy.mirror import Mirror
from processors.privacy.page import PageLoad
from processors.privacy.policy import Policy
from processors.privacy.refusal import Json
from processors.privacy.scene import Scene
from schemas.reasons import Reason
from schemas.rrweb import EventType


@dataclass(slots=True)
class Explanation:
    """`kept` are the events that pass, as they pass."""

    findings: Findings
    kept: list[Json] = field(default_factory=list)


def explain(events: list[Json], policy: Policy) -> Explanation:
    """What `policy` does to the events of one window, which stay as they are."""
    limits = Limits()
    page = PageLoad(Mirror(limits.levels))
    scene = Scene(page.mirror, policy, limits)
    comparison = Comparison(policy, page.mirror)
    explanation = Explanation(comparison.findings)
    waiting: Json | None = None
    for event in events:
        verdict = enforce(copy.deepcopy(event), page, scene)
        if waiting is not None and verdict.orphan is not None:
            comparison.dropped(waiting, Reason.ORPHAN_META)
        if waiting is not None and verdict.meta is not None:
            comparison.passed(waiting, verdict.meta.event)
            explanation.kept.append(verdict.meta.event)
        if event.get("type") == EventType.META:
            waiting = event
        if verdict.event is not None:
            comparison.passed(event, verdict.event)
            explanation.kept.append(verdict.event)
        elif verdict.dropped is not None:
            comparison.dropped(event, verdict.dropped)
    if waiting is not None and page.held is not None:
        comparison.dropped(waiting, Reason.ORPHAN_META)
    return explanation
