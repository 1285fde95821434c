"""Recordings that several files of tests look at."""

from __future__ import annotations

import pytest

from tests.oracle.nasty_pages import Recording, record_pages


@pytest.fixture(scope="session")
def nasty() -> list[Recording]:
    """Every page written to be nasty, by every recorder."""
    return list(record_pages())
