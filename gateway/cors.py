"""Cross-origin headers: what a project's origins may send, and that any page can read why it is refused.

Requests may carry credentials, which a JSON beacon always does: the gateway neither sets nor reads a cookie, so they
open nothing. Browsers then take no `*`, so the origin itself is named. Refusals are readable by every origin: a
recorder that cannot read one takes it for a network error and tries again for as long as the page is open. They tell
nothing but the code.
"""

from __future__ import annotations

import re

from schemas.project import Project
from service.this_machine import is_forwarding

# Browsers cap how long they remember a preflight; Chromium's cap is two hours.
PREFLIGHT_SECONDS = 7200
# A page's agents add a dozen headers at most; the answer must stay below what proxies take.
MAX_REQUESTED_HEADERS = 64
MAX_HEADER_NAME = 128

# `null` or scheme and host, as browsers write it; extensions and app shells have schemes of their own.
_ORIGIN = re.compile(r"null|[a-z][a-z0-9+.-]{0,31}://[A-Za-z0-9.:_\[\]-]{0,261}")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OUR_HEADERS = ("Content-Type", "Content-Encoding")


def is_origin(text: str) -> bool:
    """True for what a browser may send as Origin, `null` included."""
    return _ORIGIN.fullmatch(text) is not None


def response_headers(origin: str) -> dict[str, str]:
    """Headers of any answer that `origin` may read. Retry-After is hidden from scripts unless it is exposed."""
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": "Retry-After",
        "Vary": "Origin",
    }


def server_refusal_headers(origin: str | None) -> dict[str, str]:
    """Headers of a refusal made before anything is known but, perhaps, the Origin."""
    if origin is None or not is_origin(origin):
        return {"Access-Control-Allow-Origin": "*"}
    return response_headers(origin)


def preflight_headers(requested: str, *, methods: str) -> dict[str, str]:
    """The grant of a preflight that asks for the headers `requested`, a list with commas.

    Agents in the page add headers of their own to every request; a header that is not granted ends the recording. So
    what is asked for is granted, except what only proxies write.
    """
    return {
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": ", ".join([*_OUR_HEADERS, *_grantable(requested)]),
        "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
        "Vary": "Origin, Access-Control-Request-Headers",
    }


def private_network_headers(project: Project, origin: str) -> dict[str, str]:
    """Lets a public page reach a gateway in a private network: for origins the project names, not for `*`."""
    return {"Access-Control-Allow-Private-Network": "true"} if origin in project.origins else {}


def _grantable(requested: str) -> list[str]:
    names = (name.strip(" \t") for name in requested.split(",", MAX_REQUESTED_HEADERS)[:MAX_REQUESTED_HEADERS])
    ours = {name.lower() for name in _OUR_HEADERS}
    return [
        name
        for name in names
        if len(name) <= MAX_HEADER_NAME
        and _TOKEN.fullmatch(name)
        and name.lower() not in ours
        and not is_forwarding(name)
    ]
