"""Unit tests open no sockets and read no environment of ours."""

from __future__ import annotations

import os

import pytest
from pytest_socket import disable_socket


@pytest.fixture(autouse=True)
def sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network (UNIX sockets are asyncio's own), no settings from whoever runs the tests."""
    disable_socket(allow_unix_socket=True)
    for name in list(os.environ):
        if name.startswith("REELSTREAM_"):
            monkeypatch.delenv(name)
