"""Enforces a recording event by event, and tells from what went in and what came out what was done."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field

import orjson

from processors.privacy.enforce import Verdict, enforce
from processors.privacy.explain.compare import Comparison
from processors.privacy.explain.findings import Findings
from processors.privacy.limits import Limits
from processors.privacy.mirror import Mirror
from processors.privacy.page import PageLoad
from processors.privacy.policy import Policy
from processors.privacy.refusal import Json
from processors.privacy.scene import Scene
from schemas.event_line import LOST, event_line
from schemas.reasons import Reason
from schemas.rrweb import EventType


@dataclass(slots=True)
class Explanation:
    """`kept` are the events that pass, as the stage writes them; `events` is how many there were."""

    findings: Findings
    kept: list[bytes] = field(default_factory=list)
    events: int = 0


def explain(lines: Iterable[bytes], policy: Policy, starts: Container[int] = ()) -> Explanation:
    """What `policy` does to the events of one window, each a line of JSON as enrich writes it, or LOST.

    `starts` are the lines at which a page load begins that is known to be another one: it has a memory of its own.
    """
    limits = Limits()
    page = PageLoad(Mirror(limits.levels))
    scene = Scene(page.mirror, policy, limits)
    comparison = Comparison(policy, page.mirror)
    explanation = Explanation(comparison.findings)
    waiting: Json | None = None
    for number, line in enumerate(lines):
        if number and number in starts:
            if waiting is not None and page.held is not None:
                comparison.dropped(waiting, Reason.ORPHAN_META)
            page, waiting = PageLoad(Mirror(limits.levels)), None
            scene = Scene(page.mirror, policy, limits)
            comparison.turn(page.mirror)
        if line == LOST:
            page.degrade()
            continue
        explanation.events += 1
        event = orjson.loads(line)
        scene.size = len(line)
        verdict = enforce(orjson.loads(line), page, scene)
        if waiting is not None and verdict.orphan is not None:
            comparison.dropped(waiting, Reason.ORPHAN_META)
        if waiting is not None and verdict.meta is not None:
            _pass(explanation, comparison, waiting, verdict.meta.event)
        if event["type"] == EventType.META:
            waiting = event
        _settle(explanation, comparison, event, verdict)
    if waiting is not None and page.held is not None:
        comparison.dropped(waiting, Reason.ORPHAN_META)
    return explanation


def _settle(explanation: Explanation, comparison: Comparison, event: Json, verdict: Verdict) -> None:
    if verdict.event is not None:
        _pass(explanation, comparison, event, verdict.event)
    elif verdict.dropped is not None:
        comparison.dropped(event, verdict.dropped)


def _pass(explanation: Explanation, comparison: Comparison, before: Json, after: Json) -> None:
    line = event_line(after)
    if line is None:
        raise ValueError("what could be written before the rules cannot be written after them")
    explanation.kept.append(line)
    # Not `after` itself: writing a deep page takes it apart.
    comparison.passed(before, orjson.loads(line))
