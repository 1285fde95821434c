"""Who reads: a project's read token, or the signed cookie that a login gave for it.

A cookie is `v2.<project>.<issued>.<end>.<fingerprint of the token>.<random>.<mac>`, all ASCII, times in seconds since
1970. It holds no token, ends by the server's clock, and dies with its token: the fingerprint must match one that the
project file still lists. Cookies `v1`, which lack the time of issue and the random part, are still read.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from schemas.project import Projects

_VERSION = "v2"
_LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Login:
    """What a cookie that we signed says. `id` tells it from every other; `issued` is 0 for a cookie `v1`."""

    project: str
    id: str
    issued: int
    end: int


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
        issued = int(self._clock())
        end = int(self._clock() + self._lifetime)
        body = f"{_VERSION}.{project}.{issued}.{end}.{self._fingerprint(digest)}.{secrets.token_hex(16)}"
        return f"{body}.{self._mac(body)}"

    def is_ours(self, value: str) -> bool:
        """True if we signed this cookie, be it too old or not: nobody has guessed then."""
        body, _, mac = value.rpartition(".")
        return len(value) <= _LONGEST and value.isascii() and hmac.compare_digest(self._mac(body), mac)

    def login(self, value: str) -> Login | None:
        """The login of a cookie; None if it is forged, too old, or its token is no longer accepted."""
        if not self.is_ours(value):
            return None
        version, name, *numbers, end, fingerprint = self._parts(value)
        project = self._projects().projects.get(name)
        if project is None or int(end) < self._clock():
            return None
        known = (self._fingerprint(digest) for digest in project.read_token_sha256)
        if not any(hmac.compare_digest(each, fingerprint) for each in known):
            return None
        issued = int(numbers[0]) if version == _VERSION else 0
        return Login(name, hashlib.sha256(value.encode()).hexdigest()[:32], issued, int(end))

    @staticmethod
    def _parts(value: str) -> list[str]:
        version, *parts = value.rpartition(".")[0].split(".")
        # The random part of `v2` only makes two cookies differ.
        return [version, *(parts[:-1] if version == _VERSION else parts)]

    def _fingerprint(self, digest: str) -> str:
        return self._hmac(b"token", digest)

    def _mac(self, body: str) -> str:
        return self._hmac(b"cookie", body)

    def _hmac(self, purpose: bytes, text: str) -> str:
        return hmac.new(self._key, purpose + b"\0" + text.encode(), hashlib.sha256).hexdigest()
