"""Blocks of a recording as ClickHouse has them: page loads, what they consist of, and the stored bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from replay.plan import Block, Place, Value
from sql.queries import question
from sql.store import Store

# Stored bytes asked for at once: a few of the largest blocks, many small ones.
BATCH_BYTES = 8 * 1024 * 1024
# And how many: their offsets travel in the question.
BATCH_BLOCKS = 2000


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recording: a session by when it began (ms), since it may have been begun again, and its last day, ISO."""

    project: str
    session: str
    started_ms: int
    expires_on: str

    @property
    def asked(self) -> dict[str, Any]:
        """As parameters of a question."""
        return {
            "project": self.project,
            "session": self.session,
            "started_ms": self.started_ms,
            "expires_on": self.expires_on,
        }


@dataclass(frozen=True, slots=True)
class PageLoad:
    """One page load of one window of a recording."""

    of: Recorded
    window: str
    page: str

    @property
    def asked(self) -> dict[str, Any]:
        """As parameters of a question."""
        return {**self.of.asked, "window": self.window, "page_load": self.page}


class Blocks:
    """Questions about blocks. All raise UnavailableError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page_loads(self, of: Recorded, window: str, from_ms: int, to_ms: int) -> list[PageLoad]:
        """Page loads with events in a range of client time, window after window by time; an empty window means all."""
        asked = {**of.asked, "window": window, "from_ms": from_ms, "to_ms": to_ms}
        rows = self._store.rows(question("page_loads"), asked)
        return [PageLoad(of, row["window"], row["page_load"]) for row in rows]

    def of(self, load: PageLoad) -> list[Block]:
        """All blocks of a page load, without their values."""
        rows = self._store.rows(question("page_load_blocks"), load.asked)
        return [
            Block(
                row["first_seq"],
                row["last_seq"],
                row["part"],
                row["parts"],
                row["value_bytes"],
                row["value_sha256"],
                row["generation"],
                row["keyframe"],
                row["first_ms"],
                row["last_ms"],
                row["size"],
                tuple(row["source_hashes"]),
                (row["epoch"], row["topic"], row["partition"], row["offset"]),
            )
            for row in rows
        ]

    def stored(self, load: PageLoad, values: Sequence[Value]) -> dict[Place, bytes]:
        """Stored bytes by place, of all blocks of these values of one page load."""
        blocks = [block for value in values for block in value.blocks]
        asked = {
            **load.asked,
            "first_seq": min(block.first_seq for block in blocks),
            "last_seq": max(block.first_seq for block in blocks),
            "offsets": sorted({block.at[3] for block in blocks}),
        }
        rows = self._store.rows(question("block_values"), asked, formats={"value": "bytes"})
        return {(row["epoch"], row["topic"], row["partition"], row["offset"]): row["value"] for row in rows}


def batches(values: Sequence[Value]) -> Iterator[list[Value]]:
    """Runs of values to ask for at once; one value that is larger than a batch is a batch."""
    run: list[Value] = []
    size = blocks = 0
    for value in values:
        if run and (size + value.size > BATCH_BYTES or blocks + len(value.blocks) > BATCH_BLOCKS):
            yield run
            run, size, blocks = [], 0, 0
        run.append(value)
        size += value.size
        blocks += len(value.blocks)
    if run:
        yield run
