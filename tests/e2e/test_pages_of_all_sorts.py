"""What a visitor saw is what is recorded: returns, frames, replaced documents, routes, errors, patched globals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.contract.recorder_package import bundle, install
from tests.e2e.browser import ARGUMENTS, CHROMIUM
from tests.e2e.little_site import LittleSite, little_site
from tests.e2e.payloads import now_ms
from tests.e2e.reading import Reader, wait_for
from tests.e2e.stack import Stack

_FULL_SNAPSHOT = 2
_SESSION = "() => window.reelstream.sessionId()"
# As Prototype.js 1.6 does, before the recorder comes and after.
_PROTOTYPE = """<script>
Array.prototype.toJSON = function () { return "[" + this.map(Object.toJSON).join(", ") + "]"; };
Object.toJSON = (value) => String(value);
Array.from = (list) => Array.prototype.slice.call(list || []);
</script>"""
_BROKEN = """
window.fetch = () => { window.seen = true; return Promise.reject(new Error("a tracing agent broke it")); };
JSON.stringify = () => "spoiled";
window.MutationObserver = class { observe() {} disconnect() {} takeRecords() { return []; } };
window.setTimeout = () => 0;
performance.now = Date.now = () => NaN;
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser with its back/forward cache, which it is started without for tests as a rule."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
        )
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab of a visitor of whom the browser knows nothing."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def site(stack: Stack) -> Iterator[LittleSite]:
    """The pages."""
    with little_site(stack.gateway) as made:
        script, start = made.script(), "<!doctype html><title>t</title>"
        made.pages |= {
            "/a": f"{start}{script}<body><h1 id=a>first page</h1><a href=/b>b</a>",
            "/b": f"{start}{script}<body><h1 id=b>second page</h1>",
            "/outer": f"{start}{script}<body><h1>outer</h1><iframe src=/inner></iframe>",
            "/inner": f"{start}{script}<body><button id=inside>inside</button>",
            "/replaced": f"{start}{script}<body><h1>before</h1>",
            "/routes": f"{start}{script}<body><h1>routes</h1>",
            "/before": f"{start}{_PROTOTYPE}<script>{_BROKEN}</script>{script}<body><p id=p>patched</p>",
            "/after": f"{start}{_PROTOTYPE}{script}<script>{_BROKEN}</script><body><p id=p>patched</p>",
        }
        yield made


def _open(page: Page, address: str) -> str:
    """Open a page; the session."""
    page.goto(address)
    return str(page.evaluate(_SESSION))


def _paths(demo: Reader, session: str) -> list[tuple[str, str]]:
    """Kind and path of each page of a recording, in its order."""
    recording = demo.recording(session) or {"pages": []}
    return [(each["kind"], urlsplit(each["url"]).path) for each in recording["pages"]]


def _holds(demo: Reader, session: str, words: str) -> list[dict[str, Any]]:
    """All events of a recording once one of them holds these words."""
    found = demo.events(session)
    return found if any(words in str(event) for event in found) else []


def test_page_that_returns_is_a_page_load_of_its_own(page: Page, site: LittleSite, demo: Reader) -> None:
    """A, B and back: what is done then is drawn on A, from a snapshot of its own, in the same tab."""
    session = _open(page, f"{site.origin}/a")
    page.evaluate("() => { window.before = true; }")
    page.click("a")
    page.wait_for_selector("#b")
    # Playwright waits for a page to load, which one that returns does not.
    page.evaluate("() => history.back()")
    page.wait_for_selector("#a")
    assert page.evaluate("() => window.before") is True, "the page did not come from the back/forward cache"
    page.evaluate("() => document.querySelector('#a').append(' and back')")
    events = wait_for("what was done at last", lambda: _holds(demo, session, "and back"))
    snapshots = [index for index, event in enumerate(events) if event["type"] == _FULL_SNAPSHOT]
    assert len(snapshots) == 3
    assert "first page" in str(events[snapshots[2]])
    changed = next(index for index, event in enumerate(events) if "and back" in str(event))
    assert changed > snapshots[2]
    assert len({event["windowId"] for event in events}) == 1
    assert _paths(demo, session) == [("load", "/a"), ("load", "/b"), ("load", "/a")]


