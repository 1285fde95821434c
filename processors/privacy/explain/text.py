"""The explanation as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from processors.privacy.explain.explain import Explanation
from processors.privacy.explain.findings import Findings, What


def lines(explanation: Explanation, unusable: int) -> Iterator[str]:
    """Path by path in the order of the recording, then the counts by rule; `unusable` entries were no events."""
    findings = explanation.findings
    last = None
    for what in findings.times:
        if what.subject != last:
            yield _printable(what.subject or "(no node)")
            last = what.subject
        yield _printable(f"    {what.action.value} {what.part}{_amount(findings, what)} ({what.why})")
    if findings.times:
        yield ""
    yield total(explanation, unusable)
    kept = [(part, times) for part, times in findings.kept() if times]
    if kept:
        told = ", ".join(f"{part} {times} times" if times > 1 else part for part, times in kept)
        yield f"passes although a person entered it: {told}"
    for action, rule, times in findings.counts():
        yield _printable(f"{times:>8} {action} ({rule})")


def total(explanation: Explanation, unusable: int) -> str:
    """How many events there were and how many of them pass."""
    refused = f"; {unusable} more entries are no rrweb events and are never kept" if unusable else ""
    return f"{explanation.events} events, {len(explanation.kept)} kept{refused}"


def row(findings: Findings, what: What, start: int) -> list[str | int]:
    """A finding as the page's table shows it: its time in ms from `start`, how many nodes, how often; then its rule."""
    at = findings.first[what] - start
    return [
        at,
        what.action.value,
        what.subject,
        what.part,
        str(what.why),
        len(findings.nodes[what]),
        findings.times[what],
        what.why.rule,
    ]


def _amount(findings: Findings, what: What) -> str:
    nodes, times = len(findings.nodes[what]), findings.times[what]
    on_nodes = f" on {nodes} nodes" if nodes > 1 else ""
    return on_nodes + (f", {times} times" if times > max(nodes, 1) else "")


def _printable(line: str) -> str:
    """Names come from the recording, and a terminal obeys what it is sent."""
    return "".join(each if each.isprintable() else "\ufffd" for each in line)
