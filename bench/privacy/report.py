"""The tables a person reads."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.privacy.growth import Payload
from bench.report import table as table

_MB = 1e6
_PARTS = 8


@dataclass(frozen=True, slots=True)
class Form:
    """The enforcer as sources or compiled: bytes of JSON a second, and its time by the bare pass's.

    `incrementals` is the same for incremental events alone; None if there are none.
    """

    rate: float
    ratio: float
    incrementals: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians of one recording. Rates are bytes of JSON a second; None: not measured.

    `nodes` and `state` (bytes, all values and their names) are the most after any payload.
    """

    name: str
    bytes: int
    bare: float
    sources: Form
    compiled: Form | None
    scrubbed: float | None
    nodes: int
    state: int

    def __str__(self) -> str:
        fast = f"; compiled {self.compiled.ratio:.2f}, {self.compiled.rate / _MB:.0f} MB/s" if self.compiled else ""
        return f"{self.name}: {self.sources.ratio:.2f} times the bare pass, {self.sources.rate / _MB:.0f} MB/s{fast}"


def recordings_table(figures: Sequence[Figures]) -> str:
    """The real recordings one by one, then each group and all of them: the median, and the worst by the same column."""
    rows = [_row(each.name, [each], statistics.median) for each in figures if each.name.startswith("real/")]
    groups: dict[str, list[Figures]] = {}
    for each in figures:
        groups.setdefault(each.name.partition("/")[0], []).append(each)
    for name, group in [*groups.items(), ("all", list(figures))]:
        rows.append(_row(f"{name}, median of {len(group)}", group, statistics.median))
        rows.append(_row(f"{name}, worst", group, None))
    head = (
        "recording|KB|bare MB/s|enforced MB/s|ratio|incrementals|compiled MB/s|ratio|incrementals"
        "|Rust scrubber MB/s|enforced / Rust|compiled / Rust|nodes|state bytes"
    )
    title = "Enforcer (loads, enforce, event_line) beside loads and dumps alone"
    return table(title, head.split("|"), rows)


def _row(name: str, figures: Sequence[Figures], middle: Callable[[Sequence[float]], float] | None) -> list[str]:
    lowest, highest = middle or min, middle or max

    def cell(pick: Callable[[Figures], float | None], of: Callable[[Sequence[float]], float], form: str) -> str:
        values = [value for value in map(pick, figures) if value is not None]
        return format(of(values), form) if values else "-"

    return [
        name,
        cell(lambda each: each.bytes / 1e3, highest, ".0f"),
        cell(lambda each: each.bare / _MB, lowest, ".1f"),
        cell(lambda each: each.sources.rate / _MB, lowest, ".1f"),
        cell(lambda each: each.sources.ratio, highest, ".2f"),
        cell(lambda each: each.sources.incrementals, highest, ".2f"),
        cell(lambda each: each.compiled.rate / _MB if each.compiled else None, lowest, ".1f"),
        cell(lambda each: each.compiled.ratio if each.compiled else None, highest, ".2f"),
        cell(lambda each: each.compiled.incrementals if each.compiled else None, highest, ".2f"),
        cell(lambda each: each.scrubbed and each.scrubbed / _MB, lowest, ".1f"),
        cell(lambda each: each.scrubbed and each.sources.rate / each.scrubbed, lowest, ".2f"),
        cell(
            lambda each: each.compiled.rate / each.scrubbed if each.compiled and each.scrubbed else None, lowest, ".2f"
        ),
        cell(lambda each: each.nodes, highest, ".0f"),
        cell(lambda each: each.state, highest, ".0f"),
    ]


def growth_table(rounds: Sequence[Sequence[Payload]]) -> str:
    """Parts of equal length of the made-up session behind its snapshot; times are medians over the rounds."""
    rows = []
    behind = [each[1:] for each in rounds]
    size = len(behind[0]) // _PARTS
    for part in range(_PARTS):
        parts = [payloads[part * size : (part + 1) * size] for payloads in behind]
        spent = statistics.median(
            sum(payload.seconds for payload in each) / sum(payload.events for payload in each) for each in parts
        )
        events = sum(payload.events for payload in behind[0][: (part + 1) * size])
        last = parts[0][-1]
        rows.append([f"{events}", f"{spent * 1e6:.1f}", f"{last.nodes}", f"{last.state}"])
    title = "A session as it grows, its state read and written with every payload"
    return table(title, ["events so far", "µs an event", "nodes", "state bytes"], rows)
