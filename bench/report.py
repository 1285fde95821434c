"""The table a person reads, made of medians over the repetitions."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from bench.measure_gateway import CONNECTIONS, CONNECTIONS_OF_LARGE, SIZES, Burst
from bench.measure_latency import Latency
from bench.timing import Run

T = TypeVar("T", Burst, Run, Latency)
MB = 1e6


def gateway_table(bursts: Sequence[Burst]) -> str:
    """By body size: the gateway, the bare page, and the ratio."""
    rows = []
    for size in SIZES:
        ours, bare = _sides(burst for burst in bursts if burst.size == size)
        lost = sum(burst.answers.refused + burst.answers.broken for burst in (*ours, *bare))
        rows.append(
            [
                f"{size // 1024} KB",
                str(CONNECTIONS_OF_LARGE if size == SIZES[-1] else CONNECTIONS),
                _median(ours, lambda burst: burst.rate, ".0f"),
                _median(bare, lambda burst: burst.rate, ".0f"),
                _ratio(ours, bare, lambda burst: burst.rate),
                _median(ours, lambda burst: burst.rate * burst.size / MB, ".1f"),
                _median(ours, lambda burst: burst.answers.p50 * 1e3, ".0f"),
                _median(ours, lambda burst: burst.answers.p99 * 1e3, ".0f"),
                _median(ours, lambda burst: burst.cpu / burst.answers.accepted * 1e3, ".2f"),
                _median(bare, lambda burst: burst.cpu / burst.answers.accepted * 1e3, ".2f"),
                str(lost),
            ]
        )
    head = "body|conn.|accepted/s|bare/s|ratio|MB/s|p50 ms|p99 ms|CPU ms each|bare CPU ms|not accepted"
    return table("Gateway: accepted requests", head.split("|"), rows)


def runs_table(title: str, runs: Sequence[Run]) -> str:
    """By stage: its throughput, the bare loop's over the same records, and the ratio."""
    rows = []
    for name in dict.fromkeys(run.name for run in runs):
        ours, bare = _sides(run for run in runs if run.name == name)
        rows.append(
            [
                name,
                _median(ours, lambda run: run.input.records, ".0f"),
                _median(ours, lambda run: run.json_rate / MB, ".1f"),
                _median(bare, lambda run: run.json_rate / MB, ".1f"),
                _ratio(ours, bare, lambda run: run.json_rate),
                _median(ours, lambda run: run.wire_rate / MB, ".1f"),
                _median(ours, lambda run: run.input.records / run.seconds, ".0f"),
                _median(ours, lambda run: run.seconds, ".2f"),
                _median(ours, lambda run: run.cpu / (run.input.json / MB) * 1e3, ".1f"),
                _median(bare, lambda run: run.cpu / (run.input.json / MB) * 1e3, ".1f"),
            ]
        )
    head = "|records|JSON MB/s|bare|ratio|wire MB/s|records/s|seconds|CPU ms/MB|bare CPU"
    return table(title, head.split("|"), rows)


def latency_table(latencies: Sequence[Latency], rate: float) -> str:
    """Both sides' quantiles."""
    ours, bare = _sides(latencies)
    rows = [
        [
            name,
            _median(ours, pick, ".0f"),
            _median(bare, pick, ".1f"),
            _ratio(ours, bare, pick),
        ]
        for name, pick in (
            ("p50", lambda latency: latency.p50 * 1e3),
            ("p99", lambda latency: latency.p99 * 1e3),
        )
    ]
    title = f"Accepted to queryable, {rate:.0f} payloads a second"
    return table(title, ["", "ms", "bare produce to consume, ms", "ratio"], rows)


def _sides(every: Iterable[T]) -> tuple[list[T], list[T]]:
    both = list(every)
    return [each for each in both if not each.bare], [each for each in both if each.bare]


def _median(every: Sequence[T], pick: Callable[[T], float], form: str) -> str:
    return format(statistics.median(pick(each) for each in every), form)


def _ratio(ours: Sequence[T], bare: Sequence[T], pick: Callable[[T], float]) -> str:
    """Median of the ratios of neighbours in time, which a busy moment of the machine hits alike."""
    ratios = [pick(left) / pick(right) for left, right in zip(ours, bare, strict=True)]
    return format(statistics.median(ratios), ".2f")


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown; the first column to the left, figures to the right."""
    widths = [max(len(line[index]) for line in (head, *rows)) for index in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = []
    for line in (head, rule, *rows):
        cells = [cell.rjust(width) for cell, width in zip(line, widths, strict=True)]
        cells[0] = line[0].ljust(widths[0])
        lines.append(f"| {' | '.join(cells)} |")
    return f"{title}\n\n" + "\n".join(lines) + "\n"
