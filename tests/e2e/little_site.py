"""Pages made for one test, on an origin of their own, and a front of the gateway that gives up slow bodies."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

# Bodies above this take "too long" through /front.
FRONT_BYTES = 100_000


@dataclass
class LittleSite:
    """`origin` serves `pages` by path; posts to `/front/…` go to the gateway unless they are large: 408."""

    gateway: str
    pages: dict[str, str]
    origin: str = ""
    refused: list[int] = field(default_factory=list)

    def script(self, attributes: str = "", endpoint: str | None = None) -> str:
        """The recorder's tag, with a write key and what else a page says."""
        where = f'data-endpoint="{endpoint}"' if endpoint else ""
        return f'<script src="{self.gateway}/record.js" data-key="demo" {where} {attributes}></script>'


@contextmanager
def little_site(gateway: str) -> Iterator[LittleSite]:
    """A site without pages; they are added by whoever uses it."""
    site = LittleSite(gateway, {})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = site.pages.get(self.path)
            if page is None:
                self._answer(404, {}, b"")
            else:
                self._answer(200, {"Content-Type": "text/html; charset=utf-8"}, page.encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if len(body) > FRONT_BYTES:
                site.refused.append(len(body))
                self._answer(408, {}, b"")
                return
            headers = {"Content-Type": self.headers["Content-Type"]}
            answer = httpx.post(site.gateway + self.path.removeprefix("/front"), content=body, headers=headers)
            self._answer(answer.status_code, {}, answer.content)

        def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.origin = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
