"""Puts refusals and surprises into the one form of error answers, and counts every answer."""

from __future__ import annotations

import time
import traceback
from typing import Any

import falcon
import structlog
from falcon.asgi import App, Request, Response
from prometheus_client import Counter, Histogram

from gateway import cors
from gateway.errors import Code, RejectedError
from service.metrics import Metrics

_log = structlog.get_logger(__name__)

# Falcon's own refusals: no such route, no such method, headers it cannot read.
_FALCON_CODES = {404: Code.NOT_FOUND, 405: Code.METHOD_NOT_ALLOWED}


def add_error_answers(app: App[Request, Response]) -> None:
    """Every error of `app` becomes `{"error": code, "detail": sentence}`."""
    app.add_error_handler(Exception, _answer_surprise)
    app.add_error_handler(falcon.HTTPError, _answer_http_error)
    app.add_error_handler(RejectedError, _answer_rejection)


class CountAnswers:
    """Middleware: request counts and times by route template, never by path."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        # Routes, statuses and codes are few; looking a pair up in the client library costs more than counting.
        self._pairs: dict[tuple[str, int, str], tuple[Counter, Histogram]] = {}

    async def process_request(self, req: Request, resp: Response) -> None:
        """Note when it began."""
        req.context.began = time.perf_counter()

    async def process_response(self, req: Request, resp: Response, resource: object, succeeded: bool) -> None:
        """Count it."""
        code = getattr(resp.context, "code", "")
        counter, seconds = self._pair(req.uri_template or "none", resp.status_code, code)
        counter.inc()
        seconds.observe(time.perf_counter() - req.context.began)

    def _pair(self, route: str, status: int, code: str) -> tuple[Counter, Histogram]:
        pair = self._pairs.get((route, status, code))
        if pair is None:
            pair = self._pairs[route, status, code] = (
                self._metrics.counter("reelstream_gateway_requests_total", route, str(status), code),
                self._metrics.histogram("reelstream_gateway_request_seconds", route),
            )
        return pair


async def _answer_rejection(
    req: Request, resp: Response | None, rejected: RejectedError, params: dict[str, Any]
) -> None:
    assert resp is not None
    resp.status = rejected.status
    resp.media = {"error": rejected.code.value, "detail": rejected.detail}
    resp.context.code = rejected.code.value
    origin = req.get_header("Origin")
    # A refused preflight grants nothing. Scripts, unlike answers to posts, come with a `*` that caches may share.
    if origin is not None and req.method == "POST" and cors.is_origin(origin):
        resp.set_headers(cors.response_headers(origin))
    if rejected.retry_after is not None:
        resp.set_header("Retry-After", str(rejected.retry_after))


async def _answer_http_error(
    req: Request, resp: Response | None, error: falcon.HTTPError, params: dict[str, Any]
) -> None:
    assert resp is not None
    await _answer_rejection(req, resp, RejectedError(_FALCON_CODES.get(error.status_code, Code.BAD_REQUEST)), params)
    if error.headers is not None:
        resp.set_headers(error.headers)


async def _answer_surprise(req: Request, resp: Response | None, error: Exception, params: dict[str, Any]) -> None:
    """A bug: logged by type and place only, since the message may quote what the client sent."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    _log.error("request_crashed", kind=type(error).__name__, file=place.filename, line=place.lineno)
    if resp is not None:
        await _answer_rejection(req, resp, RejectedError(Code.INTERNAL_ERROR), params)
