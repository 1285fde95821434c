"""`POST /v1/replay/{write_key}/{session_id}/{window_id}`: admit, read, stamp, append, answer."""

from __future__ import annotations

import time
from typing import Protocol

from falcon import HTTP_202
from falcon.asgi import Request, Response

from gateway import admission
from gateway.body import Upload
from gateway.callers import Callers, peer
from gateway.errors import Code, RejectedError
from gateway.rates import Limit, Rates, Sender, retry_after
from gateway.readiness import Readiness
from gateway.stamp import Client, RawRecord, stamp
from service.client_address import client_address, rate_group
from service.metrics import Metrics
from service.proxy_settings import ProxySettings

UPLOAD = "reelstream.upload"  # the scope's key of the request's Upload

_TOO_MUCH = {
    Limit.SESSION: "This session sends more bytes than the project allows.",
    Limit.ADDRESS: "This address sends more bytes than the project allows.",
    Limit.KEY: "This write key sends more bytes than the project allows.",
    Limit.PROJECT: "The project sends more bytes than it is allowed.",
    Limit.ADDRESS_SESSIONS: "This address begins more sessions than the project allows.",
    Limit.KEY_SESSIONS: "This write key begins more sessions than the project allows.",
}


class RawLog(Protocol):
    """Where records go."""

    async def append(self, record: RawRecord) -> None:
        """Return once the record is durable; RejectedError if it is not, or may not be."""


class ReplayResource:
    """Payloads of recordings."""

    def __init__(
        self,
        callers: Callers,
        log: RawLog,
        readiness: Readiness,
        rates: Rates,
        proxies: ProxySettings,
        metrics: Metrics,
    ) -> None:
        self._callers = callers
        self._log = log
        self._readiness = readiness
        self._rates = rates
        self._trusted_proxies = proxies.trusted_proxies
        self._forwarded_header = proxies.forwarded_header
        self._limited = {
            limit: metrics.counter("reelstream_gateway_rate_limited_total", limit.value) for limit in Limit
        }
        self._body_bytes = metrics.histogram("reelstream_gateway_body_bytes")

    async def on_post(self, req: Request, resp: Response, write_key: str, session_id: str, window_id: str) -> None:
        """202 and the payload's id once the log has it; every refusal is RejectedError."""
        name, project = self._callers.project(req, resp, write_key)
        if not project.recording:
            raise RejectedError(Code.RECORDING_DISABLED)
        encoding = req.get_header("Content-Encoding") or ""
        admitted = admission.admit(name, session_id, window_id, req.params, encoding)
        length = req.content_length
        admission.check_length(length, project.limits.body_bytes)
        refusal = self._readiness.refusal()
        if refusal is not None:
            raise RejectedError(refusal)
        upload: Upload = req.scope[UPLOAD]
        address = self._address(req)
        sender = Sender(name, write_key, rate_group(address), admitted.identity.key, admitted.keyframe, project.limits)
        self._admit(sender, length or 1)
        # After the rates: entering may end the reading of another body, to make room.
        upload.enter(name, sender.address, keyframe=admitted.keyframe)

        try:
            body = await upload.read(project.limits.body_bytes)
        finally:
            # Not what was announced, which anyone can make large, but what came, also of a body that is refused.
            self._rates.charge(sender, upload.received)
        client = Client(
            address=address,
            user_agent=req.get_header("User-Agent") or "",
            global_privacy_control=req.get_header("Sec-GPC") == "1",
            do_not_track=req.get_header("DNT") == "1",
        )
        await self._log.append(stamp(admitted, body, client, time.time_ns() // 1_000_000))
        self._body_bytes.observe(len(body))
        resp.status = HTTP_202
        resp.content_type = "application/json"
        resp.data = b'{"id": "%s"}' % admitted.identity.id.encode()

    async def on_options(self, req: Request, resp: Response, write_key: str, session_id: str, window_id: str) -> None:
        """A browser's question before it posts."""
        self._callers.grant(req, resp, write_key, methods="POST")

    def _address(self, req: Request) -> str:
        named = req.get_header(self._forwarded_header)
        return client_address(peer(req), named, self._forwarded_header, self._trusted_proxies)

    def _admit(self, sender: Sender, size: int) -> None:
        shortage = self._rates.admit(sender, size)
        if shortage is not None:
            self._limited[shortage.limit].inc()
            raise RejectedError(Code.RATE_LIMITED, detail=_TOO_MUCH[shortage.limit], retry_after=retry_after(shortage))
