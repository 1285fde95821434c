"""The probe port of a process without a web server of its own: /livez, /readyz, /metrics."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from service.metrics import Metrics

# A check answers None when all is well, else one plain sentence.
Check = Callable[[], str | None]


def serve_probes(host: str, port: int, metrics: Metrics, *, live: Check, ready: Check) -> ThreadingHTTPServer:
    """Serve the probes on a daemon thread; OSError if the port is taken. Stop with `shutdown()`."""

    class Handler(BaseHTTPRequestHandler):
        # A probe that hangs must not hold a thread for ever.
        timeout = 10

        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, generate_latest(metrics.registry), CONTENT_TYPE_LATEST)
            elif self.path in ("/livez", "/readyz"):
                problem = (live if self.path == "/livez" else ready)()
                body = {"ok": True} if problem is None else {"error": "not_ready", "detail": problem}
                self._answer(200 if problem is None else 503, orjson.dumps(body), "application/json")
            else:
                body = {"error": "not_found", "detail": "There is nothing at this path."}
                self._answer(404, orjson.dumps(body), "application/json")

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Probes come every few seconds; nobody reads their log."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="probes", daemon=True).start()
    return server
