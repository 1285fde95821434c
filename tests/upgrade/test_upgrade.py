"""The version that landed last is killed in the middle of its work, and today's goes on with its data."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.payloads import Event, PageLoad, click, packed, page_start
from tests.e2e.reading import Reader, query, wait_for
from tests.e2e.stack import REPOSITORY
from tests.e2e.topics import read
from tests.upgrade.versions import Version, check_out

# The last version that people could run. Move it when another one has landed.
LANDED = "514c28a2b66417a98702ff892b908d23c80587c8"
SECONDS = 60.0


def _project(token: str, **rest: object) -> dict[str, object]:
    return {"read_token_sha256": [hashlib.sha256(token.encode()).hexdigest()], "origins": ["*"], **rest}


# What the earlier version understands.
PROJECTS = {
    "demo": _project("demo", write_keys=["demo"], loopback_only=True),
    "held": _project("held-token", write_keys=["held-key"], sampling={"minimum_seconds": 5}),
}
# Payloads wait and blocks stay open for longer than it takes to kill everything.
WAITING = {"REELSTREAM_ENRICH_HELD_TIME": "120", "REELSTREAM_BATCH_BLOCK_AGE": "8"}


@dataclass
class Sent:
    """An open session: what was sent of it, before the upgrade and after."""

    load: PageLoad
    reader: Reader
    before: list[tuple[int, int]] = field(default_factory=list)
    after: list[tuple[int, int]] = field(default_factory=list)

    def check(self) -> None:
        """All is there once and in order, but what a mirror of the earlier form may cost, which then is counted."""
        session = self.load.session
        expected = [*self.before, *self.after]

        def settled() -> bool:
            lost = {each["reason"]: each["events"] for each in self.reader.losses(session=session)}
            return len(self.reader.marks(session)) + int(lost.get("degraded", 0)) >= len(expected)

        wait_for(f"all of {expected}", settled, SECONDS)
        found = self.reader.marks(session)
        # Until the first snapshot after the upgrade; whatever was accepted before it is there.
        assert found[: len(self.before)] == self.before
        assert found == [each for each in expected if each in found]
        assert found[-1:] == expected[-1:]
        reasons = {each["reason"] for each in self.reader.losses(session=session)}
        assert reasons <= {"duplicate", "degraded"}
        assert ("degraded" in reasons) == (found != expected)
        recording = self.reader.recording(session)
        assert recording is not None
        assert recording["counts"]["events"] == len(self.reader.events(session))
        listed = self.reader.get("/api/recordings", limit="200").json()["recordings"]
        assert [each["session_id"] for each in listed].count(session) == 1


@pytest.fixture
def earlier() -> Iterator[Path]:
    """The files of the version that landed last."""
    if not (REPOSITORY / ".git").exists():
        pytest.skip("not a git checkout: the upgrade from the version that landed last was NOT tested")
    folder = Path(tempfile.mkdtemp(prefix="reelstream-old-"))
    try:
        yield check_out(LANDED, folder)
    except subprocess.CalledProcessError:
        said = f"the history does not reach back to {LANDED}: the upgrade from it was NOT tested"
        if os.environ.get("CI"):
            pytest.fail(f"{said}; fetch the whole history")
        pytest.skip(said)
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def directory() -> Iterator[Path]:
    """Data for both versions, with no process left over afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="reelstream-"))
    stack = Version(folder)
    try:
        yield folder
    finally:
        if stack.processes():
            stack.kill()
        wait_for("the end of all processes", lambda: not stack.processes())
        shutil.rmtree(folder)


def _settled(demo: Reader, session: str) -> list[Event]:
    """All events of a recording to which nothing is added any more; none while it still grows."""
    before = demo.events(session)
    time.sleep(3)
    return before if before == demo.events(session) else []


