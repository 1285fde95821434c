"""Who may send what: from the parts of a request to a payload's identity, or a refusal. No I/O, no clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.cors import is_origin
from gateway.errors import Code, RejectedError
from schemas.encodings import encoding_of
from schemas.identity import MAX_SEQ, PayloadIdentity, is_uuid
from schemas.project import Project, Projects

_SEQ = re.compile(r"[0-9]{1,7}")
# Milliseconds since 1970 have 13 digits until the year 2286.
_MILLISECONDS = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Admitted:
    """What the path, the query and the headers say of one payload."""

    identity: PayloadIdentity
    encoding: str
    sent: str
    keyframe: bool


def find_project(projects: Projects, write_key: str, *, is_local: Callable[[], bool]) -> tuple[str, Project]:
    """Name and project of a write key; a loopback-only project is there for this machine alone."""
    name = projects.by_write_key(write_key)
    if name is None or (projects.projects[name].loopback_only and not is_local()):
        raise RejectedError(Code.UNKNOWN_KEY)
    return name, projects.projects[name]


def origin_allowed(project: Project, origin: str | None) -> bool:
    """Exact match, or '*' for whatever is an origin. Programs send none, which the project may refuse.

    `null` is the origin of any page that wants to be nobody, so only '*' allows it.
    """
    if origin is None:
        return not project.require_origin
    return is_origin(origin) and ("*" in project.origins or origin in project.origins)


def admit(
    project: str, session: str, window: str, query: Mapping[str, str | list[str]], content_encoding: str
) -> Admitted:
    """What the path, the query and Content-Encoding say; RejectedError names the part that is wrong."""
    session, window = session.lower(), window.lower()
    if not (is_uuid(session) and is_uuid(window)):
        raise RejectedError(Code.MALFORMED_PATH)
    page = _one(query, "page").lower()
    if not is_uuid(page):
        raise _malformed("page", "a UUID")
    seq = _one(query, "seq")
    if _SEQ.fullmatch(seq) is None or int(seq) > MAX_SEQ:
        raise _malformed("seq", f"a whole number from 0 to {MAX_SEQ}")
    sent = _one(query, "t")
    if sent and _MILLISECONDS.fullmatch(sent) is None:
        raise _malformed("t", "a time in milliseconds")
    keyframe = _one(query, "kf")
    if keyframe not in ("", "0", "1"):
        raise _malformed("kf", "0 or 1")
    return Admitted(
        identity=PayloadIdentity(project, session, window, page, int(seq)),
        encoding=_encoding(content_encoding, _one(query, "enc")),
        sent=sent,
        keyframe=keyframe == "1",
    )


def check_length(length: int | None, limit: int) -> None:
    """Refuse what is already known to be empty or too large; None is a length not told in advance."""
    if length == 0:
        raise RejectedError(Code.EMPTY_BODY)
    if length is not None and length > limit:
        raise too_large(limit)


def too_large(limit: int) -> RejectedError:
    """The refusal of a body over `limit` bytes."""
    return RejectedError(Code.BODY_TOO_LARGE, detail=f"The body is larger than the limit of {limit} bytes.")


def _encoding(header: str, parameter: str) -> str:
    """The one encoding of the body. Where header and parameter both name one, they must agree."""
    named = {encoding_of(text) for text in (header, parameter) if text.strip()}
    if None in named or len(named) > 1:
        raise RejectedError(Code.UNSUPPORTED_ENCODING)
    return named.pop() or "" if named else ""


def _one(query: Mapping[str, str | list[str]], name: str) -> str:
    value = query.get(name, "")
    if isinstance(value, list):
        raise _malformed(name, "given once")
    return value


def _malformed(name: str, form: str) -> RejectedError:
    return RejectedError(Code.MALFORMED_QUERY, detail=f"The query parameter '{name}' must be {form}.")
