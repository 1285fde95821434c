"""Who reads: a project's read token, or the signed cookie that a login gave for it.

A cookie is `v1.<project>.<end, s since 1970>.<fingerprint of the token>.<mac>`, all ASCII. It holds no token, ends by
the server's clock, and dies with its token: the fingerprint must match one that the project file still lists.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from schemas.project import Projects

_VERSION = "v1"


class Sessions:
    """Makes and checks cookies and tokens. `clock` gives seconds since 1970."""

    def __init__(
        self, key: bytes, lifetime: float, projects: Callable[[], Projects], clock: Callable[[], float]
    ) -> None:
        self._key = key
        self._lifetime = lifetime
        self._projects = projects
        self._clock = clock

    def project_of_token(self, token: str) -> str | None:
        """Project that a read token opens."""
        return self._projects().by_read_token(token)

    def is_local_only(self, project: str) -> bool:
        """True if the project is to be read from this machine only."""
        # The file may have changed since the token was looked up: a project that is gone is read by nobody from afar.
        found = self._projects().projects.get(project)
        return found is None or found.loopback_only

    def cookie(self, project: str, token: str) -> str:
        """A cookie's value for a reader who has shown `token`."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
        end = int(self._clock() + self._lifetime)
        body = f"{_VERSION}.{project}.{end}.{self._fingerprint(digest)}"
        return f"{body}.{self._mac(body)}"

    def project_of_cookie(self, value: str) -> str | None:
        """Project of a cookie; None if it is forged, too old, or its token is no longer accepted."""
        body, _, mac = value.rpartition(".")
        if not value.isascii() or not hmac.compare_digest(self._mac(body), mac):
            return None
        _, name, end, fingerprint = body.split(".")
        project = self._projects().projects.get(name)
        if project is None or int(end) < self._clock():
            return None
        known = (self._fingerprint(digest) for digest in project.read_token_sha256)
        return name if any(hmac.compare_digest(each, fingerprint) for each in known) else None

    def _fingerprint(self, digest: str) -> str:
        return self._hmac(b"token", digest)

    def _mac(self, body: str) -> str:
        return self._hmac(b"cookie", body)

    def _hmac(self, purpose: bytes, text: str) -> str:
        return hmac.new(self._key, purpose + b"\0" + text.encode(), hashlib.sha256).hexdigest()
