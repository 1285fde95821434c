"""What rrweb does not tell, our recorder does: marks that come late, and what a page shows beside its DOM."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browser import chromium
from tests.e2e.needles import found_in
from tests.e2e.payloads import Event
from tests.e2e.reading import Reader, query, raw_query, wait_for
from tests.e2e.stack import Stack
from tests.e2e.topics import read

AFTER_PRIVACY = ("replay.redacted.v1", "replay.parts.v1", "replay.blocks.v1")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for this file."""
    with chromium() as running:
        yield running


@contextmanager
def serving(files: dict[str, tuple[str, str]], **headers: str) -> Iterator[str]:
    """A server of `files`, type and content by path; its origin."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """The file, or 404."""
            kind, content = files.get(self.path, ("", ""))
            body = content.encode()
            self.send_response(200 if kind else 404)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def html(body: str, head: str = "") -> tuple[str, str]:
    """A page."""
    return "text/html; charset=utf-8", f"<!doctype html><meta charset=utf-8>{head}<body>{body}</body>"


def session_of(page: Page) -> str:
    """The session, as soon as there is one."""
    page.wait_for_function("window.reelstream?.sessionId()")
    session: str = page.evaluate("reelstream.sessionId()")
    return session


def leave(page: Page) -> None:
    """The page is left, and what it had is sent."""
    page.goto("about:blank")
    page.wait_for_timeout(300)
    page.close()


# Every place has an element in which something stands deeper; it is marked while the page is open. `write` changes
# what is deep inside in each of the ways that rrweb goes on telling.
LATE = """
<section id=plain><div><p>first</p><input></div></section>
<section id=atonce><div><p>first</p><input></div></section>
<x-host></x-host>
<iframe id=frame srcdoc="<section id=framed><div><p>first</p><input></div></section>"></iframe>
<section id=around><iframe id=inner srcdoc="<div><p>first</p><input></div>"></iframe></section>
<p id=control>first</p>
<script>
  const root = document.querySelector("x-host").attachShadow({ mode: "open" });
  root.innerHTML = "<section id=shadowed><div><p>first</p><input></div></section>";
  const inside = (id) => document.getElementById(id).contentDocument;
  const places = () => ({
    plain: document.getElementById("plain"),
    atonce: document.getElementById("atonce"),
    shadowed: root.getElementById("shadowed"),
    framed: inside("frame").getElementById("framed"),
    around: document.getElementById("around"),
  });
  const deep = (name) => (name === "around" ? inside("inner") : places()[name]);
  const mark = (name) => places()[name].classList.add("rr-block");
  const write = (name, text) => {
    const paragraph = deep(name).querySelector("p"), field = deep(name).querySelector("input");
    paragraph.firstChild.data = text + " text";
    paragraph.title = text + " attribute";
    paragraph.append(document.createElement("b"), text + " child");
    field.value = text + " value";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
</script>
"""


def test_what_changes_below_a_mark_that_came_late_is_nowhere_behind_privacy(
    stack: Stack, browser: Browser, demo: Reader
) -> None:
    """In the page, in shadow trees and frames, around frames, and when the mark and the change come in one go."""
    names = ("plain", "atonce", "shadowed", "framed", "around")
    needles = {name: f"Robin-{secrets.token_hex(8)}" for name in (*names, "control")}
    script = f'<script src="{stack.gateway}/record.js" data-key="demo"></script>'
    with serving({"/": html(LATE, script)}) as site:
        page = browser.new_page()
        page.goto(site)
        session = session_of(page)
        page.wait_for_timeout(800)
        for name in names:
            if name == "atonce":
                page.evaluate("([name, text]) => { mark(name); write(name, text); }", [name, needles[name]])
            else:
                page.evaluate("(name) => mark(name)", name)
                page.evaluate("([name, text]) => write(name, text)", [name, needles[name]])
            page.wait_for_timeout(50)
        control = needles["control"]
        page.evaluate("(text) => { document.getElementById('control').firstChild.data = text }", control)
        page.wait_for_timeout(300)
        leave(page)

    def arrived() -> list[Event]:
        events = demo.events(session)
        return events if control in json.dumps(events) else []

    events = wait_for("the recording", arrived)
    assert found_in(json.dumps(events).encode(), needles) == {"control"}
    behind = b"".join(each.value for each in read(stack.brokers, AFTER_PRIVACY) if session in each.key)
    assert found_in(behind, needles) == {"control"}
    for row in query(stack, "SELECT name FROM system.tables WHERE database = 'reelstream'"):
        table = raw_query(stack, f"SELECT * FROM {row['name']} FORMAT RowBinary")
        assert found_in(table, needles) <= {"control"}, row["name"]


SHEET = "@import 'more.css' screen; h1 { color: rgb(200, 0, 0); background: url(pictures/a.png) }"
SHOWN = """
<h1>Styled by another host</h1><div id=pop popover>over all</div>
<x-early>e</x-early><x-late>l</x-late><canvas id=c width=20 height=20></canvas>
<iframe id=child src="CHILD"></iframe>
<script>
  customElements.define("x-early", class extends HTMLElement {});
  const act = () => {
    customElements.define("x-late", class extends HTMLElement {});
    document.getElementById("pop").showPopover();
    document.getElementById("c").getContext("2d").fillRect(1, 2, 3, 4);
    console.info("a message", { of: "the page" });
    fetch("/answer.txt?token=secret");
  };
</script>
"""


def _custom(events: list[Event], tag: str) -> list[dict[str, Any]]:
    return [event["data"]["payload"] for event in events if event["type"] == 5 and event["data"]["tag"] == tag]


def _plugin(events: list[Event], name: str) -> list[dict[str, Any]]:
    return [event["data"]["payload"] for event in events if event["type"] == 6 and event["data"]["plugin"] == name]


def test_what_a_page_shows_by_other_means_is_recorded(stack: Stack, browser: Browser) -> None:
    """Style sheets of other hosts, popovers, custom elements, a frame of another origin after a checkout, and what was
    asked for: console, requests, canvas."""
    loud = Reader(stack, "loud-token")
    options = f'{{ key: "loud-key", endpoint: "{stack.gateway}", capture: ["console", "network", "canvas"],'
    script = f'<script src="{stack.gateway}/record.js"></script>'
    start = f"{script}<script>reelstream.start({options} rrweb: RRWEB }})</script>"
    crossing = start.replace("RRWEB", "{ recordCrossOriginIframes: true, checkoutEveryNms: EVERY }")
    cdn_files = {
        "/css/site.css": ("text/css", SHEET),
        "/css/more.css": ("text/css", "h1 { letter-spacing: 3px }"),
    }
    child = html("<p>inner words</p>", crossing.replace("EVERY", "1e9"))
    with serving(cdn_files, Access_Control_Allow_Origin="*") as cdn, serving({"/": child}) as other:
        head = f'<link rel=stylesheet href="{cdn}/css/site.css">{crossing.replace("EVERY", "1500")}'
        body = SHOWN.replace("CHILD", other.replace("127.0.0.1", "localhost"))
        with serving({"/": html(body, head), "/answer.txt": ("text/plain", "yes")}) as site:
            page = browser.new_page()
            page.goto(site)
            session = session_of(page)
            page.wait_for_timeout(900)
            page.evaluate("act()")
            page.wait_for_timeout(1500)
            page.mouse.move(30, 30, steps=3)
            page.wait_for_timeout(1500)
            checked = page.evaluate("reelstream.check()")
            page.evaluate("console.info('the end')")
            leave(page)

    def arrived() -> list[Event]:
        events = loud.events(session)
        return events if "the end" in json.dumps(events) else []

    events = wait_for("the recording", arrived)
    loud.close()
    text = json.dumps(events)
    assert sum(event["type"] == 2 for event in events) > 1
    checkout = max(at for at, event in enumerate(events) if event["type"] == 2)
    parts = [json.dumps(events[:checkout]), json.dumps(events[checkout:])]
    # The sheet of another host: told when it came, and part of the next snapshot, with what it imports.
    for part in parts:
        assert "rgb(200, 0, 0)" in part
        assert "letter-spacing: 3px" in part
    assert f"{cdn}/css/pictures/a.png" in text
    assert _custom(events, "reelstream.top_layer")
    told = [event["data"] for event in events if event["type"] == 3]
    assert {"x-early", "x-late"} <= {data["define"]["name"] for data in told if data["source"] == 16}
    # The frame of another origin is there before a checkout and again after it.
    inner = [at for at, event in enumerate(events) if "inner words" in json.dumps(event)]
    assert any(event["type"] == 2 and inner[0] < at < inner[-1] for at, event in enumerate(events))
    messages = _plugin(events, "rrweb/console@1")
    assert any("a message" in "".join(each["payload"]) for each in messages)
    requests = [each for payload in _plugin(events, "rrweb/network@1") for each in payload["requests"]]
    assert any(each["name"] == f"{site}/answer.txt" for each in requests)
    assert not [each for each in requests if each["name"].startswith(f"{stack.gateway}/v1/")]
    assert "token=secret" not in text
    assert any(data["source"] == 9 for data in told)
    assert (checked["recording"], checked["gateway"], checked["session"]) == (True, "reachable", session)
