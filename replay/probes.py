"""The probe port: `/livez` the loop turns, `/readyz` ClickHouse answers, `/metrics`."""

from __future__ import annotations

from falcon.asgi import App, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from replay.errors import RefusalError, add_error_handlers
from replay.watch import Watch
from service.metrics import Metrics


class LivezResource:
    """Answering is the proof. Never looks at ClickHouse: restarting this process would not mend it."""

    async def on_get(self, request: Request, response: Response) -> None:
        """200."""
        response.media = {"ok": True}


class ReadyzResource:
    """200 while ClickHouse answers, else 503 and why."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    async def on_get(self, request: Request, response: Response) -> None:
        """Asks nobody: what counts is the last answer, so that a probe never waits."""
        problem = self._watch.problem()
        if problem is not None:
            raise RefusalError(503, "not_ready", problem)
        response.media = {"ok": True}


class MetricsResource:
    """Prometheus' text format."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def on_get(self, request: Request, response: Response) -> None:
        """Every metric of the process."""
        response.content_type = CONTENT_TYPE_LATEST
        response.data = generate_latest(self._metrics.registry)


def create_probes(metrics: Metrics, watch: Watch) -> App[Request, Response]:
    """The application of the probe port."""
    app = App()
    add_error_handlers(app)
    app.add_route("/livez", LivezResource())
    app.add_route("/readyz", ReadyzResource(watch))
    app.add_route("/metrics", MetricsResource(metrics))
    return app
