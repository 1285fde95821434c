"""The probe port: `/livez` the loop turns, `/readyz` payloads are taken, `/metrics`."""

from __future__ import annotations

from collections.abc import Callable

from falcon.asgi import App, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from gateway.answers import add_error_answers
from gateway.errors import ANSWERS
from gateway.readiness import Readiness
from service.metrics import Metrics


class LivezResource:
    """Answering is the proof. Never looks at the broker: restarting this process would not mend it."""

    async def on_get(self, req: Request, resp: Response) -> None:
        """200."""
        resp.media = {"ok": True}


class ReadyzResource:
    """200 while payloads are taken, else 503 and why."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    async def on_get(self, req: Request, resp: Response) -> None:
        """Asks nobody: the broker's state is what the client library last reported."""
        refusal = self._readiness.refusal()
        if refusal is None:
            resp.media = {"ok": True}
        else:
            resp.status = 503
            resp.media = {"error": "not_ready", "detail": ANSWERS[refusal].detail}


class MetricsResource:
    """Prometheus' text format."""

    def __init__(self, metrics: Metrics, readiness: Readiness, expose: Callable[[], bytes]) -> None:
        self._ready = metrics.gauge("reelstream_gateway_ready")
        self._readiness = readiness
        self._expose = expose

    async def on_get(self, req: Request, resp: Response) -> None:
        """Every metric of the process."""
        self._ready.set(self._readiness.refusal() is None)
        resp.content_type = CONTENT_TYPE_LATEST
        resp.data = self._expose()


def create_probes(metrics: Metrics, readiness: Readiness, expose: Callable[[], bytes]) -> App[Request, Response]:
    """The application of the probe port."""
    app = App()
    add_error_answers(app)
    app.add_route("/livez", LivezResource())
    app.add_route("/readyz", ReadyzResource(readiness))
    app.add_route("/metrics", MetricsResource(metrics, readiness, expose))
    return app
