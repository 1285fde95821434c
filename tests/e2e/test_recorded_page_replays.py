"""A page recorded in a real browser plays back, and what the server must remove is nowhere behind privacy."""

from __future__ import annotations

import json
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import chromium, outline, play_to_the_end, replayed_html, replayed_outline
from tests.e2e.needles import found_in
from tests.e2e.reading import Reader, query, raw_query, wait_for
from tests.e2e.stack import Stack
from tests.e2e.topics import read, topic_names

# Topics that may hold what a rule removes, with the state of enrich, which may hold payloads back.
BEFORE_PRIVACY = ("replay.raw.v1", "replay.enriched.v1", "replay.dead.v1")
# What has passed privacy, in the order of the way.
AFTER_PRIVACY = ("replay.redacted.v1", "replay.parts.v1", "replay.blocks.v1")


@dataclass(frozen=True)
class Recorded:
    """A session on the demo site. `needles` are random texts by name; `shown` is the page as it was at the end."""

    session: str
    needles: dict[str, str]
    shown: Any
    accepted_at: float


BLOCKED = ("planted before the snapshot", "planted later", "typed into the blocked box")
# What people type, which the preset `balanced` masks: fields, text areas and editable text, as the demo site has them.
TYPED = ("name", "email", "note", "label")
SECRETS = (*BLOCKED, "password", *TYPED)
CONTROL = "words of the page"
AGENT = "user agent"
# For whoever wants to see it after the tests; pytest's own folders come and go.
SCREENSHOT = Path(tempfile.gettempdir()) / "reelstream-player.png"

_BLOCKED = "document.querySelector('#private-card')"
_PLANT = (
    f"(text) => {_BLOCKED}.append(Object.assign(document.createElement('p'), {{ textContent: text, title: text }}))"
)
_PLANT_FIELD = f"() => {_BLOCKED}.append(Object.assign(document.createElement('input'), {{ id: 'inside' }}))"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for this file."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def recorded(stack: Stack, browser: Browser) -> Recorded:
    """Half a minute's acting in five seconds, with everything the recorder could hide switched off."""
    needles = {name: f"Robin-{secrets.token_hex(8)}" for name in (*SECRETS, CONTROL, AGENT)}
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, user_agent=f"Mozilla/5.0 (X11; Linux x86_64) {needles[AGENT]}"
    )
    page = context.new_page()
    accepted: list[float] = []
    page.on("response", lambda answer: accepted.append(time.monotonic()) if answer.status == 202 else None)
    early = json.dumps(needles["planted before the snapshot"])
    page.add_init_script(f"document.addEventListener('DOMContentLoaded', () => ({_PLANT})({early}))")
    page.goto(f"{stack.site}/index.html?privacy=off")
    expect(page.locator("#session")).not_to_have_text("not recorded")
    session = page.locator("#session").inner_text()
    _act(page, needles)
    page.evaluate(_PLANT, needles["planted later"])
    page.evaluate("(words) => document.querySelector('.lead').append(words)", needles[CONTROL])
    page.evaluate(_PLANT_FIELD)
    page.locator("#inside").fill(needles["typed into the blocked box"])
    page.wait_for_timeout(500)
    shown = outline(page)
    page.goto("about:blank")
    page.wait_for_timeout(500)
    context.close()
    assert accepted, "the gateway accepted nothing"
    return Recorded(session, needles, shown, accepted[0])


def _act(page: Page, needles: dict[str, str]) -> None:
    page.locator("[data-plant='Maidenhair fern']").click()
    page.locator("[data-plant='Little olive']").click()
    page.locator(".filters [data-light='shade']").click()
    page.locator("[data-plant='Prayer plant']").click()
    page.locator(".basket .remove").first.click()
    for field in ("name", "email", "password", "note", "label"):
        page.locator(f"#{field}").press_sequentially(needles[field], delay=15)
    page.locator("#delivery").select_option("Saturday")
    page.locator("#gift").check()
    page.mouse.move(300, 400, steps=10)
    for _ in range(5):
        page.mouse.wheel(0, 60)
        page.wait_for_timeout(60)
    page.locator("#account .primary").click()


def test_page_plays_as_it_was(
    stack: Stack,
    browser: Browser,
    recorded: Recorded,
    demo: Reader,
    say: Callable[[str], None],
) -> None:
    """After logging in, the player shows at the recording's end what the page showed, without anything hidden."""
    wait_for("the list", lambda: recorded.session in _listed(demo))
    say(f"e2e: listed {time.monotonic() - recorded.accepted_at:.1f} s after its first payload was accepted")
    _wait_for_the_end(demo, recorded)

    context = browser.new_context(viewport={"width": 1440, "height": 900})
    player = context.new_page()
    problems: list[str] = []
    player.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    player.on("pageerror", lambda error: problems.append(str(error)))
    player.goto(f"{stack.replay}/recordings/{recorded.session}")
    player.locator("#token").fill("demo")
    player.get_by_role("button", name="Log in").click()
    player.wait_for_url(f"**/recordings/{recorded.session}")
    player.wait_for_function("window.reelstreamPlayer !== undefined")
    play_to_the_end(player)

    assert replayed_outline(player) == recorded.shown
    html = replayed_html(player)
    assert not [name for name in SECRETS if recorded.needles[name] in html]
    assert problems == []
    player.screenshot(path=SCREENSHOT)
    say(f"e2e: picture of the player in {SCREENSHOT}")
    context.close()


