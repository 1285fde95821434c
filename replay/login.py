"""`POST /login` gives a cookie for a read token, `POST /logout` ends it."""

from __future__ import annotations

import asyncio
import math

import falcon
import orjson
from falcon.asgi import Request, Response

from replay.door import COOKIE, Door
from replay.errors import RefusalError
from replay.logouts import Logouts
from replay.pages import PageResource
from replay.sessions import Sessions

LARGEST_BODY = 4096


class LoginResource:
    """The login page and its form."""

    access = "public"

    def __init__(
        self,
        page: PageResource,
        sessions: Sessions,
        door: Door,
        logouts: Logouts,
        *,
        lifetime: float,
        secure: bool,
        body_seconds: float,
    ) -> None:
        self._page = page
        self._sessions = sessions
        self._door = door
        self._logouts = logouts
        self._lifetime = lifetime
        self._secure = secure
        self._body_seconds = body_seconds

    async def on_get(self, request: Request, response: Response) -> None:
        """The page. Its `next` parameter is for its own script."""
        await self._page.on_get(request, response)

    async def on_post(self, request: Request, response: Response) -> None:
        """204 and the cookie for `{"token": …}`; 400, 401 `unknown_token`, 408, 413, 415, 429."""
        token = await self._token(request)
        reader = self._door.by_token(request, token)
        if reader is None:
            raise RefusalError(401, "unknown_token", "This token opens no project.")
        response.status = falcon.HTTP_204
        response.set_cookie(
            COOKIE,
            self._sessions.cookie(reader.project, token),
            max_age=math.floor(self._lifetime),
            path="/",
            secure=self._secure,
            http_only=True,
            same_site="Strict",
        )

    async def on_post_logout(self, request: Request, response: Response) -> None:
        """204: the login opens nothing any more, and the browser forgets its cookie.

        Only what was shown is taken away: another site's form comes without the cookie and ends nothing.
        """
        response.status = falcon.HTTP_204
        if not request.get_cookie_values(COOKIE):
            return
        response.unset_cookie(COOKIE, path="/", same_site="Strict")
        login = self._door.login(request)
        if login is not None:
            self._logouts.end(login)

    async def _token(self, request: Request) -> str:
        # Only JSON: no form of another site can send it without asking first.
        if (request.content_type or "").partition(";")[0].strip().lower() != "application/json":
            raise RefusalError(415, "unsupported_type", "The body must be application/json.")
        length = request.content_length
        if length is None:
            raise RefusalError(400, "invalid_request", "The body must have a stated length.")
        if length > LARGEST_BODY:
            raise RefusalError(413, "body_too_large", f"The body must be at most {LARGEST_BODY} bytes.")
        try:
            async with asyncio.timeout(self._body_seconds):
                body = await request.stream.read(length)
        except TimeoutError:
            raise RefusalError(408, "body_timeout", "The body did not arrive in time.") from None
        return _token_of(body)


def _token_of(body: bytes) -> str:
    try:
        token = orjson.loads(body)["token"]
    except (ValueError, KeyError, TypeError):
        token = None
    if not isinstance(token, str) or not token:
        raise RefusalError(400, "invalid_request", 'The body must be {"token": "<read token>"}.')
    return token
