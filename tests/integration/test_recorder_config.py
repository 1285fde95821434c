"""What a gateway tells recorders, in a real browser: who is recorded, how, and what `check` says about it."""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest
from playwright.sync_api import Browser, Page, Request

from deploy.local.layout import HOST
from tests.e2e.browser import chromium
from tests.integration.gateway_process import GatewayProcess, create_raw_topic
from tests.integration.servers import Kafka
from tests.integration.test_gateway_browser import Site, serving, stripping_proxy

PREFIX = f"config{uuid.uuid4().hex[:8]}."
GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"
FORM = "<p>words</p><input id=field value=TYPED-HERE><select><option>CHOSEN-ONE<option selected>CHOSEN-TWO</select>"


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


@pytest.fixture(scope="module")
def gateway(kafka: Kafka, tmp_path_factory: pytest.TempPathFactory, site: str) -> Iterator[GatewayProcess]:
    """A gateway with a project for each answer."""
    create_raw_topic(kafka.brokers, PREFIX)
    projects = f"""
    projects:
      shop: {{write_keys: [shop-key], origins: ["{site}"]}}
      open: {{write_keys: [open-key], origins: ["{site}"], policy: open}}
      other: {{write_keys: [other-key], origins: ["https://other.example"]}}
      paused: {{write_keys: [paused-key], origins: ["{site}"], recording: false}}
      none: {{write_keys: [none-key], origins: ["{site}"], sampling_percent: 0}}
    """
    with GatewayProcess(kafka.brokers, PREFIX, tmp_path_factory.mktemp("gateway"), projects) as process:
        yield process


class Visit:
    """A page with the recorder, what it sent, and what it says of itself."""

    def __init__(self, browser: Browser, site: str, script: str, *, gpc: bool = False) -> None:
        Site.html = f"<!doctype html><html><head>{script}</head><body>{FORM}</body></html>"
        self._context = browser.new_context()
        self.page: Page = self._context.new_page()
        if gpc:
            self.page.add_init_script(GPC)
        self._sent: list[Request] = []
        self.page.on("request", lambda request: self._sent.append(request) if request.method == "POST" else None)
        self.page.goto(site)
        self.page.wait_for_function("window.reelstream")
        self.page.wait_for_timeout(700)

    def sent(self) -> str:
        """All bodies, inflated."""
        bodies = [request.post_data_buffer or b"" for request in self._sent]
        return "".join((gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode() for body in bodies)

    def check(self) -> str:
        """What `reelstream.check()` says."""
        return " ".join(self.page.evaluate("reelstream.check().then((report) => report.sentences)"))

    def end(self) -> None:
        """Close it."""
        self._context.close()


def tag(port: int, key: str, path: str = "") -> str:
    """The recorder's script."""
    return f'<script src="http://{HOST}:{port}{path}/record.js" data-key="{key}"></script>'


@pytest.mark.parametrize(
    ("key", "gpc", "recorded", "said"),
    [
        ("shop-key", False, True, "This page is being recorded."),
        ("shop-key", True, False, "Global Privacy Control is on"),
        ("open-key", True, True, "This page is being recorded."),
        ("other-key", False, False, "does not list this origin"),
        ("nobodys-key", False, False, "does not know the write key nobodys-key"),
        ("paused-key", False, False, "switched off for the project"),
        ("none-key", False, False, "not one of those that are recorded"),
    ],
)
def test_nothing_is_sent_before_the_projects_word(
    browser: Browser, site: str, gateway: GatewayProcess, key: str, gpc: bool, recorded: bool, said: str
) -> None:
    """A page is recorded as its project and its visitor want it, and says which it is and why."""
    visit = Visit(browser, site, tag(gateway.port, key), gpc=gpc)
    assert bool(visit.sent()) is recorded
    assert said in visit.check()
    assert (visit.page.evaluate("reelstream.sessionId()") is not None) is recorded
    visit.end()


def test_fields_leave_the_page_as_the_project_wants_them(browser: Browser, site: str, gateway: GatewayProcess) -> None:
    """Masked with their choices left, as they are, or all masked where the gateway does not say."""
    masked = Visit(browser, site, tag(gateway.port, "shop-key"))
    assert "TYPED-HERE" not in masked.sent()
    assert "CHOSEN-ONE" in masked.sent()
    masked.end()

    kept = Visit(browser, site, tag(gateway.port, "open-key"))
    assert "TYPED-HERE" in kept.sent()
    # The next page of the tab knows it already: one snapshot, not one before and one after the answer.
    before = kept.sent().count('"initialOffset"')
    kept.page.reload()
    kept.page.wait_for_timeout(700)
    assert kept.sent().count('"initialOffset"') == before + 1
    kept.end()

    class Old(stripping_proxy(gateway.port)):  # type: ignore[misc]
        """A gateway of a version that has no configuration."""

        def do_GET(self) -> None:  # noqa: N802
            """As before but for one route."""
            if "/v1/config/" in self.path:
                self.send_error(404)
            else:
                super().do_GET()

    handler: type[BaseHTTPRequestHandler] = Old
    with serving(handler) as port:
        unknown = Visit(browser, site, tag(port, "open-key", "/rs"))
        assert '"words"' in unknown.sent()
        assert "TYPED-HERE" not in unknown.sent()
        assert unknown.sent().count('"selected":true') == 0
        unknown.end()


def test_the_page_of_the_gateway_says_its_side(browser: Browser, site: str, gateway: GatewayProcess) -> None:
    """`/check` explains a key, and what a page said of itself, under a policy that lets nothing else run."""
    page = browser.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.goto(f"http://{HOST}:{gateway.port}/check")
    for key, said in (
        ("shop-key", "The gateway knows the write key shop-key"),
        ("nobodys-key", "does not know the write key nobodys-key"),
    ):
        page.get_by_label("Write key").fill(key)
        page.get_by_label("What reelstream.check() gave").fill(
            '{"origin": "https://a.test", "sentences": ["<b>It is.</b>"]}'
        )
        page.get_by_role("button", name="Check").click()
        page.get_by_text(said).wait_for()
        assert page.get_by_text("<b>It is.</b>").count() == 1
    # The gateway's own refusals are no surprise.
    assert not [each for each in problems if "Content Security" in each]
    page.close()
