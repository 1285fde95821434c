"""The order of the suites, and the one stack that the tests from outside share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.stack import Stack, whole_stack

# Cheap and precise first; what needs the whole stack last, so that it does not run beside the rest.
_SUITES = ("unit", "contract", "compiled", "oracle", "integration", "upgrade", "e2e", "siege", "chaos")
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Suites in order; within a suite, files and tests as they stand."""
    places = {_HERE / suite: place for place, suite in enumerate(_SUITES)}
    items.sort(key=lambda item: next((places[folder] for folder in item.path.parents if folder in places), 0))


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """A whole stack beside the developer's own; brought down, with no process left, when all tests are done."""
    with whole_stack() as running:
        yield running


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Print a measurement although the test passes."""

    def tell(text: str) -> None:
        with capsys.disabled():
            print(f"\n{text}", flush=True)

    return tell
