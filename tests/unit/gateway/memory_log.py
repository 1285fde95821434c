"""A log in memory: keeps every record it acknowledged, and can be in trouble."""

from __future__ import annotations

import asyncio

from gateway.errors import Code, RejectedError
from gateway.stamp import RawRecord


class MemoryLog:
    """`records` are the acknowledged ones. `refuse` is the code of every append; `known_trouble` is seen beforehand."""

    def __init__(self) -> None:
        self.records: list[RawRecord] = []
        self.refuse: Code | None = None
        self.known_trouble: Code | None = None
        self.gate: asyncio.Event | None = None
        self.closed = 0

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Nothing to connect to."""

    async def append(self, record: RawRecord) -> None:
        """Keep the record, after `gate` opens if there is one."""
        if self.gate is not None:
            await self.gate.wait()
        if self.refuse is not None:
            raise RejectedError(self.refuse)
        self.records.append(record)

    def trouble(self) -> Code | None:
        """What the test said."""
        return self.known_trouble

    def close(self) -> None:
        """Count the calls."""
        self.closed += 1
