"""How large the script is that every page loads, beside rrweb's own part of it."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
# gzip -9, in bytes. The aim is 30 000; what most pages never need is still to move to record-more.js.
MOST = 38_500


def test_recorder_stays_small(say: Callable[[str], None]) -> None:
    """A page of a visitor loads no more than this for being recorded."""
    ours, rrwebs = (
        len(gzip.compress((ROOT / path).read_bytes(), 9))
        for path in ("recorder/dist/record.js", "node_modules/@rrweb/record/umd/record.min.js")
    )
    say(f"record.js: {ours} bytes gzipped, of which @rrweb/record is {rrwebs}")
    assert ours <= MOST
