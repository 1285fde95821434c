"""The third-party recordings that lie beside the repository."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import orjson
import pytest

Json = dict[str, Any]
RECORDINGS = Path(__file__).resolve().parents[2].parent / "shared" / "recordings"


def found() -> list[str]:
    """Every recording's path below the folder."""
    return sorted(str(path.relative_to(RECORDINGS)) for path in RECORDINGS.glob("*/*.json"))


def names() -> list[str]:
    """The same; without the folder skip, or fail where REQUIRE_SHARED=1."""
    there = found()
    if not there:
        message = "the shared recordings are not beside the repository"
        if os.environ.get("REQUIRE_SHARED") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return there


def load(name: str) -> list[Json]:
    """The events of a recording."""
    events: list[Json] = orjson.loads((RECORDINGS / name).read_bytes())
    return events
