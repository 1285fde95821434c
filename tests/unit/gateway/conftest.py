"""The gateway on a log in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from falcon.asgi import App
from falcon.testing import Result, TestClient
from prometheus_client import generate_latest

from gateway.app import Gateway, create_app
from gateway.settings import GatewaySettings
from schemas.project import Projects, parse_projects
from service.metrics import Metrics
from tests.unit.gateway.memory_log import MemoryLog

SESSION = "018f3c2a-7b1e-7c3d-8a4b-1234567890ab"
WINDOW = "018f3c2a-7b1e-7c3d-8a4b-0000000000ab"
PAGE = "018f3c2a-7b1e-7c3d-8a4b-00000000cafe"

PROJECTS = """
projects:
  shop:
    write_keys: [shop-key]
    origins: ["https://shop.example"]
    limits: {body_bytes: 4096, session_bytes_per_second: 1024, session_burst_bytes: 8192}
  anyone: {write_keys: [any-key], origins: ["*"]}
  strict: {write_keys: [strict-key], origins: ["https://strict.example"], require_origin: true}
  paused: {write_keys: [paused-key], origins: ["https://paused.example"], recording: false}
  local: {write_keys: [local-key], origins: ["*"], loopback_only: true}
"""


def path(key: str = "shop-key", session: str = SESSION, window: str = WINDOW) -> str:
    """The path of a payload."""
    return f"/v1/replay/{key}/{session}/{window}"


@dataclass
class Setup:
    """A gateway, its log and its numbers."""

    settings: GatewaySettings = field(default_factory=GatewaySettings)
    projects: Projects = field(default_factory=lambda: parse_projects(PROJECTS))
    log: MemoryLog = field(default_factory=MemoryLog)
    metrics: Metrics = field(default_factory=lambda: Metrics(process=False))

    def __post_init__(self) -> None:
        expose = partial(generate_latest, self.metrics.registry)
        self.app: Gateway = create_app(self.settings, lambda: self.projects, self.log, self.metrics, expose)
        self.client = TestClient(self._serve)

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        # The test client starts and stops the application around every request; stopping drains the gateway.
        application: Any = App() if scope["type"] == "lifespan" else self.app
        await application(scope, receive, send)

    def post(self, target: str | None = None, **options: Any) -> Result:
        """POST a small body as page PAGE, seq 0, from 203.0.113.9, unless told otherwise."""
        options = {
            "body": b"[]",
            "params": {"page": PAGE, "seq": "0"},
            "remote_addr": "203.0.113.9",
            "host": "localhost",
        } | options
        result: Result = self.client.simulate_post(target or path(), **options)
        return result

    def probe(self, target: str) -> Result:
        """GET from the probe port."""
        result: Result = self.client.simulate_get(target, port=self.settings.metrics_port)
        return result

    def count(self, status: int, code: str) -> float:
        """Requests of the replay route counted with this status and code."""
        labels = {
            "route": "/v1/replay/{write_key}/{session_id}/{window_id}",
            "status": str(status),
            "code": code,
        }
        return self.metrics.registry.get_sample_value("reelstream_gateway_requests_total", labels) or 0.0


@pytest.fixture
def setup() -> Setup:
    """A gateway with default settings."""
    return Setup()


@pytest.fixture
def setup_with() -> Callable[..., Setup]:
    """Makes a gateway with other settings."""
    return lambda **settings: Setup(settings=GatewaySettings(**settings))
