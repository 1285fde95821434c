"""Counts and times every answer by route, never by path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from falcon.asgi import Request, Response

from service.metrics import Metrics


class Count:
    """Middleware. For a stream the time is that until its first byte."""

    def __init__(self, metrics: Metrics, clock: Callable[[], float]) -> None:
        self._metrics = metrics
        self._clock = clock

    async def process_request(self, request: Request, response: Response) -> None:
        """Start the watch."""
        request.context.began = self._clock()

    async def process_response(self, request: Request, response: Response, resource: Any, succeeded: bool) -> None:
        """Stop it."""
        route = request.uri_template or "none"
        self._metrics.counter("reelstream_replay_requests_total", route, str(response.status_code)).inc()
        seconds = self._clock() - request.context.began
        self._metrics.histogram("reelstream_replay_request_seconds", route).observe(seconds)
