"""A worker that is paused for longer than its session and its transaction may last must notice that it was given up."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable

import pytest

from tests.chaos.proof import prove_whole, wait_for_output
from tests.chaos.writers import TOKEN, Writers
from tests.e2e.reading import Reader
from tests.e2e.stack import Stack

# The long form pauses every stage: those that write in transactions, and the sink, whose rows are skipped by its fence.
STAGES = ("batch", "sink", "enrich", "privacy", "split")[
    : 2 if int(os.environ.get("REELSTREAM_CHAOS_KILLS", "1")) < 20 else 5
]
# Beyond the session timeout of 20 s (the sink: 6 s) and the transaction timeout of 15 s.
PAUSE_SECONDS = 24.0


@pytest.mark.parametrize("stage", STAGES)
def test_paused_stage(stack: Stack, say: Callable[[str], None], stage: str) -> None:
    """What a stage had open when it was stopped is given up; when it goes on, it writes nothing a second time."""
    reader = Reader(stack, TOKEN)
    writers = Writers(stack, random.Random(stage))
    writers.start()
    try:
        wait_for_output(reader, writers, time.time())
        group = stack.running()[stage]
        os.killpg(group, signal.SIGSTOP)
        time.sleep(PAUSE_SECONDS)
        resumed_at = time.time()
        os.killpg(group, signal.SIGCONT)
        seconds = wait_for_output(reader, writers, resumed_at, f"a pause of {stage}")
        say(f"chaos: {stage} paused for {PAUSE_SECONDS:.0f} s; new events are seen {seconds:.1f} s after it went on")
        # Those between topics are fenced and start anew; the sink has nothing to be fenced from.
        assert stage != "sink" or stack.running()[stage] == group
    finally:
        writers.stop()
        reader.close()
    prove_whole(stack, writers, say)
