"""Pages in a real browser whose agents change every request, and a gateway below a path."""

from __future__ import annotations

import http.client
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page

from deploy.local.layout import HOST
from tests.e2e.browser import chromium
from tests.integration.gateway_process import GatewayProcess, create_raw_topic, new_id, read_raw_topic, target
from tests.integration.servers import Kafka

# What tracing agents do: every request of the page gets their headers, and goes out with credentials.
AGENT = """
<script>
  const plain = window.fetch;
  window.fetch = (input, init = {}) => plain(input, {
    ...init,
    credentials: "include",
    headers: {
      ...init.headers,
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      baggage: "a=b",
      "x-datadog-trace-id": "1",
      "X-An-Agent-Of-Next-Year": "1",
    },
  });
</script>
"""


class _Quiet(BaseHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """A small server; its port."""
    server = ThreadingHTTPServer((HOST, 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


class Site(_Quiet):
    """Every path is the page."""

    html = ""

    def do_GET(self) -> None:
        """The page."""
        body = self.html.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def stripping_proxy(port: int) -> type[BaseHTTPRequestHandler]:
    """A proxy before the gateway that takes `/rs` away, and knows nothing else."""

    class Proxy(_Quiet):
        def _pass_on(self) -> None:
            if not self.path.startswith("/rs/"):
                self.send_error(404)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            gateway = http.client.HTTPConnection(HOST, port, timeout=20)
            gateway.request(self.command, self.path.removeprefix("/rs"), body, dict(self.headers.items()))
            answer = gateway.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("connection", "transfer-encoding", "content-length", "date", "server"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            gateway.close()

        do_GET = do_POST = do_OPTIONS = _pass_on  # noqa: N815

    return Proxy


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for this file."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The origin of a page of another server than the gateway."""
    with serving(Site) as port:
        yield f"http://{HOST}:{port}"


Arrivals = Callable[[str], list[bytes]]
PREFIX = f"browser{uuid.uuid4().hex[:8]}."


@pytest.fixture(scope="module")
def gateway(kafka: Kafka, tmp_path_factory: pytest.TempPathFactory, site: str) -> Iterator[GatewayProcess]:
    """A gateway whose one project names the site's origin."""
    create_raw_topic(kafka.brokers, PREFIX)
    projects = f'projects: {{shop: {{write_keys: [shop-write-key], origins: ["{site}"]}}}}'
    with GatewayProcess(kafka.brokers, PREFIX, tmp_path_factory.mktemp("gateway"), projects) as process:
        yield process


@pytest.fixture
def arrivals(kafka: Kafka) -> Arrivals:
    """The payloads of a session, as soon as there is one."""

    def of(session: str) -> list[bytes]:
        deadline = time.monotonic() + 30
        found: list[bytes] = []
        while not found and time.monotonic() < deadline:
            records = read_raw_topic(kafka.brokers, PREFIX)
            found = [record.value() or b"" for record in records if record.key() == f"shop:{session}".encode()]
        return found

    return of


def recorded_session(page: Page, site: str, html: str) -> str:
    """The session that the page with this head is recorded as."""
    Site.html = f"<!doctype html><html><head>{html}</head><body><p>A page.</p></body></html>"
    page.goto(site)
    page.wait_for_function("window.reelstream && window.reelstream.sessionId()")
    return str(page.evaluate("window.reelstream.sessionId()"))


def test_a_page_with_a_tracing_agent_is_recorded(
    browser: Browser, site: str, gateway: GatewayProcess, arrivals: Arrivals
) -> None:
    """Headers and credentials that an agent adds to every request of the page do not keep payloads away.

    The recorder's own requests go past the agent; a request that the page itself makes does not.
    """
    script = f'<script src="http://{HOST}:{gateway.port}/record.js" data-key="shop-write-key"></script>'
    page = browser.new_page()
    touched: dict[str, bool] = {}
    page.on("request", lambda request: touched.update({request.url: "traceparent" in request.headers}))
    recorded = recorded_session(page, site, AGENT + script)
    assert arrivals(recorded)
    assert [agent for url, agent in touched.items() if recorded in url] != []
    assert not any(touched.values()), "the agent touched the recorder's requests"
    post = """(address) => fetch(address, { method: "POST", body: "[]", headers: {} })
        .then((answer) => answer.status, () => "unreadable")"""
    session = new_id()
    address = f"http://{HOST}:{gateway.port}{target(session, new_id())}"
    assert page.evaluate(post, address) == 202
    assert touched[address], "the agent did not touch the page's request"
    assert arrivals(session) == [b"[]"]
    # A preflight for a key that is not known is refused: nothing is granted to it.
    assert page.evaluate(post, f"http://{HOST}:{gateway.port}/v1/replay/nobody/x/x") == "unreadable"
    page.close()


def test_a_json_beacon_is_accepted(browser: Browser, site: str, gateway: GatewayProcess, arrivals: Arrivals) -> None:
    """`sendBeacon` with a JSON blob, which asks first and goes out with credentials, leaves its payload."""
    Site.html = "<!doctype html><p>A page.</p>"
    page = browser.new_page()
    page.goto(site)
    session = new_id()
    address = f"http://{HOST}:{gateway.port}{target(session, new_id())}"
    queued = page.evaluate(
        """(address) => navigator.sendBeacon(address, new Blob(["[]"], { type: "application/json" }))""", address
    )
    assert queued
    assert arrivals(session) == [b"[]"]
    page.close()


@pytest.mark.parametrize("credentials", ["include", "omit"])
def test_a_refusal_can_be_read_with_credentials_or_without(
    browser: Browser, site: str, gateway: GatewayProcess, credentials: str
) -> None:
    """A page of any origin reads the status of a refused simple request."""
    Site.html = "<!doctype html><p>A page.</p>"
    page = browser.new_page()
    page.goto(site)
    read = """([address, credentials]) => fetch(address, { method: "POST", body: "[]", credentials })
        .then((answer) => answer.status, () => "unreadable")"""
    for key, status in (("nobody", 401), ("shop-write-key", 400)):
        address = f"http://{HOST}:{gateway.port}/v1/replay/{key}/x/x"
        assert page.evaluate(read, [address, credentials]) == status
    page.close()


def test_a_gateway_below_a_path_is_found(
    browser: Browser, site: str, gateway: GatewayProcess, arrivals: Arrivals
) -> None:
    """A recorder loaded from `/rs/record.js` posts below `/rs`, where the proxy passes it on."""
    with serving(stripping_proxy(gateway.port)) as port:
        script = f'<script src="http://{HOST}:{port}/rs/record.js?v=1" data-key="shop-write-key"></script>'
        page = browser.new_page()
        assert arrivals(recorded_session(page, site, script))
        page.close()
