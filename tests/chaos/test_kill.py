"""`kill -9` of every process in turn while sessions are recorded: nothing is lost and nothing counts twice."""

from __future__ import annotations

import os
import random
import secrets
import signal
import statistics
import time
from collections.abc import Callable

import pytest

from tests.chaos.proof import given_up, prove_whole, wait_for_output
from tests.chaos.standing import standing
from tests.chaos.transactions import wait_for_open_transaction
from tests.chaos.writers import TOKEN, Writers
from tests.e2e.reading import Reader, wait_for
from tests.e2e.stack import Stack

PROCESSES = ("gateway", "enrich", "privacy", "split", "batch", "sink", "replay", "clickhouse", "kafka")
# What each stage between topics writes in transactions.
WRITES = {
    "enrich": "replay.enriched.v1",
    "privacy": "replay.redacted.v1",
    "split": "replay.parts.v1",
    "batch": "replay.blocks.v1",
}
# The long form has 20 or more.
KILLS = int(os.environ.get("REELSTREAM_CHAOS_KILLS", "1"))
# To look closer at some of them: names separated by spaces.
VICTIMS = os.environ.get("REELSTREAM_CHAOS_VICTIMS", "").split() or PROCESSES
COMMIT_SECONDS = 0.2
OPEN_SECONDS = 5.0


@pytest.mark.timeout(180 + 60 * KILLS * len(VICTIMS))
def test_kill_each_process(stack: Stack, say: Callable[[str], None]) -> None:
    """After any process was killed at any moment, every payload a 202 was given for plays exactly once."""
    seed = int(os.environ.get("REELSTREAM_CHAOS_SEED", secrets.randbits(32)))
    say(f"chaos: seed {seed} (REELSTREAM_CHAOS_SEED repeats it), {KILLS} kills a process (REELSTREAM_CHAOS_KILLS)")
    chance = random.Random(seed)
    reader = Reader(stack, TOKEN)
    writers = Writers(stack, chance)
    recoveries: dict[str, list[float]] = {name: [] for name in VICTIMS}
    victims = [name for name in VICTIMS for _ in range(KILLS)]
    chance.shuffle(victims)
    writers.start()
    try:
        wait_for_output(reader, writers, time.time())
        for name in victims:
            group = wait_for(f"{name} to run", lambda: stack.running().get(name))  # noqa: B023
            # At any moment of a few commit intervals; the first time, while a transaction is known to be open.
            time.sleep(chance.uniform(0, 5 * COMMIT_SECONDS))
            if name in WRITES and not recoveries[name]:
                wait_for_open_transaction(stack.brokers, WRITES[name], OPEN_SECONDS)
            os.killpg(group, signal.SIGKILL)
            recoveries[name].append(wait_for_output(reader, writers, time.time(), name))
    except AssertionError:
        say(f"{stack.tails()}\n{standing(stack.brokers)}\n{writers.standing()}")
        raise
    finally:
        writers.stop()
        reader.close()

    say(_table(recoveries))
    open_when_killed = given_up(stack)
    say(f"chaos: records in transactions that a kill met open: {open_when_killed}")
    prove_whole(stack, writers, say)
    assert sum(open_when_killed.values()) > 0, "no kill met an open transaction: this run proves less than it should"


def _table(recoveries: dict[str, list[float]]) -> str:
    lines = ["chaos: process       kills  seconds to the first new event in its recording (median, worst)"]
    for name, seconds in recoveries.items():
        lines.append(f"       {name:<12} {len(seconds):>6}  {statistics.median(seconds):.1f}, {max(seconds):.1f}")
    return "\n".join(lines)
