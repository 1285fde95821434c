"""Whether the poll loop turns, and whether it has work assigned: what the probes of a stage answer.

A thread of the worker answers, so that a record that holds the interpreter silences the probes. The watchdog does not
change that: it ends such a worker sooner than a minute without a turn would be told, and notes why.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from service.metrics import Metrics

# One record of the largest size takes a few seconds; a minute without a turn is a loop that hangs.
STALE_SECONDS = 60.0


class Heartbeat:
    """`beat` is called on every turn. `busy` tells that the loop is elsewhere on purpose (state recovery)."""

    def __init__(self, stage: str, metrics: Metrics, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._gauge = metrics.gauge("reelstream_stage_heartbeat_timestamp_seconds", stage)
        self._assigned_gauge = metrics.gauge("reelstream_stage_assigned_partitions", stage)
        self._rebalances = metrics.counter("reelstream_stage_rebalances_total", stage)
        self._beat = clock()
        self._turned = False
        self.assigned = 0
        self.busy: Callable[[], bool] = lambda: False

    def beat(self) -> None:
        """The loop turned."""
        self._beat = self._clock()
        self._turned = True
        self._gauge.set(self._beat)

    def assign(self, count: int) -> None:
        """The group gave partitions."""
        self.assigned += count
        self._rebalances.inc()
        self._assigned_gauge.set(self.assigned)

    def revoke(self, count: int) -> None:
        """The group took partitions."""
        self.assigned = max(self.assigned - count, 0)
        self._assigned_gauge.set(self.assigned)

    def live(self) -> str | None:
        """None while the loop turns or recovers state."""
        if self._clock() - self._beat <= STALE_SECONDS or self.busy():
            return None
        return "the poll loop has not turned for a minute"

    def ready(self) -> str | None:
        """None once partitions are assigned and their state is recovered."""
        if self.busy():
            return "state is being recovered"
        if not self._turned or not self.assigned:
            return "no partitions are assigned yet"
        return self.live()
