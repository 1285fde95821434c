"""The read side: the HTTP API of recordings, and tables by SQL over HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from tests.e2e.payloads import Event, marks
from tests.e2e.stack import Stack

SECONDS = 30.0
T = TypeVar("T")


class Reader:
    """The API as one project sees it."""

    def __init__(self, stack: Stack, token: str = "demo") -> None:
        self._client = httpx.Client(
            base_url=stack.replay,
            headers={"Authorization": f"Bearer {token}"},
            timeout=SECONDS,
            # A connection kept for the next question may be closed by the server just as that is asked.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def get(self, path: str, **query: str) -> httpx.Response:
        """Any route."""
        return self._client.get(path, params=query)

    def recording(self, session: str) -> dict[str, Any] | None:
        """What the API knows of a recording; None while it does not know it."""
        answer = self.get(f"/api/recordings/{session}")
        if answer.status_code == 404:
            return None
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def events(self, session: str, at_least: int = 0) -> list[Event]:
        """All events of a recording, in playable order; none while it is not known or has fewer than `at_least`."""
        answer = self.get(f"/api/recordings/{session}/events")
        # 503: the store is busy with a large page, say; whoever asks asks again.
        if answer.status_code in (404, 503):
            return []
        assert answer.status_code == 200, answer.text
        found = [json.loads(line) for line in answer.content.splitlines()]
        return found if len(found) >= at_least else []

    def marks(self, session: str, at_least: int = 1) -> list[tuple[int, int]]:
        """The places of a recording's clicks, in playable order; none while there are fewer than `at_least`."""
        found = marks(self.events(session))
        return found if len(found) >= at_least else []

    def losses(self, **query: str) -> list[dict[str, Any]]:
        """What was dropped or set aside; `session` or `id` narrow it."""
        answer = self.get("/api/losses", **query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["losses"]
        return found

    def close(self) -> None:
        """End the connection."""
        self._client.close()


def query(stack: Stack, statement: str) -> list[dict[str, Any]]:
    """Rows of a SELECT."""
    return [json.loads(line) for line in raw_query(stack, f"{statement} FORMAT JSONEachRow").splitlines()]


def raw_query(stack: Stack, statement: str) -> bytes:
    """A statement's answer in the format it asks for; 64-bit numbers are plain in JSON."""
    answer = httpx.post(
        stack.clickhouse,
        params={"database": "reelstream", "output_format_json_quote_64bit_integers": "0"},
        content=statement.encode(),
        timeout=SECONDS,
    )
    assert answer.status_code == 200, answer.text
    return answer.content


def wait_for(what: str, look: Callable[[], T | None], seconds: float = SECONDS, pause: float = 0.1) -> T:
    """The first answer of `look` that is neither None, False nor empty; AssertionError when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(pause)
    return found
