"""Which project a request is for, and what a browser of its origins is told about that."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from falcon.asgi import Request, Response

from gateway import admission, cors
from gateway.errors import Code, RejectedError
from schemas.project import Project, Projects
from service.proxy_settings import ProxySettings
from service.this_machine import is_local


class Callers:
    """Write keys and origins, for every route below `/v1`."""

    def __init__(self, projects: Callable[[], Projects], proxies: ProxySettings) -> None:
        self._projects = projects
        self._trusted_proxies = proxies.trusted_proxies

    def project(
        self, req: Request, resp: Response, write_key: str, *, same_origin: bool = False
    ) -> tuple[str, Project]:
        """The project of a key, its origin rule applied and its CORS headers set, so that refusals can be read.

        `same_origin`: the browser says that the page is of the gateway's own origin, and names none for that reason.
        """
        local = partial(is_local, peer(req), req.get_header("Host") or "", req.headers, self._trusted_proxies)
        name, project = admission.find_project(self._projects(), write_key, is_local=local)
        origin = req.get_header("Origin")
        if not same_origin and not admission.origin_allowed(project, origin):
            raise RejectedError(Code.ORIGIN_NOT_ALLOWED)
        if origin is not None:
            resp.set_headers(cors.response_headers(origin))
        return name, project

    def grant(self, req: Request, resp: Response, write_key: str, *, methods: str) -> None:
        """Answer a browser's question before its request: yes to the project's origins only."""
        _, project = self.project(req, resp, write_key)
        requested = req.get_header("Access-Control-Request-Headers") or ""
        resp.set_headers(cors.preflight_headers(requested, methods=methods))
        if req.get_header("Access-Control-Request-Private-Network") == "true":
            resp.set_headers(cors.private_network_headers(project, req.get_header("Origin") or ""))
        resp.status = 204


def peer(req: Request) -> str:
    """The other end of the connection, read once: ASGI lets `client` be any iterable.

    Not `req.remote_addr`: Falcon answers 127.0.0.1 when it is not known.
    """
    known: str | None = req.context.get("peer")
    if known is None:
        address, _ = req.scope.get("client") or ("", 0)
        known = req.context["peer"] = str(address)
    return known
