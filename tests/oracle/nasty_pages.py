"""The pages in `pages`, written to be nasty, recorded in Chromium by three recorders at once.

A page lists in `window.acts` what happens on it, in order: a function of its own, or what a person does, as
[verb, selector, text]. "a |> b" selects b in the document of the iframe a. `checkOut()` takes a snapshot at once,
`tell(tag, payload)` sends a custom event.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, Route

from tests.e2e.browser import chromium
from tests.oracle.bundles import bundle
from tests.oracle.recordings import Json

PAGES = Path(__file__).parent / "pages"
NAMES = ("acting", "churn", "classes", "crossing", "fields", "frames", "graphics", "quirks", "shadow", "styles")
# "open": rrweb as the recorder bundles it, hiding nothing. "private": the same with its own ways of hiding.
# "legacy": rrweb 1, hiding nothing.
RECORDERS = ("open", "private", "legacy")
_SITE = "https://nasty.example"
# Some snapshots in the second or two that a page takes.
_CHECKOUT_MS = 500
_SETTLE_MS = 200

_START = """
(every) => {
  const all = { checkoutEveryNms: every, recordCanvas: true, collectFonts: true };
  const nothing = {
    ...all,
    blockClass: "blocks-nothing",
    maskTextClass: "masks-nothing",
    ignoreClass: "ignores-nothing",
    maskInputOptions: { password: false },
  };
  const start = (record, options) => {
    const events = [];
    const stop = record({ ...options, emit: (event) => events.push(JSON.stringify(event)) });
    return { record, events, stop };
  };
  window.recorders = {
    open: start(current.record, nothing),
    private: start(second.record, { ...all, maskInputOptions: { password: true } }),
    legacy: start(legacy.record, nothing),
  };
  window.checkOut = () => {
    for (const { record } of Object.values(window.recorders)) record.takeFullSnapshot(true);
  };
  window.tell = (tag, payload) => {
    for (const { record } of Object.values(window.recorders)) record.addCustomEvent(tag, payload);
  };
}
"""
_STOP = """
() => Object.fromEntries(
  Object.entries(window.recorders).map(([name, { events, stop }]) => (stop(), [name, `[${events}]`])),
)
"""


@dataclass(frozen=True, slots=True)
class Recording:
    """What one recorder made of a page."""

    page: str
    recorder: str
    events: list[Json]

    @property
    def name(self) -> str:
        """For messages."""
        return f"{self.page}, {self.recorder}"

    @property
    def is_sound(self) -> bool:
        """False if it may contradict itself: under much churn rrweb tells of removes from where a node no longer is,
        and then the player gives up the whole event.
        """
        return self.page not in ("churn", "crossing")


def record_pages() -> Iterator[Recording]:
    """Every page's recordings."""
    # Two copies of one version, since each keeps to itself what it knows of the page.
    scripts = [
        bundle("recorder.ts", "current"),
        bundle("recorder.ts", "second"),
        bundle("recorder_legacy.ts", "legacy"),
    ]
    with chromium() as browser:
        for name in NAMES:
            yield from _record(browser, name, scripts)


def _record(browser: Browser, name: str, scripts: list[str]) -> Iterator[Recording]:
    with _opened(browser, name) as page:
        for script in scripts:
            page.add_script_tag(content=script)
        page.evaluate(_START, _CHECKOUT_MS)
        for index in range(int(page.evaluate("window.acts.length"))):
            act = page.evaluate(
                "(i) => typeof acts[i] === 'function' ? Promise.resolve(acts[i]()).then(() => null) : acts[i]", index
            )
            if act is not None:
                _do(page, *act)
        page.wait_for_timeout(_SETTLE_MS)
        recorded: dict[str, str] = page.evaluate(_STOP)
    for recorder in RECORDERS:
        yield Recording(name, recorder, json.loads(recorded[recorder]))


@contextmanager
def _opened(browser: Browser, name: str) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 800, "height": 900})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(error.message))
    page.route("**/*", _serve)
    page.goto(f"{_SITE}/{name}.html")
    yield page
    page.close()
    assert not faults, f"{name}: {faults}"


def _serve(route: Route) -> None:
    """Files of the folder; nothing else exists."""
    url = urlsplit(route.request.url)
    path = PAGES / url.path.removeprefix("/")
    if url.hostname == urlsplit(_SITE).hostname and path.is_file():
        route.fulfill(path=path, content_type=mimetypes.guess_type(path.name)[0])
    else:
        route.abort()


def _do(page: Page, verb: str, selector: str, text: str = "") -> None:
    place = _locate(page, selector)
    match verb:
        case "type":
            place.press_sequentially(text)
        case "fill":
            place.fill(text)
        case "select":
            place.select_option(text)
        case "click":
            place.click()
        case "move":
            place.hover()
        case "drag":
            place.drag_to(page.locator(text))
        case _:
            raise ValueError(verb)


def _locate(page: Page, selector: str) -> Locator:
    *frames, last = selector.split(" |> ")
    scope = page.locator("html")
    for frame in frames:
        scope = scope.locator(frame).content_frame.locator("html")
    return scope.locator(last)
