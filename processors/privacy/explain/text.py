"""The explanation as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from processors.privacy.explain.explain import Explanation
from processors.privacy.explain.findings import What


def lines(explanation: Explanation, events: int) -> Iterator[str]:
    """Node by node in the order of the recording, then the counts by reason."""
    findings = explanation.findings
    last = None
    for what, times in findings.times.items():
        if what.node != last:
            yield what.path or "(no node)"
            last = what.node
        yield f"    {what.action.value} {what.part}{'' if times == 1 else f', {times} times'}: {what.why}"
    yield ""
    yield f"{events} events, {len(explanation.kept)} kept"
    for action, why, times in findings.counts():
        yield f"{times:>8}  {action}: {why}"


def row(what: What, times: int, at: int) -> list[str | int]:
    """A finding as the page's table shows it; `at` in ms from the start of the recording."""
    return [at, what.action.value, what.path, what.part, what.why, times]
