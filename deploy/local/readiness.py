"""Waiting until a program answers, and what to say when it does not."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local.programs import Program
from deploy.local.trouble import Trouble

# A cold start of all processes on two busy cores takes about half of it.
READY_SECONDS = 90.0
# A stage may end once or twice while topics are new; one that has a wrong setting ends each time.
MOST_STARTS = 4
_PAUSE_SECONDS = 0.1
_TAIL_LINES = 20


def wait_until_ready(program: Program, log: Path, ready: Callable[[str], bool], pid: Callable[[], int]) -> float:
    """Seconds it took; `pid` gives the program's process now, 0 for none.

    Raises Trouble with the end of the program's log when it takes too long or keeps ending.
    """
    start = time.monotonic()
    seen: set[int] = set()
    while not ready(program.ready_at):
        waited = time.monotonic() - start
        seen.add(pid())
        if len(seen - {0}) > MOST_STARTS:
            raise Trouble(f"{program.name} keeps ending. Its log ({log}) ends:\n{tail(log)}")
        if waited > READY_SECONDS:
            raise Trouble(f"{program.name} is not ready after {waited:.0f} s. Its log ({log}) ends:\n{tail(log)}")
        time.sleep(_PAUSE_SECONDS)
    return time.monotonic() - start


def is_ready(address: str) -> bool:
    """A broker is ready when it answers with its metadata, anything else when its URL answers 200."""
    if address.startswith("kafka://"):
        return _has_metadata(address.removeprefix("kafka://"))
    return answers(address)


def answers(url: str, headers: dict[str, str] | None = None) -> bool:
    """Whether a GET gives 200."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _has_metadata(brokers: str) -> bool:
    client = AdminClient({"bootstrap.servers": brokers, "log_level": 0})
    try:
        return bool(client.list_topics(timeout=1.0).brokers)
    except KafkaException:
        return False


def tail(log: Path) -> str:
    """The last lines of a log, or a word about why there are none."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]) or "(empty)"
    except FileNotFoundError:
        return "(there is none)"
