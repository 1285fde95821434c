"""What the player page shows of recordings written by hand, in Chromium: pixels, the page, and its own words."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import pytest
from playwright.sync_api import Error, Page, Request, sync_playwright

from processors.sink.writer import Bounds, Writer
from schemas.lines import pack
from schemas.topics import BLOCKS, SESSIONS
from service.metrics import Metrics
from tests.e2e.browser import ARGUMENTS, CHROMIUM
from tests.integration import shown_pages
from tests.integration.migrated import ClickHouseServer, migrated_cluster, open_store
from tests.integration.replay_process import TOKEN, ReplayProcess, running, write_projects
from tests.integration.shown_pages import Json
from tests.unit.processors.sink.sink_records import block, summary, uid

RECORDINGS: dict[str, dict[int, list[Json]]] = {
    "tabs": shown_pages.tabs(),
    "shown": {1: shown_pages.shown()},
    "grounds": {1: shown_pages.grounds()},
    "quiet": {1: shown_pages.quiet()},
}
_PLAYER = "window.reelstreamPlayer.replayer"
_PAGE = f"{_PLAYER}.iframe.contentDocument"


@pytest.fixture(scope="module")
def replay(clickhouse: ClickHouseServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplayProcess]:
    """The service with all recordings."""
    folder = tmp_path_factory.mktemp("shown")
    cluster = migrated_cluster(clickhouse)
    store = open_store(cluster)
    writer = Writer(store, Metrics(process=False), Bounds(1000, 64 << 20, 5.0), _refuse)
    offset = 0
    for number, windows in enumerate(RECORDINGS.values()):
        for window, events in windows.items():
            lines = b"".join(orjson.dumps(event) + b"\n" for event in events)
            times = (events[0]["timestamp"], events[-1]["timestamp"])
            keyframe = any(event["type"] == 2 for event in events)
            value = pack(lines)
            writer.add(
                BLOCKS.name,
                block(
                    offset,
                    session=number,
                    window=window,
                    page=window,
                    seq="0-0",
                    value=value,
                    times=times,
                    keyframe=keyframe,
                ),
            )
            offset += 1
        writer.add(SESSIONS.name, summary(number, session=number, **_facts(windows)))
    writer.flush()
    store.close()
    with running(cluster, write_projects(folder), folder) as process:
        yield process


@pytest.fixture(scope="module")
def page(replay: ReplayProcess) -> Iterator[Page]:
    """A logged in browser's page; the person at it prefers dark pages."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="dark")
        answer = context.request.post(f"http://127.0.0.1:{replay.port}/login", data={"token": TOKEN})
        assert answer.status == 204
        yield context.new_page()
        browser.close()


def _refuse(*_: object) -> None:
    raise AssertionError


def _facts(windows: dict[int, list[Json]]) -> Json:
    everything = [event for events in windows.values() for event in events]
    metas = [event for event in everything if event["type"] == 4]
    return {
        "windows": [
            {"window": uid(2, window), "first": events[0]["timestamp"], "last": events[-1]["timestamp"]}
            for window, events in windows.items()
        ],
        "pages": sorted([event["timestamp"], event["data"]["href"]] for event in metas),
        "counts": {"events": len(everything), "clicks": 2},
    }


@contextmanager
def _opened(page: Page, replay: ReplayProcess, name: str) -> Iterator[None]:
    """The recording's page, ready. Nothing it does may ask another host or fail."""
    asked: list[str] = []
    trouble: list[str] = []

    def ask(request: Request) -> None:
        asked.append(request.url)

    def fail(error: Error) -> None:
        trouble.append(str(error))

    page.on("request", ask)
    page.on("pageerror", fail)
    number = list(RECORDINGS).index(name)
    page.goto(f"http://127.0.0.1:{replay.port}/recordings/{uid(1, number)}")
    assert page.evaluate("window.reelstreamPlayer.ready.then((player) => player !== null)"), _words(page, "#status")
    yield
    own = f"http://127.0.0.1:{replay.port}/"
    assert [url for url in asked if not url.startswith((own, "data:"))] == []
    assert trouble == []
    page.remove_listener("request", ask)
    page.remove_listener("pageerror", fail)


def _seek(page: Page, at: int) -> None:
    """Show a moment, ms since the first event that can be played."""
    page.evaluate(f"(at) => {_PLAYER}.pause(at)", at)


