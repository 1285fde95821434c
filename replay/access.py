"""Before every answer: who asks, and may they? A route is closed unless it says otherwise."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import falcon

import service.this_machine
from replay.errors import RefusalError
from replay.sessions import Sessions

COOKIE = "reelstream"


class Access:
    """Middleware. A resource with `access = "public"` is open, with `"page"` it sends strangers to the login page."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def process_resource(
        self, request: falcon.Request, response: falcon.Response, resource: Any, params: dict[str, Any]
    ) -> None:
        """Put the reader's project into `request.context.project`, or refuse."""
        access = getattr(resource, "access", "closed")
        if access == "public":
            return
        project = reader(request, self._sessions)
        if project is None and access == "page":
            raise falcon.HTTPSeeOther(f"/login?next={quote(request.path, safe='/')}")
        if project is None:
            raise RefusalError(
                401, "not_logged_in", "A read token or a login is needed.", {"WWW-Authenticate": "Bearer"}
            )
        request.context.project = project


def reader(request: falcon.Request, sessions: Sessions) -> str | None:
    """Project of the request's bearer token, else of its cookie."""
    scheme, _, token = (request.get_header("Authorization") or "").partition(" ")
    if scheme.lower() == "bearer":
        project = sessions.project_of_token(token.strip())
    else:
        cookies = request.get_cookie_values(COOKIE) or []
        project = sessions.project_of_cookie(cookies[0]) if len(cookies) == 1 else None
    return project if project is not None and may_read(request, sessions, project) else None


def may_read(request: falcon.Request, sessions: Sessions, project: str) -> bool:
    """False for a project that is read on its own machine only, when the request may come from elsewhere."""
    return is_local(request) or not sessions.is_local_only(project)


def is_local(request: falcon.Request) -> bool:
    """True if the request is from this machine, by the rule the gateway has too."""
    host = request.get_header("Host") or ""
    return service.this_machine.is_local(request.remote_addr, host, request.headers, ())
