"""Record the demo site in a real browser, as a file that the one-machine stack can post.

Run from the repository root after `npm run build`, with Debian's `chromium` installed:

    .venv/bin/python recorder/demo/record_demo.py

Two small servers on free loopback ports stand in for the demo site and the gateway. A browser visits the site,
acts for about half a minute, and what the real recorder sends is written to `deploy/local/demo_session.json`:
`{"window": uuid, "payloads": [{"page": uuid, "seq": n, "events": [rrweb event, …], …}, …]}`, addresses rewritten
to those of the one-machine stack. `take_picture.py` then makes the README's picture of it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "recorder" / "demo"
RECORDER = ROOT / "recorder" / "dist" / "record.js"
OUTPUT = ROOT / "deploy" / "local" / "demo_session.json"
SITE_URL, GATEWAY_URL = "http://127.0.0.1:8070", "http://127.0.0.1:8080"
KEY = "demo"
# What the gateway tells a recorder of a project whose server does all of the masking.
CONFIG = {
    "watch": [],
    "gpc": True,
    "sample_percent": 100,
    "mask_inputs": False,
    "capture": {"console": False, "network": False, "canvas": False, "pictures": False},
    "recording": True,
}
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript; charset=utf-8"}
CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Capture:
    """What the recorder sent, keyed by page load and number: a repeated request counts once."""

    window: str = ""
    payloads: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)

    def take(self, target: str, body: bytes) -> None:
        """Keep one request: `target` is its path and query, `body` plain or gzipped JSON."""
        url = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        text = gzip.decompress(body) if query.get("enc") == "gzip" else body
        self.window = url.path.rsplit("/", 1)[1]
        document = json.loads(text)
        self.payloads[query["page"], int(query["seq"])] = {"events": document} if type(document) is list else document

    def document(self, rewrites: dict[str, str]) -> str:
        """The recording as JSON, page loads in order (UUIDv7 sort by time), addresses replaced."""
        payloads = [{"page": page, "seq": seq, **document} for (page, seq), document in sorted(self.payloads.items())]
        text = json.dumps({"window": self.window, "payloads": payloads}, ensure_ascii=False, separators=(",", ":"))
        for recorded, wanted in rewrites.items():
            text = text.replace(recorded, wanted)
        return text + "\n"


def handler(files: dict[str, tuple[str, bytes]], capture: Capture) -> type[BaseHTTPRequestHandler]:
    """A request handler that serves `files` (path to content type and bytes) and captures what is posted."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, content = files.get(urlsplit(self.path).path, ("", b""))
            self.answer(200 if kind else 404, kind or "text/plain", content)

        def do_POST(self) -> None:
            capture.take(self.path, self.rfile.read(int(self.headers["Content-Length"])))
            self.answer(202, "application/json", b'{"id":"captured"}')

        def answer(self, status: int, kind: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@contextmanager
def serving(files: dict[str, tuple[str, bytes]], capture: Capture) -> Iterator[str]:
    """Serve on a free loopback port while the block runs; gives the server's URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(files, capture))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def site_files(gateway: str) -> dict[str, tuple[str, bytes]]:
    """The demo site's pages, scripts and styles by path, and the configuration that names the gateway."""
    files = {
        f"/{path.name}": (TYPES[path.suffix], path.read_bytes()) for path in DEMO.iterdir() if path.suffix in TYPES
    }
    settings = json.dumps({"gateway": gateway, "writeKey": KEY})
    # A plant's address is a route within the page.
    files |= {f"/plants/{name}": files["/index.html"] for name in ("maidenhair-fern", "prayer-plant", "little-olive")}
    return files | {"/config.js": (TYPES[".js"], f"window.REELSTREAM_DEMO = {settings};\n".encode())}


def point_at(page: Page, selector: str) -> None:
    """Move the mouse to an element the way a hand does: in steps, with a rest before the click."""
    target = page.locator(selector).first
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    if box is None:
        raise RuntimeError(f"{selector} is not on the page")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=25)
    page.wait_for_timeout(250)


def click(page: Page, selector: str) -> None:
    """Point at an element, click it, and look at what happened."""
    point_at(page, selector)
    page.mouse.down()
    page.wait_for_timeout(70)
    page.mouse.up()
    page.wait_for_timeout(450)


def write(page: Page, selector: str, text: str) -> None:
    """Click into a field and type."""
    click(page, selector)
    page.keyboard.type(text, delay=45)


def scroll(page: Page, distance: int) -> None:
    """Turn the wheel by `distance` pixels in notches of 60, as reading does; negative is up."""
    for _ in range(abs(distance) // 60):
        page.mouse.wheel(0, 60 if distance > 0 else -60)
        page.wait_for_timeout(60)


def act(page: Page, site: str) -> None:
    """About half a minute on the demo site: shop, look at a plant, order, read, reply.

    The browser is told to hide nothing, and the words that are typed are planted: what is missing when the session is
    played, the server has removed.
    """
    page.goto(f"{site}/index.html?privacy=off")
    page.wait_for_timeout(1200)
    click(page, "[data-plant='Maidenhair fern']")
    click(page, "[data-light='shade']")
    click(page, ".card:has([data-plant='Prayer plant']) a")
    page.wait_for_timeout(700)
    click(page, "#detail .primary")
    click(page, "#detail .back")
    click(page, "[data-light='']")
    click(page, "[data-plant='Little olive']")
    click(page, ".basket .remove")
    write(page, "#name", "CANARY-NAME Ada")
    write(page, "#email", "canary@example.com")
    write(page, "#password", "CANARY-PASSWORD")
    page.locator("#delivery").select_option("Saturday")
    write(page, "#note", "CANARY-NOTE for a north window")
    write(page, "#label", "CANARY-LABEL")
    click(page, "#gift")
    click(page, "#account .primary")
    page.wait_for_timeout(900)
    scroll(page, -900)
    click(page, ".bar nav a[href*='journal']")
    page.wait_for_timeout(900)
    scroll(page, 900)
    write(page, "#reply-text", "CANARY-REPLY I like those odds.")
    click(page, "#reply .primary")
    page.wait_for_timeout(600)
    scroll(page, -900)
    page.wait_for_timeout(1200)


def record() -> str:
    """Visit the demo site in Chromium; returns the recording as JSON."""
    capture = Capture()
    files = {
        "/record.js": (TYPES[".js"], RECORDER.read_bytes()),
        f"/v1/config/{KEY}": ("application/json", json.dumps(CONFIG).encode()),
    }
    with (
        serving(files, capture) as gateway,
        serving(site_files(gateway), capture) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        act(page, site)
        # Leaving makes the recorder send what it still holds; the wait lets that arrive.
        page.goto("about:blank")
        page.wait_for_timeout(1000)
        browser.close()
        return capture.document({site: SITE_URL, gateway: GATEWAY_URL})


def main() -> int:
    """Write the recording where the command line says; returns the exit status."""
    parser = argparse.ArgumentParser(description="Record the demo site in a real browser.")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    output: Path = parser.parse_args().output
    for needed, remedy in ((RECORDER, "npm run build"), (CHROMIUM, "apt-get install chromium")):
        if not needed.exists():
            sys.stderr.write(f"{needed} is missing: {remedy}\n")
            return 1
    recording = record()
    output.write_text(recording, encoding="utf-8")
    sys.stdout.write(f"{output}: {len(recording.encode()) // 1024} KiB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
