"""What a browser cannot send is sent later, made smaller, or told; what a person does not want is never sent."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request

from tests.e2e.browser import chromium
from tests.e2e.little_site import FRONT_BYTES, LittleSite, little_site
from tests.e2e.reading import Reader, wait_for
from tests.e2e.stack import Stack

# 300 kB of text that hardly compresses, in many nodes.
_HEAVY = """
<p id="heavy"></p><script>
const noise = crypto.getRandomValues(new Uint8Array(56_000));
for (let round = 0; round < 4; round++) {
  crypto.getRandomValues(noise);
  const text = btoa(String.fromCharCode(...noise));
  for (let at = 0; at < text.length; at += 400) {
    heavy.append(Object.assign(document.createElement("i"), { textContent: text.slice(at, at + 400) }));
  }
}
</script>"""
# A picture that does not compress.
_PICTURE = """
<h1 id="title">Picture</h1><script>
const noise = crypto.getRandomValues(new Uint8Array(60_000));
const part = btoa(String.fromCharCode(...noise));
document.body.append(Object.assign(new Image(), { src: "data:image/png;base64," + part + part.slice(9) }));
</script>"""
_POLICY = """<meta http-equiv="Content-Security-Policy" content="connect-src 'self'">"""
_SESSION = "() => window.reelstream.sessionId()"
_KEPT = """async () => {
  const names = (await indexedDB.databases()).map(({ name }) => name);
  if (!names.includes("reelstream")) return null;
  const opened = indexedDB.open("reelstream");
  await new Promise((resolve) => (opened.onsuccess = resolve));
  const count = opened.result.transaction("unsent").objectStore("unsent").count();
  await new Promise((resolve) => (count.onsuccess = resolve));
  opened.result.close();
  return count.result;
}"""
# A payload kept by hand: as old as told in hours, and as large as told, whatever its bytes.
_KEEP = """async ([address, hours, size]) => {
  const opened = indexedDB.open("reelstream");
  await new Promise((resolve) => (opened.onsuccess = resolve));
  const row = { address, bytes: new Uint8Array(2), at: Date.now() - hours * 3_600_000, size, until: 0 };
  const added = opened.result.transaction("unsent", "readwrite").objectStore("unsent").add(row);
  await new Promise((resolve) => (added.onsuccess = resolve));
  opened.result.close();
}"""
_KEYS = "() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for this file."""
    with chromium() as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor of whom the browser knows nothing."""
    made = browser.new_context()
    yield made
    made.close()


@pytest.fixture(scope="module")
def site(stack: Stack) -> Iterator[LittleSite]:
    """The pages, each with the recorder as its name says."""
    with little_site(stack.gateway) as made:
        front = f"{made.origin}/front"
        empty = "<!doctype html><title>t</title><body>"
        made.pages |= {
            "/heavy": f"{empty}{made.script()}{_HEAVY}",
            "/heavy-fronted": f"{empty}{made.script(endpoint=front)}{_HEAVY}",
            "/heavy-unkept": f"{empty}{made.script('data-keep=off', front)}{_HEAVY}",
            "/light": f"{empty}{made.script()}<p>light</p>",
            "/forbidden": f"<!doctype html>{_POLICY}<title>t</title><body>{made.script()}<p>forbidden</p>",
            "/picture": f"{empty}{made.script(endpoint=front)}{_PICTURE}",
            "/consent": f"{empty}{made.script('data-consent=required')}<p>consent</p>",
            "/trigger": f"{empty}{made.script('data-trigger=error')}<p>trigger</p>",
        }
        yield made


def _payloads(page: Page | BrowserContext) -> list[Request]:
    """Requests with recorded events from now on."""
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if "/v1/replay/" in request.url else None)
    return sent


def _losses(demo: Reader, session: str) -> list[str]:
    recording = demo.recording(session)
    return [loss["reason"] for loss in recording["losses"]] if recording else []


def _addresses(demo: Reader, session: str) -> list[str]:
    """The paths of the pages that begin with a snapshot, in no order."""
    events = demo.events(session)
    follows = {event["type"] for event in events}
    return [urlsplit(event["data"]["href"]).path for event in events if event["type"] == 4] if 2 in follows else []


def _slow(context: BrowserContext, page: Page) -> None:
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    speed = {"downloadThroughput": 5_000_000, "uploadThroughput": 100_000}
    devtools.send("Network.emulateNetworkConditions", {"offline": False, "latency": 20, **speed})


def test_page_left_early_is_sent_by_the_next(context: BrowserContext, site: LittleSite, demo: Reader) -> None:
    """Its snapshot is larger than what may outlive a page; it comes whole, once, and nothing stays behind."""
    page = context.new_page()
    _slow(context, page)
    sent = _payloads(page)
    page.goto(f"{site.origin}/heavy")
    wait_for("its snapshot on its way", lambda: _polled(page, lambda: page.evaluate(_KEPT)))
    page.wait_for_timeout(200)
    session = page.evaluate(_SESSION)
    # Another tab does not send what this one still sends.
    other = context.new_page()
    elsewhere = _payloads(other)
    other.goto(f"{site.origin}/light")
    wait_for("the other tab", lambda: _polled(other, lambda: elsewhere))
    page.goto(f"{site.origin}/light")
    wait_for("all of it sent", lambda: _polled(page, lambda: len(_large(sent)) == 2))
    wait_for("nothing kept any more", lambda: page.evaluate(_KEPT) == 0)
    wait_for("both pages", lambda: {"/heavy", "/light"} <= set(_addresses(demo, session)))
    recording = demo.recording(session)
    assert recording is not None
    assert (recording["losses"], recording["gaps"]) == ([], 0)
    first, again = _large(sent)
    assert first == again
    assert _large(elsewhere) == []


@pytest.mark.parametrize("why", ["switched off", "full"])
def test_page_left_early_is_told_where_it_cannot_be_kept(context: BrowserContext, site: LittleSite, why: str) -> None:
    """With the setting off, or with 5 MiB kept already, a small request says how much is missing."""
    page = context.new_page()
    if why == "full":
        page.goto(f"{site.origin}/light")
        wait_for("the database", lambda: page.evaluate(_KEPT) == 0)
        page.evaluate(_KEEP, ["https://elsewhere.example/", 1, 5 * 1024 * 1024])
    _slow(context, page)
    sent = _payloads(page)
    page.goto(f"{site.origin}/{'heavy-fronted' if why == 'full' else 'heavy-unkept'}")
    wait_for("its snapshot on its way", lambda: _polled(page, lambda: _large(sent)))
    page.wait_for_timeout(200)
    site.passed.clear()
    page.goto(f"{site.origin}/light")
    told = wait_for("what is missing", lambda: _polled(page, lambda: _told(site.passed, "left_early")))
    assert told["count"] >= 1
    assert page.evaluate(_KEPT) == (1 if why == "full" else 0)
    assert len(_large(sent)) == 1


def test_slow_bodies_become_smaller(context: BrowserContext, site: LittleSite, demo: Reader) -> None:
    """A front that gives up large bodies gets the same one twice, then less, then the page without its picture."""
    page = context.new_page()
    page.goto(f"{site.origin}/picture")
    session = page.evaluate(_SESSION)
    wait_for("the page", lambda: "/picture" in _addresses(demo, session))
    assert len(site.refused) <= 3
    assert site.refused[0] == site.refused[1]
    snapshot = next(event for event in demo.events(session) if event["type"] == 2)
    assert "Picture" in json.dumps(snapshot)
    assert "data:image/gif;base64" in json.dumps(snapshot)


def test_page_that_forbids_the_gateway_is_told_by_a_later_one(context: BrowserContext, site: LittleSite) -> None:
    """One attempt, one line that names the directive, and one report from a page that may. What is old is deleted."""
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if "[reelstream]" in message.text else None)
    page.goto(f"{site.origin}/forbidden")
    wait_for("the reason", lambda: _polled(page, lambda: said))
    page.wait_for_timeout(1_500)
    assert len(said) == 1
    assert f"connect-src {site.gateway}" in said[0]
    old = f"{site.gateway}/v1/replay/demo/old?page=p&seq=7"
    page.evaluate(_KEEP, [old, 25, 2])
    sent = _payloads(page)
    page.goto(f"{site.origin}/light")
    told = wait_for("the report", lambda: _polled(page, lambda: _told(map(_body, sent), "blocked")))
    assert told["count"] >= 1
    wait_for("nothing kept any more", lambda: page.evaluate(_KEPT) == 0)
    assert not [request.url for request in sent if request.url.startswith(old)]


def test_opt_out_holds_in_every_tab(context: BrowserContext, site: LittleSite, demo: Reader) -> None:
    """Both tabs stop, nothing is sent or stored any more but the choice itself, until it is taken back."""
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.goto(f"{site.origin}/light")
        wait_for("a session", partial(page.evaluate, _SESSION))
    first.wait_for_timeout(1_500)
    first.evaluate("() => window.reelstream.optOut()")
    wait_for("the other tab", lambda: second.evaluate(_SESSION) is None)
    sent = _payloads(context)
    for page in (first, second):
        page.mouse.move(30, 30)
        page.evaluate("() => document.body.append('changed')")
        page.reload()
        page.wait_for_timeout(1_200)
        assert page.evaluate(_SESSION) is None
        assert page.evaluate(_KEYS) == ["reelstream.optout"]
        assert page.evaluate(_KEPT) is None
    assert sent == []
    second.evaluate("() => window.reelstream.optIn()")
    session = wait_for("a session", lambda: first.evaluate(_SESSION))
    wait_for("a recording", lambda: demo.recording(session))


def test_person_who_did_not_agree_is_left_alone(browser: Browser, site: LittleSite) -> None:
    """Global Privacy Control and consent that is not given: nothing sent, nothing stored; after consent all of it."""
    context = browser.new_context()
    sent = _payloads(context)
    page = context.new_page()
    page.goto(f"{site.origin}/consent")
    page.wait_for_timeout(1_200)
    assert (sent, page.evaluate(_KEYS), page.evaluate(_KEPT)) == ([], [], None)
    page.evaluate("() => window.reelstream.consent(true)")
    wait_for("payloads", lambda: _polled(page, lambda: sent))
    page.evaluate("() => window.reelstream.consent(false)")
    assert page.evaluate(_KEYS) == []
    context.close()
    context = browser.new_context()
    context.add_init_script("Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { value: true })")
    sent = _payloads(context)
    page = context.new_page()
    page.goto(f"{site.origin}/light")
    page.wait_for_timeout(1_500)
    assert (sent, page.evaluate(_KEYS), page.evaluate(_KEPT)) == ([], [], None)
    context.close()


@pytest.mark.parametrize("replaced", [False, True], ids=["as loaded", "after document.open"])
def test_trigger_sends_what_came_before_it(
    context: BrowserContext, site: LittleSite, demo: Reader, replaced: bool
) -> None:
    """Nothing until an error happens; then from the snapshot on, with what was changed before the error."""
    page = context.new_page()
    sent = _payloads(page)
    page.goto(f"{site.origin}/trigger")
    if replaced:
        page.evaluate("() => { document.open(); document.write('<body><p>written</p></body>'); document.close(); }")
        page.wait_for_timeout(300)
    page.evaluate("() => document.body.append('before the error')")
    page.wait_for_timeout(1_300)
    assert sent == []
    session = page.evaluate(_SESSION)
    page.evaluate("() => setTimeout(() => { throw new Error('here') })")
    wait_for("the change", lambda: _polled(page, lambda: "before the error" in json.dumps(demo.events(session))))


def _polled(page: Page, look: Any) -> Any:
    # Playwright hands out events only while it is asked for something.
    page.wait_for_timeout(50)
    return look()


def _body(request: Request) -> bytes:
    body = request.post_data_buffer or b""
    return gzip.decompress(body) if "&enc=gzip" in request.url else body


def _told(bodies: Iterable[bytes], reason: str) -> Any:
    """The report with this reason."""
    return next((json.loads(body)["not_recorded"] for body in bodies if reason.encode() in body), None)


def _large(sent: list[Request]) -> list[tuple[str, str, str]]:
    return [_identity(request) for request in sent if len(request.post_data_buffer or b"") > FRONT_BYTES]


def _identity(request: Request) -> tuple[str, str, str]:
    address = urlsplit(request.url)
    query = parse_qs(address.query)
    return address.path, query["page"][0], query["seq"][0]
