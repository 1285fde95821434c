"""The pages that are recorded, the scripts that record them, and a gateway that only counts what it is sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from schemas.policy import BALANCED
from schemas.project import Project
from schemas.recorder_config import recorder_config

ROOT = Path(__file__).parents[2]
OURS, PLAIN, NOBODY = "ours", "plain", "nobody"
CONTESTANTS = (NOBODY, PLAIN, OURS)

# What the documentation of rrweb shows: events gathered, and sent as JSON every ten seconds. Here every second, as we
# do, and by one request each time.
_PLAIN = """
<script src="/rrweb.js"></script><script>
let events = [];
rrwebRecord.record({ emit: (event) => void events.push(event) });
setInterval(() => {
  if (events.length === 0) return;
  const body = JSON.stringify({ events });
  events = [];
  fetch("/plain", { method: "POST", headers: { "Content-Type": "application/json" }, body });
}, 1_000);
</script>"""
SCRIPTS = {NOBODY: "", PLAIN: _PLAIN, OURS: '<script src="/record.js" data-key="bench"></script>'}

# Elements as a shop's list has them: six of each card.
_PAGE = """<!doctype html><meta charset=utf-8><title>bench</title>SCRIPT
<style>.card { border: 1px solid #ccc; padding: 2px } .on { background: #efe }</style>
<body><input id=field><main id=list></main><script>
const words = "lorem ipsum dolor sit amet consetetur sadipscing elitr sed diam nonumy eirmod tempor".split(" ");
let seed = 1;
const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
const text = (count) => Array.from({ length: count }, () => words[random(words.length)]).join(" ");
const card = (n) => {
  const made = document.createElement("article");
  made.className = "card";
  made.dataset.n = n;
  made.innerHTML = `<h2>${text(3)}</h2><p>${text(12)}</p><a href="/p/${n}">${text(2)}</a>
    <b>${random(900)}</b><i>${text(1)}</i>`;
  return made;
};
for (let n = 0; n < COUNT / 6; n++) list.append(card(n));
// Four kinds of change in turns, each seen by observers as one record or two.
const change = (n) => {
  const one = list.children[random(list.children.length)];
  if (n % 4 === 0) one.classList.toggle("on");
  else if (n % 4 === 1) one.querySelector("b").firstChild.data = String(random(900));
  else if (n % 4 === 2) list.insertBefore(card(n), one);
  else one.remove();
};
const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const changes = async (total, each) => {
  for (let n = 0; n < total; ) {
    for (let end = n + each; n < end; n++) change(n);
    await frame();
  }
};
</script></body>"""


@dataclass
class Site:
    """`origin` serves `/<contestant>/<elements>`; `received` are the sizes of what pages sent, in bytes."""

    origin: str = ""
    received: list[int] = field(default_factory=list)


@contextmanager
def site() -> Iterator[Site]:
    """Servers of one run."""
    made = Site()
    config = recorder_config(Project(write_keys=("bench-key",), policy=BALANCED))
    files = {
        "/rrweb.js": ("text/javascript", ROOT / "node_modules/@rrweb/record/umd/record.min.js"),
        "/record.js": ("text/javascript", ROOT / "recorder/dist/record.js"),
        "/record-more.js": ("text/javascript", ROOT / "recorder/dist/record-more.js"),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = "text/html", b""
            if self.path in files:
                kind, path = files[self.path]
                body = path.read_bytes()
            elif self.path == "/v1/config/bench":
                kind, body = "application/json", config
            elif self.path.count("/") == 2:
                _, who, count = self.path.split("/")
                if who in SCRIPTS:
                    body = _PAGE.replace("SCRIPT", SCRIPTS[who]).replace("COUNT", count).encode()
            self._answer(200 if body else 404, kind, body)

        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            self.rfile.read(size)
            made.received.append(size)
            self._answer(202, "text/plain", b"")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.origin = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
