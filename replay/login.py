"""`POST /login` gives a cookie for a read token, `POST /logout` takes it back."""

from __future__ import annotations

import math

import falcon
import orjson

from replay.access import COOKIE, may_read
from replay.attempts import Attempts
from replay.errors import RefusalError
from replay.pages import PageResource
from replay.sessions import Sessions

LARGEST_BODY = 4096


class LoginResource:
    """The login page and its form."""

    access = "public"

    def __init__(
        self, page: PageResource, sessions: Sessions, attempts: Attempts, *, lifetime: float, secure: bool
    ) -> None:
        self._page = page
        self._sessions = sessions
        self._attempts = attempts
        self._lifetime = lifetime
        self._secure = secure

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """The page. Its `next` parameter is for its own script."""
        self._page.on_get(request, response)

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """204 and the cookie for `{"token": …}`; 400, 401 `unknown_token`, 415, 429."""
        wait = self._attempts.take(request.remote_addr)
        if wait:
            raise RefusalError(
                429, "rate_limited", "Too many attempts from this address.", {"Retry-After": str(math.ceil(wait))}
            )
        token = _token(request)
        project = self._sessions.project_of_token(token)
        if project is None or not may_read(request, self._sessions, project):
            raise RefusalError(401, "unknown_token", "This token opens no project.")
        response.status = falcon.HTTP_204
        response.set_cookie(
            COOKIE,
            self._sessions.cookie(project, token),
            max_age=math.floor(self._lifetime),
            path="/",
            secure=self._secure,
            http_only=True,
            same_site="Strict",
        )

    def on_post_logout(self, request: falcon.Request, response: falcon.Response) -> None:
        """204, and the cookie is gone."""
        response.status = falcon.HTTP_204
        response.unset_cookie(COOKIE, path="/", same_site="Strict")


def _token(request: falcon.Request) -> str:
    # Only JSON: no form of another site can send it without asking first.
    if (request.content_type or "").partition(";")[0].strip().lower() != "application/json":
        raise RefusalError(415, "unsupported_type", "The body must be application/json.")
    length = request.content_length
    if length is None or length > LARGEST_BODY:
        raise RefusalError(400, "invalid_request", f"The body must be at most {LARGEST_BODY} bytes of stated length.")
    try:
        body = orjson.loads(request.bounded_stream.read(length))
        token = body["token"]
    except (ValueError, KeyError, TypeError):
        token = None
    if not isinstance(token, str) or not token:
        raise RefusalError(400, "invalid_request", 'The body must be {"token": "<read token>"}.')
    return token
