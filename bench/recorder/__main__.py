"""`python -m bench.recorder`: what being recorded costs a page, beside plain rrweb and beside no recorder."""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from collections.abc import Callable, Sequence

from bench.recorder.measure import Cost, Sent, cost, sent
from bench.recorder.site import CONTESTANTS, NOBODY, OURS, PLAIN, site
from bench.report import table
from tests.e2e.browser import chromium


def main() -> int:
    """Exit code 0: measured."""
    arguments = _arguments()
    costs: list[list[Cost]] = []
    minutes: list[list[Sent]] = []
    with chromium() as browser, site() as served:
        print(
            f"Chromium {browser.version}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}", end="\n\n", flush=True
        )
        for repetition in range(arguments.repetitions):
            costs.append([cost(browser, served, who) for who in CONTESTANTS])
            print(f"  {repetition + 1}: {costs[-1]}", file=sys.stderr, flush=True)
        for repetition in range(arguments.minutes):
            minutes.append([sent(browser, served, who, 60) for who in (PLAIN, OURS)])
            print(f"  {repetition + 1}: {minutes[-1]}", file=sys.stderr, flush=True)
    print(_costs(costs))
    if minutes:
        print(_minutes(minutes))
    return 0


def _costs(rounds: Sequence[Sequence[Cost]]) -> str:
    """Medians; what nobody recorded is taken from both before they are compared, in each round by itself."""
    picks: dict[str, Callable[[Cost], float]] = {
        "loading 20 000 elements": lambda each: each.load,
        "1 000 changes": lambda each: each.changes,
        "longest task while loading": lambda each: each.longest,
    }
    rows = []
    for name, pick in picks.items():
        by = {who: [pick(each) for turn in rounds for each in turn if each.who == who] for who in CONTESTANTS}
        added = zip(by[NOBODY], by[PLAIN], by[OURS], strict=True)
        ratio = statistics.median((ours - nobody) / (plain - nobody) for nobody, plain, ours in added)
        rows.append([name, *(f"{statistics.median(by[who]):.0f}" for who in CONTESTANTS), f"{ratio:.2f}"])
    head = ["main-thread time, ms", "no recorder", "plain rrweb", "ours", "what ours adds, by what plain adds"]
    return table("Time of the page", head, rows)


def _minutes(rounds: Sequence[Sequence[Sent]]) -> str:
    rows = []
    for who in (PLAIN, OURS):
        of = [each for turn in rounds for each in turn if each.who == who]
        rows.append(
            [
                "plain rrweb, as JSON" if who == PLAIN else "ours",
                f"{statistics.median(each.bytes for each in of) / 1e3:.1f}",
                f"{statistics.median(each.requests for each in of):.0f}",
            ]
        )
    return table("A minute of use, without the first snapshot", ["", "kB sent", "requests"], rows)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.recorder", description=__doc__)
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--minutes", type=int, default=3, help="minutes of use for each recorder; 0: none")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