def _words(page: Page, selector: str) -> str:
    return page.locator(selector).inner_text()


def _heading(page: Page) -> str:
    return str(page.evaluate(f"{_PAGE}.querySelector('h1').textContent"))


def _boxes(page: Page) -> dict[str, tuple[int, int]]:
    """Width and height of the recorded page's elements by id."""
    sizes = page.evaluate(
        f"""[...{_PAGE}.querySelectorAll("body > *")].map((element) => {{
          const box = element.getBoundingClientRect();
          return [element.id, [Math.round(box.width), Math.round(box.height)]];
        }})"""
    )
    return {name: (width, height) for name, (width, height) in sizes}


def _colour(page: Page, selector: str) -> tuple[int, ...]:
    """What is seen in the middle of an element of the recorded page, as red, green and blue."""
    frame = page.frame_locator(".replayer-wrapper iframe")
    picture = base64.b64encode(frame.locator(selector).screenshot()).decode()
    aid = page.context.new_page()
    found = aid.evaluate(
        """async (picture) => {
          const image = new Image();
          image.src = `data:image/png;base64,${picture}`;
          await image.decode();
          const canvas = new OffscreenCanvas(image.width, image.height);
          const context = canvas.getContext("2d");
          context.drawImage(image, 0, 0);
          const [x, y] = [Math.floor(image.width / 2), Math.floor(image.height / 2)];
          return [...context.getImageData(x, y, 1, 1).data].slice(0, 3);
        }""",
        picture,
    )
    aid.close()
    return tuple(found)


def test_player_follows_the_tab_that_is_looked_at(page: Page, replay: ReplayProcess) -> None:
    """One time line over all tabs; a tab without a picture is no obstacle; a page is shown in its tab, not the next."""
    with _opened(page, replay, "tabs"):
        shown = []
        for at in (0, 2900, 3100, 6900, 7100, 10_900):
            _seek(page, at)
            shown.append(_heading(page))
        assert shown == ["LIST", "LIST", "ITEM", "ITEM", "LIST CHANGED UNSEEN", "LIST CHANGED UNSEEN"]
        buttons = page.locator("#pages .seek")
        clicked = []
        for index in range(buttons.count()):
            buttons.nth(index).click()
            clicked.append(_heading(page))
        assert clicked == ["LIST", "ITEM", "ITEM2"]
        # What was asked for stays until another tab is looked at, a pinned tab stays for good.
        page.get_by_label("Show", exact=True).select_option(label="Tab 2 only")
        _seek(page, 500)
        assert _heading(page) == "ITEM"
        page.get_by_label("Show", exact=True).select_option(label="the active tab")
        assert _heading(page) == "LIST"
        played = page.evaluate(
            f"""async () => {{
              const [player, seen] = [{_PLAYER}, []];
              player.on("time", () => {{
                const words = player.iframe.contentDocument.querySelector("h1")?.textContent;
                if (words && seen.at(-1) !== words) seen.push(words);
              }});
              player.setConfig({{ speed: 8 }});
              player.play(0);
              await new Promise((resolve) => player.on("finish", resolve));
              return seen;
            }}"""
        )
        assert played == ["LIST", "ITEM", "LIST CHANGED UNSEEN"]
        assert page.locator(".replayer-wrapper").count() == 1


