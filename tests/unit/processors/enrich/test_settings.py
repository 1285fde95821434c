"""Settings of enrich reach the transform as its limits."""

from __future__ import annotations

import pytest

from processors.enrich.limits import Limits
from processors.enrich.settings import EnrichSettings


def test_defaults_are_the_transforms_own() -> None:
    """Without any variable the documented limits apply, and no map is used."""
    settings = EnrichSettings()
    assert settings.limits() == Limits()
    assert settings.geoip_database is None


def test_variables_change_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes and times are read in their own units."""
    monkeypatch.setenv("REELSTREAM_ENRICH_INFLATED_BYTES", "8MiB")
    monkeypatch.setenv("REELSTREAM_ENRICH_HELD_TIME", "PT2.5S")
    limits = EnrichSettings().limits()
    assert (limits.inflated_bytes, limits.hold.milliseconds) == (8 * 1024 * 1024, 2500)