@pytest.mark.timeout(600)
def test_an_upgrade_in_the_middle_of_everything(earlier: Path, directory: Path, say: Callable[[str], None]) -> None:
    """Held payloads, open blocks, mirrors and undecided sessions go on; nothing is lost, nothing comes twice."""
    started = time.monotonic()
    old = Version(directory, root=earlier, projects=PROJECTS, variables=WAITING)
    old.up()
    demo, held = Reader(old), Reader(old, "held-token")
    example = (directory / "demo_session_id").read_text().strip()
    played = wait_for("all of the demo session", lambda: _settled(demo, example), pause=1)

    stored, ahead, block = (Sent(PageLoad(old.gateway), demo) for _ in range(3))
    undecided = Sent(PageLoad(old.gateway, key="held-key"), held)
    half = Sent(PageLoad(old.gateway), demo)
    # A keyframe ends the block before it, so the first page load is stored while the second is in an open block.
    stored.load.send([*page_start(), click(1, 1)])
    stored.load.send([*page_start(), click(1, 2)])
    stored.before += [(1, 1), (1, 2)]
    # The third of its payloads is ahead of the second: enrich holds it.
    again = [*page_start(), click(2, 1)]
    ahead.load.send(again)
    missing = [click(2, 2)]
    ahead.load.send([click(2, 3)], seq=2)
    ahead.before += [(2, 1)]
    block.load.send(page_start())
    block.load.send([click(3, 1)])
    block.before += [(3, 1)]
    # Not long enough yet: privacy holds what it redacted.
    undecided.load.send([*page_start(), click(4, 1)])
    undecided.before += [(4, 1)]
    # Page facts wait in privacy for their snapshot.
    facts, snapshot = page_start()
    half.load.send([facts])

    wait_for("a stored block", lambda: demo.marks(stored.load.session) == [(1, 1)])
    wait_for("a payload in an open block", lambda: _on(old, "replay.parts.v1", block) == 2)
    assert _on(old, "replay.blocks.v1", block) == 0
    assert _on(old, "replay.enriched.v1", ahead) == 1
    wait_for("what privacy holds", lambda: _on(old, "replay.enriched.v1", undecided, half) == 2)
    time.sleep(0.5)
    assert _on(old, "replay.redacted.v1", undecided, half) == 0
    old.kill()
    wait_for("the end of all processes", lambda: not old.processes())

    new = Version(directory, projects=PROJECTS, variables={"REELSTREAM_ENRICH_HELD_TIME": "120"})
    new.up()
    assert demo.events(example) == played
    # The payload that was waited for, and a retry of one that had been passed on.
    ahead.load.send(missing, seq=1)
    assert ahead.load.post(packed(again), seq=0).status_code == 202
    ahead.load.send([click(2, 4)], seq=3)
    ahead.load.seq = 4
    ahead.after += [(2, 2), (2, 3), (2, 4)]
    block.load.send([click(3, 2)])
    block.after += [(3, 2)]
    late = click(4, 2)
    late["timestamp"] += 6000
    undecided.load.send([late])
    undecided.after += [(4, 2)]
    half.load.send([snapshot, click(5, 1)])
    half.after += [(5, 1)]
    for number, sent in enumerate((stored, ahead, block, undecided, half)):
        sent.load.send([*_later(page_start()), _later([click(9, number)])[0]])
        sent.after += [(9, number)]
    for sent in (stored, ahead, block, undecided, half):
        sent.check()
    duplicates = [each for each in demo.losses(session=ahead.load.session) if each["reason"] == "duplicate"]
    assert [each["payloads"] for each in duplicates] == [1]
    assert query(new, "SELECT count() AS dead FROM losses WHERE kind = 'dead'") == [{"dead": 0}]
    for reader in (demo, held):
        reader.close()
    new.down()
    say(f"upgrade: {time.monotonic() - started:.0f} s")


def _later(events: list[Event]) -> list[Event]:
    """The same, seven seconds later by the client's clock: after all that was sent before."""
    return [{**event, "timestamp": event["timestamp"] + 7000} for event in events]


def _on(stack: Version, topic: str, *sessions: Sent) -> int:
    """Records of these sessions on a topic."""
    keys = tuple(sent.load.session for sent in sessions)
    return sum(message.key.endswith(keys) for message in read(stack.brokers, [topic]))