def test_list_page_shows_the_session(stack: Stack, browser: Browser, recorded: Recorded, demo: Reader) -> None:
    """A person who logs in on the list page finds the session there and gets to its player by a click."""
    wait_for("the list", lambda: recorded.session in _listed(demo))
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{stack.replay}/")
    page.locator("#token").fill("demo")
    page.get_by_role("button", name="Log in").click()
    page.locator(f"a[href='/recordings/{recorded.session}']").first.click()
    page.wait_for_url(f"**/recordings/{recorded.session}")
    context.close()


def test_secrets_end_at_privacy(stack: Stack, recorded: Recorded, demo: Reader) -> None:
    """What a rule removes is in the raw topic, so it was sent, and in no topic, table, log or metric after privacy."""
    _wait_for_the_end(demo, recorded)
    hidden = {name: recorded.needles[name] for name in SECRETS}
    everything = hidden | {CONTROL: recorded.needles[CONTROL]}
    # Only this session's records: others on this topic are zip bombs, which are opened at a bound, not searched.
    assert _on_topic(stack, "replay.raw.v1", everything, f"demo:{recorded.session}") == set(everything)
    for topic in AFTER_PRIVACY:
        assert _on_topic(stack, topic, everything) == {CONTROL}, topic
    for topic in topic_names(stack.brokers):
        if topic not in BEFORE_PRIVACY and not topic.startswith("changelog__reelstream.enrich-"):
            assert not _on_topic(stack, topic, hidden), topic

    assert found_in(raw_query(stack, "SELECT * FROM blocks FORMAT RowBinary"), everything) == {CONTROL}
    for table in query(stack, "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine != 'View'"):
        assert not found_in(raw_query(stack, f"SELECT * FROM `{table['name']}` FORMAT RowBinary"), hidden), table

    for log in stack.logs.iterdir():
        assert not found_in(log.read_bytes(), everything), log.name
    for role, address in stack.metrics.items():
        answer = httpx.get(address)
        assert answer.status_code == 200, role
        assert not found_in(answer.content, everything), role


def test_address_and_browser_end_at_enrich(stack: Stack, recorded: Recorded, demo: Reader) -> None:
    """The client's address and the text of its user agent travel on the raw topic and on no other."""
    wait_for("the list", lambda: recorded.session in _listed(demo))
    agent = {AGENT: recorded.needles[AGENT]}
    raw = [message for message in read(stack.brokers, ["replay.raw.v1"]) if message.key == f"demo:{recorded.session}"]
    assert raw
    assert all(message.headers["rs-ip"] == "127.0.0.1" for message in raw)
    # The last request outlives its page, and with it what the test told the page to call itself.
    assert any(agent[AGENT] in message.headers["rs-ua"] for message in raw)
    others = [topic for topic in topic_names(stack.brokers) if topic != "replay.raw.v1"]
    for message in read(stack.brokers, others, "read_uncommitted"):
        assert not {"rs-ip", "rs-ua"} & message.headers.keys(), message.topic
        # Dead letters are bodies as they came, zip bombs among them; the agent was never in a body.
        value = b"" if message.topic == "replay.dead.v1" else message.value
        assert not found_in(value + repr(message.headers).encode(), agent), message.topic
    for log in stack.logs.iterdir():
        assert not found_in(log.read_bytes(), agent), log.name


def _wait_for_the_end(reader: Reader, recorded: Recorded) -> None:
    address, last = f"/api/recordings/{recorded.session}/events", f"Thank you, {recorded.needles[CONTROL]}"
    wait_for("the last event", lambda: last in reader.get(address).text)


def _listed(reader: Reader) -> list[str]:
    answer = reader.get("/api/recordings", limit="50")
    assert answer.status_code == 200, answer.text
    return [recording["session_id"] for recording in answer.json()["recordings"]]


def _on_topic(stack: Stack, topic: str, needles: dict[str, str], key: str = "") -> set[str]:
    """Needles anywhere on a topic, or in records of one key; those of transactions that were given up count too."""
    found: set[str] = set()
    for message in read(stack.brokers, [topic], "read_uncommitted"):
        if key in ("", message.key):
            found |= found_in(message.value, needles)
            found |= found_in((message.key + repr(message.headers)).encode(), needles)
    return found
