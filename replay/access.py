"""Before every answer: who asks, and may they? A route is closed unless it says otherwise."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import falcon
from falcon.asgi import Request, Response

from replay.door import Door, Reader
from replay.errors import RefusalError
from replay.logouts import Logouts


class Access:
    """Middleware. A resource with `access = "public"` is open, with `"page"` it sends strangers to the login page."""

    def __init__(self, door: Door, logouts: Logouts) -> None:
        self._door = door
        self._logouts = logouts

    async def process_resource(
        self, request: Request, response: Response, resource: Any, params: dict[str, Any]
    ) -> None:
        """Put the reader into `request.context.reader`, or refuse."""
        access = getattr(resource, "access", "closed")
        if access == "public":
            return
        if access == "page":
            self._send_strangers_away(request)
            return
        reader = self._door.reader(request)
        # Data waits until it is known which logins have ended; a page holds none, and needs no store.
        if reader is None or (reader.login is not None and await self._logouts.check(reader.login)):
            raise RefusalError(
                401, "not_logged_in", "A read token or a login is needed.", {"WWW-Authenticate": "Bearer"}
            )
        request.context.reader = reader

    def _send_strangers_away(self, request: Request) -> None:
        try:
            reader: Reader | None = self._door.reader(request)
        except RefusalError:
            # A person whose cookie is not ours any more comes to the login page, however often others have guessed.
            reader = None
        if reader is None:
            raise falcon.HTTPSeeOther(f"/login?next={quote(request.path, safe='/')}")
