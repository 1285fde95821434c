"""Every file of tests here leaves the stack as it found it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.reading import Reader
from tests.e2e.stack import Stack


@pytest.fixture(autouse=True, scope="module")
def unshaken(stack: Stack) -> Iterator[None]:
    """No process ended and was started again while the tests of a file ran: whatever is sent, nothing may crash."""
    before = stack.running()
    yield
    assert stack.running() == before


@pytest.fixture
def demo(stack: Stack) -> Iterator[Reader]:
    """The API as the project `demo` sees it."""
    reader = Reader(stack)
    yield reader
    reader.close()
