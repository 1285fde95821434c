"""`GET /v1/config/{write_key}`: what the recorder needs to know of its project before it sends anything."""

from __future__ import annotations

import hashlib

from falcon import ETag
from falcon.asgi import Request, Response

from gateway import cors
from gateway.callers import Callers
from gateway.errors import RejectedError
from schemas.project import Project
from schemas.recorder_config import recorder_config

# A changed project reaches pages within it.
MAX_AGE_SECONDS = 60
# More projects than a file has; those that are gone are forgotten together.
MOST_PROJECTS = 10_000


class ConfigResource:
    """The configuration of a project, for its origins. It holds nothing secret: write keys are public too."""

    def __init__(self, callers: Callers) -> None:
        self._callers = callers
        self._made: dict[str, tuple[Project, bytes, ETag]] = {}

    async def on_get(self, req: Request, resp: Response, write_key: str) -> None:
        """The JSON of `schemas.recorder_config`, or 304."""
        # A page of the gateway's own origin names none in a GET; only browsers can say that it is one.
        same_origin = req.get_header("Origin") is None and req.get_header("Sec-Fetch-Site") == "same-origin"
        try:
            name, project = self._callers.project(req, resp, write_key, same_origin=same_origin)
        except RejectedError:
            _let_the_page_read_why(req, resp)
            raise
        content, etag = self._content(name, project)
        resp.etag = etag
        resp.cache_control = ["public", f"max-age={MAX_AGE_SECONDS}"]
        # Shared caches: one origin's answer is not another's.
        resp.set_header("Vary", "Origin, Sec-Fetch-Site")
        known = req.if_none_match or []
        if "*" in known or etag in known:
            resp.status = 304
            return
        resp.content_type = "application/json"
        resp.data = content

    async def on_options(self, req: Request, resp: Response, write_key: str) -> None:
        """A browser's question before it asks with headers of the page's agents."""
        self._callers.grant(req, resp, write_key, methods="GET")

    def _content(self, name: str, project: Project) -> tuple[bytes, ETag]:
        """Made once for each project and reading of the project file."""
        known, content, etag = self._made.get(name, (None, b"", ETag("")))
        if known is not project:
            content = recorder_config(project)
            etag = ETag(hashlib.sha256(content).hexdigest()[:32])
            if len(self._made) >= MOST_PROJECTS:
                self._made.clear()
            self._made[name] = (project, content, etag)
        return content, etag


def _let_the_page_read_why(req: Request, resp: Response) -> None:
    """A recorder that cannot read a refusal would take it for an unreachable gateway, and record all the same."""
    origin = req.get_header("Origin")
    resp.cache_control = ["no-store"]
    if origin is not None and cors.is_origin(origin):
        resp.set_headers(cors.response_headers(origin))
