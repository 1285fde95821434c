"""The application: every route, and what happens from the first byte of a request to the last of its answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from falcon.asgi import App, Request, Response

from gateway.answers import CountAnswers, add_error_answers
from gateway.body import Receive, Upload
from gateway.callers import Callers
from gateway.capacity import Capacity
from gateway.check_resource import CheckResource
from gateway.config_resource import ConfigResource
from gateway.errors import Code
from gateway.probes import create_probes
from gateway.rates import Rates
from gateway.readiness import Readiness
from gateway.recorder_resource import RecorderResource
from gateway.replay_resource import UPLOAD, RawLog, ReplayResource
from gateway.settings import GatewaySettings
from schemas.project import Projects
from service.asgi_protocol import PACED
from service.metrics import Metrics

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Log(RawLog, Protocol):
    """The raw topic, with its life. `gateway.producer` has the real one."""

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Connect, without waiting."""

    def trouble(self) -> Code | None:
        """Why an append would be pointless now, or None."""

    def close(self) -> None:
        """Deliver what is queued and stop; may be called again."""


class Gateway:
    """What the server calls: the public application on one port, the probes on the other."""

    def __init__(
        self,
        public: App[Request, Response],
        probes: App[Request, Response],
        log: Log,
        readiness: Readiness,
        capacity: Capacity,
        settings: GatewaySettings,
    ) -> None:
        self._public = public
        self._probes = probes
        self._log = log
        self._readiness = readiness
        self._capacity = capacity
        self._probe_port = settings.metrics_port
        self._drain_seconds = settings.drain_body_seconds
        self._path_prefix = settings.path_prefix
        self._pace = settings.body_pace()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._public(scope, receive, send)
            return
        _, port = scope["server"]
        if port == self._probe_port:
            await self._probes(scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    async def drain(self) -> None:
        """Refuse new payloads, answer those being served, then deliver what the producer still holds.

        Bodies on their way have `drain_body_seconds` to come in, and are then refused.
        """
        self._readiness.drain()
        cut = asyncio.get_running_loop().call_later(self._drain_seconds, self._capacity.end_receiving)
        await self._capacity.idle()
        cut.cancel()
        await asyncio.get_running_loop().run_in_executor(None, self._log.close)

    def close(self) -> None:
        """Deliver what the producer still holds; for ways out that do not drain."""
        self._readiness.drain()
        self._log.close()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        upload = Upload(receive, self._capacity, self._pace, paced=PACED in scope)
        scope = _readable(scope, self._path_prefix) | {UPLOAD: upload}
        try:
            await self._public(scope, upload.placeholder, send)
        finally:
            upload.release()
        await upload.discard()


def _readable(scope: Scope, prefix: str) -> Scope:
    """The request without the path the gateway is below; one without that path stays where it is.

    Falcon decodes the query before anything of ours can answer: bytes that are not UTF-8 become U+FFFD, which is in
    no legal parameter.
    """
    path, query = scope["path"], scope["query_string"]
    if prefix and path.startswith(f"{prefix}/"):
        path = path[len(prefix) :]
    if not query.isascii():
        query = query.decode("utf-8", "replace").encode()
    return scope | {"path": path, "query_string": query}


class _Lifespan:
    """Falcon middleware: opens the log in the worker's loop, closes it when the server stops by itself."""

    def __init__(self, log: Log, readiness: Readiness) -> None:
        self._log = log
        self._readiness = readiness

    async def process_startup(self, scope: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """An error here would end the server, so the broker need not be there yet."""
        self._log.start(asyncio.get_running_loop())

    async def process_shutdown(self, scope: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """All requests are answered by now."""
        self._readiness.drain()
        self._log.close()


def create_app(
    settings: GatewaySettings,
    projects: Callable[[], Projects],
    log: Log,
    metrics: Metrics,
    expose: Callable[[], bytes],
) -> Gateway:
    """The gateway of one worker; does no I/O until the server starts it. `expose` is the text of /metrics."""
    readiness = Readiness(log.trouble)
    capacity = Capacity(settings.inflight_requests, settings.inflight_bytes, metrics, time.monotonic)
    rates = Rates(settings.rate_sessions, settings.rate_addresses, time.monotonic, time.time)
    callers = Callers(projects, settings)
    public = App()
    public.add_middleware(_Lifespan(log, readiness))
    public.add_middleware(CountAnswers(metrics))
    add_error_answers(public)
    public.add_route(
        "/v1/replay/{write_key}/{session_id}/{window_id}",
        ReplayResource(callers, log, readiness, rates, settings, metrics),
    )
    public.add_route("/v1/config/{write_key}", ConfigResource(callers))
    recorder = RecorderResource(settings.recorder_file)
    more = RecorderResource(settings.recorder_file.with_name("record-more.js"))
    public.add_route("/record.js", recorder)
    public.add_route("/record.{fingerprint}.js", recorder)
    public.add_route("/record-more.js", more)
    public.add_route("/record-more.{fingerprint}.js", more)
    public.add_route("/check", CheckResource(settings.recorder_file.with_name("check.html")))
    probes = create_probes(metrics, readiness, expose)
    return Gateway(public, probes, log, readiness, capacity, settings)
