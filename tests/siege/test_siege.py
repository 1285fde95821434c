"""All attacks at once beside people who are recorded: none of them is refused, nothing is lost, memory stays flat.

The short form, part of every run, checks counts. The long one (`make siege`) also checks times and memory, once with
every client on an address of its own and once with all of them behind the same trusted proxies.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.chaos.proof import judge_recordings, unlike_their_topics
from tests.e2e.reading import query, wait_for
from tests.e2e.stack import REPOSITORY, Stack, whole_stack
from tests.e2e.topics import read
from tests.siege.attacks import ATTACKS
from tests.siege.good_clients import GoodClients
from tests.siege.watching import Watch

PROJECT, KEY, TOKEN, FLOOD_KEY = "siege", "siege-key", "siege-token", "flood-key"
MINUTES = float(os.environ.get("REELSTREAM_SIEGE_MINUTES", "0"))
SHORT_SECONDS = 12.0
SHORT_SHARE = 0.1
SETTLE_SECONDS = 120.0
LARGEST_P99_SECONDS = 1.0
LARGEST_FRESH_P99_SECONDS = 5.0
LARGEST_GROWTH = 1.1
PROXY = {f"REELSTREAM_{role}_TRUSTED_PROXIES": "127.0.9.0/24" for role in ("GATEWAY", "REPLAY")}


@pytest.mark.skipif(bool(MINUTES), reason="the long form has all of it, on a stack of its own")
def test_short_siege(stack: Stack, say: Callable[[str], None]) -> None:
    """Under a little of every attack no good request is refused, no good event is lost or twice, no process ends."""
    before = stack.running()
    good = GoodClients(stack, KEY, TOKEN, people=10, behind_proxy=False)
    with under_attack(stack, SHORT_SECONDS, SHORT_SHARE, behind_proxy=False) as said:
        good.start()
        try:
            said()
        finally:
            good.stop()
    say(f"siege, short: {len(good.seconds)} good payloads; answers to attackers: {said()['answers']}")
    assert stack.running() == before
    assert said()["breaches"] == []
    prove(stack, good)


@pytest.mark.skipif(not MINUTES, reason="`make siege` runs the long form")
@pytest.mark.timeout(MINUTES * 60 + 900)
@pytest.mark.parametrize("behind_proxy", [False, True], ids=["own-addresses", "proxies"])
def test_siege(say: Callable[[str], None], behind_proxy: bool) -> None:
    """For as long as it lasts, good clients are answered soon, their events are stored soon, and memory stays flat."""
    seconds = MINUTES * 60
    for attack in ATTACKS:
        say(f"siege: {attack.name:<22} {attack.rate:<22} {attack.what}")
    with whole_stack(PROXY if behind_proxy else {}) as stack:
        before = stack.running()
        good = GoodClients(stack, KEY, TOKEN, people=50, behind_proxy=behind_proxy)
        watch = Watch(stack, PROJECT)
        with under_attack(stack, seconds, 1.0, behind_proxy=behind_proxy) as said:
            good.start()
            watch.start()
            try:
                said()
            finally:
                good.stop()
        waits = watch_until_stored(watch, good)
        growth = watch.growth((seconds / 3, seconds * 2 / 3), seconds / 3)
        say(report(good, waits, watch, growth, said()["answers"]))
        prove(stack, good)
        assert said()["breaches"] == []
        assert stack.running() == before
        assert quantile(good.seconds) <= LARGEST_P99_SECONDS
        assert quantile(waits) <= LARGEST_FRESH_P99_SECONDS
        assert {name: ratio for name, ratio in growth.items() if ratio > LARGEST_GROWTH} == {}


@contextmanager
def under_attack(
    stack: Stack, seconds: float, share: float, *, behind_proxy: bool
) -> Iterator[Callable[[], dict[str, Any]]]:
    """Attackers at work; what is given waits for their end and says what they met."""
    arguments = {
        "gateway": stack.gateway,
        "replay": stack.replay,
        "key": KEY,
        "flood_key": FLOOD_KEY,
        "behind_proxy": behind_proxy,
        "seconds": seconds,
        "share": share,
    }
    command = [sys.executable, "-m", "tests.siege.attackers", json.dumps(arguments)]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = {}

    def said() -> dict[str, Any]:
        if not found:
            output, _ = process.communicate(timeout=seconds + 60)
            assert process.returncode == 0, output
            found.update(json.loads(output))
        return found

    try:
        yield said
    finally:
        process.kill()
        process.wait()


def watch_until_stored(watch: Watch, good: GoodClients) -> list[float]:
    """Seconds from each 202 to its row; AssertionError if one has none."""

    def all_stored() -> bool:
        watch.refresh()
        return len(watch.delays(good.accepted)) == len(good.accepted)

    try:
        wait_for("every good payload to be stored", all_stored, SETTLE_SECONDS)
    finally:
        watch.stop()
    return watch.delays(good.accepted)


def prove(stack: Stack, good: GoodClients) -> None:
    """No good request was refused, every payload plays once, and every record of the project is accounted for."""
    assert good.refusals == []
    wait_for("every record to be accounted for", lambda: not unaccounted(stack), SETTLE_SECONDS, pause=2)
    verdict = judge_recordings(stack, good.sessions, TOKEN)
    assert verdict.owed == len(good.accepted) > 0
    assert (verdict.missing, verdict.twice, verdict.disordered, verdict.miscounted) == ([], [], [], [])
    assert unlike_their_topics(stack) == []


def unaccounted(stack: Stack) -> set[tuple[int, int]]:
    """Raw records of the siege that are neither in a block nor among the losses, by (partition, offset)."""
    accepted = {
        (message.partition, message.offset)
        for message in read(stack.brokers, ["replay.raw.v1"])
        if message.headers.get("rs-project") == PROJECT
    }
    rows = query(
        stack,
        "SELECT DISTINCT source FROM (SELECT arrayJoin(sources) AS source FROM blocks "
        f"WHERE project = '{PROJECT}' UNION ALL SELECT source FROM losses WHERE project = '{PROJECT}')",
    )
    found = {tuple(map(int, row["source"].rsplit("/", 2)[1:])) for row in rows if row["source"]}
    return accepted - found


def quantile(seconds: list[float]) -> float:
    """The 99th of 100."""
    return statistics.quantiles(seconds, n=100)[98]


def report(
    good: GoodClients, waits: list[float], watch: Watch, growth: dict[str, float], answers: dict[str, Any]
) -> str:
    """What a person wants to know of a siege."""
    lines = [
        f"siege: {len(good.seconds)} good payloads in {len(good.sessions)} sessions, {len(good.refusals)} refused; "
        f"p50 {statistics.median(good.seconds):.3f} s, p99 {quantile(good.seconds):.3f} s",
        f"       reads and probes: {len(good.watched)}, p99 {quantile(good.watched):.3f} s",
        f"       accepted to queryable: p50 {statistics.median(waits):.2f} s, p99 {quantile(waits):.2f} s",
    ]
    for name, samples in sorted(watch.memory.items()):
        sizes = [size / 1e6 for _, size in samples]
        lines.append(
            f"       {name:<11} first {sizes[0]:.0f} MB, median {statistics.median(sizes):.0f}, "
            f"last {sizes[-1]:.0f}, largest {max(sizes):.0f}; late to warm {growth.get(name, float('nan')):.2f}"
        )
    lines += [f"       {name}: {statuses}" for name, statuses in answers.items()]
    return "\n".join(lines)
