"""What became of every payload, read from topics and tables, never from a counter of ours."""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from tests.chaos.writers import CLICKS, PROJECT, TOKEN, Writers, Written
from tests.e2e.payloads import marks
from tests.e2e.reading import Reader, query, wait_for
from tests.e2e.stack import Stack
from tests.e2e.topics import read

CHAIN = ("replay.enriched.v1", "replay.redacted.v1")
# Topic and the table that must hold exactly its records.
STORED = {"replay.blocks.v1": "blocks", "replay.losses.v1": "losses"}
# A stage needs 5 to 7 s, the broker up to 17 s, on two idle cores; several times that on loaded ones. Beyond this
# something hangs.
RECOVERY_SECONDS = 240.0
QUIET_SECONDS = 90.0


@dataclass
class Verdict:
    """Each list names what is wrong; all empty means that every payload is there, once."""

    owed: int = 0
    missing: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    miscounted: list[str] = field(default_factory=list)


def judge_recordings(stack: Stack, sessions: list[Written], token: str = TOKEN) -> Verdict:
    """Sessions as a player gets them, against what was sent."""
    verdict = Verdict()
    with ThreadPoolExecutor(4) as pool:
        for one in pool.map(lambda session: _judge_session(stack, session, token), sessions):
            verdict.owed += one.owed
            verdict.missing += one.missing
            verdict.twice += one.twice
            verdict.disordered += one.disordered
            verdict.miscounted += one.miscounted
    return verdict


def _judge_session(stack: Stack, written: Written, token: str) -> Verdict:
    verdict = Verdict(owed=len(written.owed))
    if not written.owed:
        return verdict
    name = written.load.session
    reader = Reader(stack, token)
    events, recording = reader.events(name), reader.recording(name)
    reader.close()
    found = marks(events)
    wanted = [(number, part) for number in sorted(written.owed) if number > 0 for part in range(CLICKS)]
    times = Counter(found)
    verdict.missing += [f"{name} {mark}" for mark in wanted if not times[mark]]
    verdict.twice += [f"{name} {mark}" for mark, count in times.items() if count > 1]
    starts = sum(1 for event in events if event["type"] == 2)
    if starts != 1:
        (verdict.twice if starts else verdict.missing).append(f"{name} full snapshot")
    if found != sorted(found):
        verdict.disordered.append(name)
    counts = recording["counts"] if recording else {}
    said = (counts.get("events"), counts.get("clicks"), recording["gaps"] if recording else None)
    if said != (len(events), len(found), 0):
        verdict.miscounted.append(f"{name}: the summary says {said}, there are {len(events)} and {len(found)}")
    return verdict


@dataclass(frozen=True)
class Conservation:
    """Events of the project by what became of them."""

    accepted: int
    stored: int
    lost: dict[str, int]

    @property
    def balanced(self) -> bool:
        """All that came in is stored, or lost with a reason."""
        return self.accepted == self.stored + sum(self.lost.values())


def conservation(stack: Stack) -> Conservation:
    """Every record on the raw topic, opened and counted, against rows of the tables."""
    accepted = sum(
        len(json.loads(gzip.decompress(message.value)))
        for message in read(stack.brokers, ["replay.raw.v1"])
        if message.headers.get("rs-project") == PROJECT
    )
    (stored,) = query(stack, f"SELECT sum(events) AS events FROM blocks FINAL WHERE project = '{PROJECT}'")
    lost = query(
        stack, f"SELECT reason, sum(events) AS events FROM losses FINAL WHERE project = '{PROJECT}' GROUP BY reason"
    )
    return Conservation(accepted, int(stored["events"]), {row["reason"]: int(row["events"]) for row in lost})


def repeated_between_stages(stack: Stack) -> list[str]:
    """Payloads that a stage wrote more than once in transactions that hold: names the stage that would be at fault."""
    seen: Counter[tuple[str, ...]] = Counter()
    for message in read(stack.brokers, CHAIN):
        if message.headers.get("rs-project") == PROJECT:
            seen[message.topic, message.key, message.headers["rs-page"], message.headers["rs-seq"]] += 1
    versions: Counter[tuple[str, int]] = Counter(
        (message.key, json.loads(message.value)["version"])
        for message in read(stack.brokers, ["replay.sessions.v1"])
        if message.headers.get("rs-project") == PROJECT
    )
    return [f"{name}" for name, count in seen.items() if count > 1] + [
        f"version {version} of {key}" for (key, version), count in versions.items() if count > 1
    ]


def unlike_their_topics(stack: Stack) -> list[str]:
    """Records of a topic that its table lacks or has twice, and rows that no record stands behind."""
    wrong = []
    for topic, table in STORED.items():
        on_topic = {(message.partition, message.offset) for message in read(stack.brokers, [topic])}
        rows = query(stack, f"SELECT partition, offset, count() AS copies FROM {table} FINAL GROUP BY ALL")
        in_table = {(row["partition"], row["offset"]): row["copies"] for row in rows}
        wrong += [f"{table} lacks {place}" for place in sorted(on_topic - in_table.keys())]
        wrong += [f"{table} has {place}, which was never committed" for place in sorted(in_table.keys() - on_topic)]
        wrong += [f"{table} has {place} {copies} times" for place, copies in in_table.items() if copies > 1]
    return wrong


def given_up(stack: Stack) -> dict[str, int]:
    """Records of transactions that were open when a process died, by topic: proof that kills met open transactions."""
    found = {}
    for topic in (*CHAIN, "replay.parts.v1", "replay.blocks.v1"):
        everything = sum(1 for _ in read(stack.brokers, [topic], "read_uncommitted"))
        found[topic] = everything - sum(1 for _ in read(stack.brokers, [topic]))
    return found


def prove_whole(stack: Stack, writers: Writers, say: Callable[[str], None]) -> None:
    """Wait for quiet, then assert that every payload a 202 was given for is there once, and all else accounted for."""
    wait_for("all that was accepted to be stored or lost", lambda: conservation(stack).balanced, QUIET_SECONDS, pause=2)
    verdict = judge_recordings(stack, writers.sessions)
    balance = conservation(stack)
    say(
        f"chaos: {len(writers.sessions)} sessions, {verdict.owed} payloads owed, {len(verdict.missing)} missing, "
        f"{len(verdict.twice)} twice; {balance.accepted} events accepted, {balance.stored} stored, lost {balance.lost}"
    )
    assert not writers.refusals
    assert not verdict.missing
    assert not verdict.twice
    assert not verdict.disordered
    assert not verdict.miscounted
    # What a recorder sends again after an answer that never came is the only loss there may be.
    assert balance.lost.keys() <= {"duplicate"}
    assert repeated_between_stages(stack) == []
    assert unlike_their_topics(stack) == []


def wait_for_output(reader: Reader, writers: Writers, since: float, what: str = "") -> float:
    """Seconds until the long session's recording shows an event that happened after `since`."""

    def fresh() -> bool:
        try:
            recording = reader.recording(writers.long.load.session)
        except (httpx.HTTPError, AssertionError):
            return False
        return recording is not None and datetime.fromisoformat(recording["ended_at"]).timestamp() > since

    wait_for(f"output after {what or 'the start'}", fresh, RECOVERY_SECONDS)
    return time.time() - since