def test_frames_are_told_by_the_page_around_them(page: Page, site: LittleSite, demo: Reader) -> None:
    """A script that also runs in a frame of the same origin makes one window of the tab, and one click of a click."""
    session = _open(page, f"{site.origin}/outer")
    page.frame_locator("iframe").locator("#inside").click()
    found = wait_for("the click", lambda: (each := demo.recording(session)) and each["counts"].get("clicks") and each)
    assert isinstance(found, dict)
    assert (len(found["windows"]), found["counts"]["clicks"]) == (1, 1)
    assert wait_for("what is in the frame", lambda: _holds(demo, session, "'textContent': 'inside'"))


@pytest.mark.parametrize(
    "replace",
    [
        "() => { document.open(); document.write('<html><body><h1>written</h1></body></html>'); document.close(); }",
        """() => {
          const root = document.createElement('html');
          root.innerHTML = '<body><h1>written</h1></body>';
          document.replaceChild(root, document.documentElement);
        }""",
    ],
    ids=["document.open", "a new root"],
)
def test_replaced_document_is_a_page_load_of_its_own(page: Page, site: LittleSite, demo: Reader, replace: str) -> None:
    """What comes after a document was replaced is recorded, from a snapshot of the new one."""
    session = _open(page, f"{site.origin}/replaced")
    page.wait_for_timeout(300)
    page.evaluate(replace)
    page.wait_for_timeout(300)
    page.evaluate("() => document.querySelector('h1').append(' at last')")
    events = wait_for("what was done at last", lambda: _holds(demo, session, "at last"))
    last = max(index for index, event in enumerate(events) if event["type"] == _FULL_SNAPSHOT)
    assert "written" in str(events[last])
    assert "before" in str(events)
    # Listeners are gone with the document, and yet an opt-out in another tab of the origin holds here at once.
    other = page.context.new_page()
    other.goto(f"{site.origin}/a")
    other.evaluate("() => window.reelstream.optOut()")
    page.wait_for_function("() => window.reelstream.sessionId() === null")


def test_package_records_like_the_script_tag(page: Page, site: LittleSite, demo: Reader, tmp_path: Path) -> None:
    """A bundled script of the site's own that loads the recorder from its package."""
    install(tmp_path)
    script = bundle(tmp_path, "demo", site.gateway).replace("</", "<\\/")
    site.pages["/package"] = (
        f"<!doctype html><title>t</title><body><h1>by package</h1><script type=module>{script}</script>"
    )
    page.goto(f"{site.origin}/package")
    page.wait_for_function("() => window.reelstream?.sessionId()")
    session = str(page.evaluate(_SESSION))
    assert wait_for("the page", lambda: _holds(demo, session, "by package"))
    assert page.evaluate("async () => (await window.reelstream.check()).recording") is True


def test_routes_and_errors_are_facts(page: Page, site: LittleSite, demo: Reader) -> None:
    """Addresses that change without a document are pages; what fails is counted, each of its three ways."""
    session = _open(page, f"{site.origin}/routes")
    page.evaluate(
        """async () => {
          const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
          history.pushState({}, "", "/cart");
          await pause();
          history.replaceState({}, "", "/checkout");
          await pause();
          location.hash = "#/done";
          setTimeout(() => { throw new Error("thrown"); });
          Promise.reject(new Error("rejected"));
          console.error("said", { because: 1 });
          await pause();
        }"""
    )
    found = wait_for(
        "three errors",
        lambda: (each := demo.recording(session)) and each["counts"].get("errors") == 3 and each,
    )
    assert isinstance(found, dict)
    assert _paths(demo, session)[:3] == [("load", "/routes"), ("route", "/cart"), ("route", "/checkout")]
    assert {"errors", "routes"} <= set(found["captures"])
    listed = demo.get("/api/recordings", url="/cart", has_errors="true", limit="200").json()["recordings"]
    assert session in {each["session_id"] for each in listed}


@pytest.mark.parametrize("when", ["before", "after"])
def test_page_that_patches_the_browser_is_recorded(page: Page, site: LittleSite, demo: Reader, when: str) -> None:
    """Pages that replace JSON, Array, fetch, clocks, timers and observers neither break the recorder nor see it."""
    began = now_ms()
    session = _open(page, f"{site.origin}/{when}")
    page.evaluate("() => document.querySelector('#p').append(' and alive')")
    events = wait_for("the change", lambda: _holds(demo, session, "and alive"))
    assert all(began - 1000 <= event["timestamp"] <= now_ms() for event in events)
    assert page.evaluate("() => window.seen") is None
