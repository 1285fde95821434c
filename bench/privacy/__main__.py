"""`python -m bench.privacy`: measure the enforcer on this machine and print the tables."""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.privacy.compiled import Compiled, NotCompiledError, compiled
from bench.privacy.corpus import RECORDINGS, Recording, recordings
from bench.privacy.growth import cut, made_up, session
from bench.privacy.passes import Spent, bare, enforced
from bench.privacy.report import Figures, Form, growth_table, recordings_table
from bench.privacy.scrubber import NoScrubberError, Scrubber, scrubber
from processors.privacy.compiled import is_compiled
from processors.privacy.policy import compile_policy
from schemas.policy import BALANCED

DEFAULT = compile_policy(BALANCED)
# A pass shorter than this is repeated within its measurement, or the clock's own step would show.
_SHORTEST_SECONDS = 0.01


def main() -> int:
    """Exit code 0: measured; 1: there is nothing to measure."""
    arguments = _arguments()
    found = [each for each in recordings(arguments.recordings) if each.name.startswith(arguments.only)]
    if not found:
        print(f"bench.privacy: no recordings in {arguments.recordings}", file=sys.stderr)
        return 1
    if is_compiled():
        print("bench.privacy: run it in a checkout, whose modules are the sources", file=sys.stderr)
        return 1
    print(_machine(), end="\n\n", flush=True)
    figures = []
    with _scrubber() as rust, _compiled(arguments.recordings) as fast:
        for recording in found:
            figures.append(_measure(recording, arguments.repetitions, fast, rust))
            print(f"  {figures[-1]}", file=sys.stderr, flush=True)
    print(recordings_table(figures))
    rounds = [session(made_up(arguments.payloads), DEFAULT) for _ in range(arguments.repetitions)]
    print(growth_table(rounds))
    return 0


def _measure(recording: Recording, repetitions: int, fast: Compiled | None, rust: Scrubber | None) -> Figures:
    """Medians over rounds in which the contestants take turns."""
    times = max(round(_SHORTEST_SECONDS / enforced(recording, 1, DEFAULT).all), 1)
    rounds = [
        (
            bare(recording, times),
            enforced(recording, times, DEFAULT),
            fast.enforce(recording, times) if fast else None,
            rust.scrub(recording, times).seconds if rust else None,
        )
        for _ in range(repetitions)
    ]
    size, state = recording.size() * times, session(cut(recording), DEFAULT)
    return Figures(
        name=recording.name,
        bytes=recording.size(),
        bare=statistics.median(size / plain.all for plain, _, _, _ in rounds),
        sources=_form(size, [(plain, ours) for plain, ours, _, _ in rounds]),
        compiled=_form(size, [(plain, ours) for plain, _, ours, _ in rounds if ours]) if fast else None,
        scrubbed=statistics.median(size / other for _, _, _, other in rounds if other) if rust else None,
        nodes=max(payload.nodes for payload in state),
        state=max(payload.state for payload in state),
    )


def _form(size: int, rounds: Sequence[tuple[Spent, Spent]]) -> Form:
    """Medians of one form of the enforcer, each time beside the bare pass of the same round."""
    return Form(
        rate=statistics.median(size / ours.all for _, ours in rounds),
        ratio=statistics.median(ours.all / plain.all for plain, ours in rounds),
        incrementals=statistics.median(ours.incrementals / plain.incrementals for plain, ours in rounds)
        if rounds[0][0].incrementals
        else None,
    )


@contextmanager
def _compiled(folder: Path) -> Iterator[Compiled | None]:
    with ExitStack() as stack:
        try:
            fast = stack.enter_context(compiled(folder))
        except NotCompiledError as error:
            print(f"bench.privacy: {error}; left out", file=sys.stderr)
            fast = None
        yield fast


@contextmanager
def _scrubber() -> Iterator[Scrubber | None]:
    with ExitStack() as stack:
        try:
            rust = stack.enter_context(scrubber())
        except NoScrubberError as error:
            print(f"bench.privacy: {error}", file=sys.stderr)
            rust = None
        yield rust


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.privacy", description="How fast the enforcer is on this machine.")
    parser.add_argument("--recordings", type=Path, default=RECORDINGS, help="folder of <group>/<name>.json")
    parser.add_argument("--only", default="", help="recordings whose <group>/<name> begins with this")
    parser.add_argument("--repetitions", type=int, default=7, help="of everything, at least 3 (default 7)")
    parser.add_argument("--payloads", type=int, default=400, help="of the made-up session (default 400)")
    arguments = parser.parse_args()
    if arguments.repetitions < 3:
        parser.error("fewer than 3 repetitions have no median worth the name")
    return arguments


def _machine() -> str:
    """What the figures hold for."""
    facts = {
        "cpus": os.cpu_count(),
        "load": f"{os.getloadavg()[0]:.1f}",
        "system": platform.platform(),
        "python": platform.python_version(),
        "policy": DEFAULT.version,
    }
    return " · ".join(f"{name} {value}" for name, value in facts.items())


if __name__ == "__main__":
    sys.exit(main())
