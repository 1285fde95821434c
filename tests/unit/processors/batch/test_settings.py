"""Settings of batch reach the transform as its limits."""

from __future__ import annotations

import pytest

from processors.batch.settings import BatchSettings
from processors.batch.transform import BlockLimits


def test_defaults_are_the_transforms_own() -> None:
    """Without any variable the documented limits apply."""
    assert BatchSettings().limits() == BlockLimits()


def test_variables_change_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts and times are read in their own units."""
    monkeypatch.setenv("REELSTREAM_BATCH_BLOCK_AGE", "PT2S")
    monkeypatch.setenv("REELSTREAM_BATCH_BLOCK_PAYLOADS", "10")
    assert (BatchSettings().limits().age_ms, BatchSettings().limits().payloads) == (2000, 10)
