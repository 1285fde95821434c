"""A hostile recording, played in Chromium as the service gives it: nothing is connected to, run, opened or left."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson
import pytest
from playwright.sync_api import Error, Page, sync_playwright

from processors.sink.writer import Bounds, Writer
from schemas.lines import pack
from schemas.topics import BLOCKS, SESSIONS
from service.metrics import Metrics
from tests.e2e.browser import ARGUMENTS, CHROMIUM
from tests.integration.hostile_pages import START, Ways, recording
from tests.integration.migrated import ClickHouseServer, migrated_cluster, open_store
from tests.integration.replay_process import TOKEN, ReplayProcess, running, write_projects
from tests.oracle.policies import POLICIES
from tests.oracle.replay import enforced
from tests.unit.processors.sink.sink_records import block, summary, uid

# Two addresses of this machine that nobody else uses.
EARS = ("127.0.0.9", "127.0.0.10")
# Played once change by change, and once all at a time on the player's virtual document.
_PLAY = """
async () => {
  const replayer = await window.reelstreamPlayer.ready;
  if (replayer === null) return 0;
  replayer.play(0);
  await new Promise((resolve) => replayer.on("finish", resolve));
  const inside = replayer.iframe.contentDocument.querySelectorAll("[data-way]").length;
  replayer.pause(0);
  replayer.pause(replayer.getMetaData().totalTime + 1);
  await new Promise((resolve) => setTimeout(resolve, 300));
  return inside;
}
"""
_PWNED = "() => document.documentElement?.dataset.pwned ?? ''"


class Ears:
    """Counts connections."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.port = 0
        self._sockets: list[socket.socket] = []

    def open(self) -> None:
        """Listen on the same port of every address."""
        for address in EARS:
            listener = socket.create_server((address, self.port))
            self.port = listener.getsockname()[1]
            self._sockets.append(listener)
            threading.Thread(target=self._listen, args=(listener, address), daemon=True).start()

    def close(self) -> None:
        """Stop."""
        for listener in self._sockets:
            listener.close()

    def _listen(self, listener: socket.socket, address: str) -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            peer.settimeout(1)
            self.heard.append(address)
            peer.close()


@pytest.fixture
def ears() -> Iterator[Ears]:
    """What would hear a connection."""
    made = Ears()
    made.open()
    yield made
    made.close()


@contextmanager
def _browser_page(log: Path) -> Iterator[Page]:
    """A page of a browser that writes down all that its network does."""
    rules = f"--host-resolver-rules=MAP *.evil.test {EARS[0]}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, rules, f"--log-net-log={log}"])
        yield browser.new_page()
        browser.close()


def _log_in(page: Page, replay: ReplayProcess) -> None:
    answer = page.request.post(f"http://127.0.0.1:{replay.port}/login", data={"token": TOKEN})
    assert answer.status == 204


def test_hostile_recordings_reach_nobody(clickhouse: ClickHouseServer, ears: Ears, tmp_path: Path) -> None:
    """Neither what privacy lets pass nor what is put past it connects, asks, runs, navigates or opens a window."""
    ways = Ways(ears.port)
    events = recording(ways)
    assert len(ways.names) > 400
    cluster = migrated_cluster(clickhouse)
    store = open_store(cluster)
    writer = Writer(store, Metrics(process=False), Bounds(1000, 64 << 20, 5.0), _refuse)
    streams = {"raw": events, "stored": enforced(events, POLICIES["open"])}
    for number, stream in enumerate(streams.values()):
        lines = b"".join(orjson.dumps(event) + b"\n" for event in stream)
        times = (START, START + len(stream))
        writer.add(BLOCKS.name, block(number, session=number, seq="0-0", value=pack(lines), times=times, keyframe=True))
        writer.add(SESSIONS.name, summary(number, session=number))
    writer.flush()
    store.close()
    log = tmp_path / "network.json"
    trouble: list[str] = []
    with running(cluster, write_projects(tmp_path), tmp_path) as replay, _browser_page(log) as page:
        _log_in(page, replay)
        page.on("dialog", lambda dialog: trouble.append(f"dialog {dialog.message}"))
        page.on("console", lambda line: trouble.append(line.text) if line.text.startswith("PWNED ") else None)
        page.context.on("page", lambda opened: trouble.append(f"window {opened.url}"))
        asked: list[str] = []
        page.on("response", lambda answer: asked.append(answer.url))
        for number, kind in enumerate(streams):
            address = f"http://127.0.0.1:{replay.port}/recordings/{uid(1, number)}"
            page.goto(address)
            shown = page.evaluate(_PLAY)
            assert page.url == address
            # That nothing happened means something only if the ways are there.
            assert shown > (150 if kind == "raw" else 50), kind
            assert [frame.evaluate(_PWNED) for frame in page.frames] == [""] * len(page.frames)
            assert {frame.url for frame in page.frames[1:]} <= {"about:blank", ""}
        assert trouble == []
        assert ears.heard == []
        # And what does reach out is heard and written down.
        _, address, _ = ways.way("asked for by the test")
        with suppress(Error):
            page.goto(address)
    assert EARS[0] in ears.heard
    named = sorted({int(number) for number in re.findall(r"v(\d+)\.evil\.test", log.read_text())})
    assert [ways.names[number] for number in named] == ["asked for by the test"]
    own = f"http://127.0.0.1:{replay.port}/"
    others = [url for url in asked if not url.startswith((f"{own}recordings/", f"{own}static/", f"{own}api/", "data:"))]
    assert others == []


def _refuse(*_: object) -> None:
    raise AssertionError
