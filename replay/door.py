"""Who asks: a token or a cookie turned into a reader, and wrong ones counted together whichever way they come."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

from falcon.asgi import Request

from replay.errors import RefusalError
from replay.guesses import UNGUESSABLE_LENGTH, Guesses
from replay.logouts import Logouts
from replay.sessions import Login, Sessions
from replay.visitors import Visitors

COOKIE = "reelstream"


@dataclass(frozen=True, slots=True)
class Reader:
    """Someone who may read a project. `id` tells readers of one project apart, as far as bounds need it."""

    project: str
    id: str
    login: Login | None = None


class Door:
    """Decides about tokens and cookies.

    What is wrong is counted by address. A cookie we signed was not guessed and is looked at in any case, and so is a
    token too long to guess: what others at the same address try keeps neither out.
    """

    def __init__(self, sessions: Sessions, guesses: Guesses, logouts: Logouts, visitors: Visitors) -> None:
        self._sessions = sessions
        self._guesses = guesses
        self._logouts = logouts
        self._visitors = visitors

    def reader(self, request: Request) -> Reader | None:
        """The reader of the request's bearer token, else of its cookie. Raises RefusalError (429)."""
        scheme, _, token = (request.get_header("Authorization") or "").partition(" ")
        if scheme.lower() == "bearer":
            # Nothing shown is nothing guessed.
            return self.by_token(request, token.strip()) if token.strip() else None
        login = self.login(request)
        return Reader(login.project, login.id, login) if login is not None else None

    def by_token(self, request: Request, token: str) -> Reader | None:
        """The reader of a token; None if it opens nothing from where it is shown. Raises RefusalError (429)."""
        group = self._visitors.group(request)
        wait = self._guesses.wait(group)
        if wait and len(token) < UNGUESSABLE_LENGTH:
            raise _too_many(wait)
        project = self._sessions.project_of_token(token)
        if project is not None and self._may_read(request, project):
            digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
            return Reader(project, f"{digest[:16]} {group}")
        if wait:
            raise _too_many(wait)
        self._guesses.failed(group)
        return None

    def login(self, request: Request) -> Login | None:
        """The login of the request's cookie, if it may still be used. Raises RefusalError (429) for forged ones."""
        values = request.get_cookie_values(COOKIE) or []
        if not any(values):
            return None
        if len(values) > 1 or not self._sessions.is_ours(values[0]):
            group = self._visitors.group(request)
            if wait := self._guesses.wait(group):
                raise _too_many(wait)
            self._guesses.failed(group)
            return None
        login = self._sessions.login(values[0])
        if login is None or self._logouts.has(login) or not self._may_read(request, login.project):
            return None
        return login

    def _may_read(self, request: Request, project: str) -> bool:
        """False for a project that is read on its own machine only, when the request may come from elsewhere."""
        return not self._sessions.is_local_only(project) or self._visitors.is_local(request)


def _too_many(wait: float) -> RefusalError:
    detail = "Too many wrong tokens or cookies from this address."
    return RefusalError(429, "rate_limited", detail, {"Retry-After": str(math.ceil(wait))})
