"""Who a payload is: project, session, window, page load and number, and the names made of them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from uuid import UUID

# Fixed for ever: ids in old answers and in /api/losses are made with it.
PAYLOAD_NAMESPACE = UUID("6f1b0f3e-1a55-5d7c-9d3a-7a1f9b0c5e21")

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_PROJECT = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
# One payload a second for a whole day is 86 400; a recorder under pressure sends a few a second.
MAX_SEQ = 1_000_000


@dataclass(frozen=True, slots=True)
class PayloadIdentity:
    """One payload. All UUIDs are lower-case text; `seq` counts from 0 within the page load."""

    project: str
    session: str
    window: str
    page: str
    seq: int

    @property
    def key(self) -> str:
        """The Kafka key: everything of a session stays in order on one partition."""
        return session_key(self.project, self.session)

    @property
    def id(self) -> str:
        """The id a 202 answers, UUIDv5, the same for every retry of the payload."""
        return payload_id(self.project, self.session, self.window, self.page, self.seq)


def payload_id(project: str, session: str, window: str, page: str, seq: int) -> str:
    """UUIDv5 of project/session/window/page/seq (RFC 9562, section 5.5).

    Written out, since this runs for every request and `uuid.uuid5` takes three times as long.
    """
    name = f"{project}/{session}/{window}/{page}/{seq}".encode()
    digest = hashlib.sha1(PAYLOAD_NAMESPACE.bytes + name, usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


def session_key(project: str, session: str) -> str:
    """`<project>:<session>`; starts with the project, so that no project can touch another's state."""
    return f"{project}:{session}"


def split_session_key(key: str) -> tuple[str, str]:
    """(project, session) of a key; ValueError if it is not one."""
    project, separator, session = key.partition(":")
    if not separator or not is_project(project) or not is_uuid(session):
        raise ValueError("not a session key")
    return project, session


def is_session_key(key: str) -> bool:
    """True for `<project>:<session>`."""
    project, _, session = key.partition(":")
    return is_project(project) and is_uuid(session)


def is_uuid(text: str) -> bool:
    """True for a lower-case RFC 9562 UUID of any version."""
    return _UUID.fullmatch(text) is not None


def is_project(text: str) -> bool:
    """True for a legal project name."""
    return _PROJECT.fullmatch(text) is not None