def test_what_can_be_shown_is_shown_and_the_rest_is_announced(page: Page, replay: ReplayProcess) -> None:
    """Canvas, late elements, popovers, full screen, adopted sheets and pictures, forwards and back, asking nobody."""
    with _opened(page, replay, "shown"):
        hidden = f"getComputedStyle({_PAGE}.querySelector('#late')).visibility"
        inner = f"getComputedStyle({_PAGE}.querySelector('#host').shadowRoot.querySelector('b')).color"
        at_first = _boxes(page)
        for at, late, popover, full in (
            (1800, "hidden", False, False),
            (2500, "visible", False, False),
            (3500, "visible", True, False),
            (6000, "visible", False, True),
            (6900, "visible", False, False),
            (700, "hidden", False, False),
        ):
            _seek(page, at)
            boxes = _boxes(page)
            assert page.evaluate(hidden) == late, at
            assert (boxes["popover"] != (0, 0)) == popover, at
            assert (boxes["full"] == (800, 600)) == full, at
            assert page.evaluate(inner) == "rgb(0, 0, 200)", at
        _seek(page, 1800)
        boxes = _boxes(page)
        names = ("picture", "unknown", "drawn", "first", "sprite", "local", "video")
        assert {name: boxes[name] for name in names} == dict.fromkeys(names, (100, 40))
        assert all(at_first[name] == boxes[name] for name in names)
        red, green, blue = (200, 0, 0), (0, 150, 0), (0, 0, 200)
        seen = {name: _colour(page, f"#{name}") for name in ("drawn", "first", "bitmap", "local")}
        assert seen == {"drawn": red, "first": red, "bitmap": blue, "local": green}
        # What is missing is a box that can be told from the page.
        assert all(_colour(page, f"#{name}") != (255, 255, 255) for name in ("picture", "unknown", "frame", "sprite"))
        words = _words(page, "#unseen")
        for told in ("1 picture ", "1 canvas ", "1 frame of another site", "1 video ", "1 style sheet", "1 drawing"):
            assert told in words
        assert "Background pictures and fonts are not loaded" in words
        _seek(page, 50)
        assert _colour(page, "#drawn") == (255, 255, 255)


def test_ground_is_that_of_the_page(page: Page, replay: ReplayProcess) -> None:
    """White without a background, dark only where the page asks for it, whatever the person who watches prefers."""
    with _opened(page, replay, "grounds"):
        grounds = []
        for at in (500, 2500, 4500):
            _seek(page, at)
            grounds.append(_colour(page, "html"))
        assert grounds == [(255, 255, 255), (18, 18, 18), (255, 255, 255)]
    with _opened(page, replay, "shown"):
        assert page.evaluate(f"getComputedStyle({_PAGE}.body).backgroundColor") == "rgba(0, 0, 0, 0)"


def test_facts_say_what_is_not_known(page: Page, replay: ReplayProcess) -> None:
    """What was not recorded is told in its place and leads there; an idle hour takes seconds; no null is a zero."""
    with _opened(page, replay, "quiet"):
        lost = page.locator("#losses .seek")
        assert [text.split("\n")[-1] for text in lost.all_inner_texts()] == [
            "Not recorded: the page changed too much at once. (3 times)",
            "2 payloads could not be read.",
        ]
        assert "Nothing is known to be missing" not in _words(page, "#losses")
        lost.nth(1).focus()
        page.keyboard.press("Enter")
        assert _words(page, "#clock") == "1:00:01 / 1:00:01"
        assert _heading(page) == "CHANGED"
        started = time.monotonic()
        page.evaluate(
            f"""async () => {{
              {_PLAYER}.setConfig({{ speed: 8 }});
              {_PLAYER}.play(0);
              await new Promise((resolve) => {_PLAYER}.on("finish", resolve));
            }}"""
        )
        assert time.monotonic() - started < 20
        assert "not measured" in _words(page, "#facts")
    with _opened(page, replay, "tabs"):
        assert "Nothing is known to be missing" in _words(page, "#losses")


@pytest.mark.parametrize("width", [1280, 390])
def test_page_fits_and_is_reached_by_keyboard(page: Page, replay: ReplayProcess, width: int) -> None:
    """Nothing overflows, the whole picture is inside its stage, and every control has a name and takes the focus."""
    page.set_viewport_size({"width": width, "height": 800})
    with _opened(page, replay, "tabs"):
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        inside = page.evaluate(
            """() => {
              const [picture, stage] = [".replayer-wrapper iframe", "#stage"].map((selector) =>
                document.querySelector(selector).getBoundingClientRect());
              return picture.width > 50 && picture.left >= stage.left && picture.right <= stage.right + 1 &&
                picture.top >= stage.top && picture.bottom <= stage.bottom + 1;
            }"""
        )
        assert inside
        for name in ("Time", "Speed", "Hurry through idle time", "Show"):
            assert page.get_by_label(name, exact=True).is_visible(), name
        page.get_by_role("slider", name="Time").focus()
        page.keyboard.press("End")
        assert _words(page, "#clock") == "0:11 / 0:11"
        page.keyboard.press("Home")
        page.get_by_role("button", name="Play").focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Pause").wait_for()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Play").wait_for()
