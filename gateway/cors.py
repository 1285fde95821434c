"""Cross-origin headers: only for origins the project names, on refusals as on successes.

Two refusals anyone may read: a recorder with a wrong key or on a foreign origin must see why, or it takes the answer
for a network error and tries again for as long as the page is open. They tell nothing but the code.
"""

from __future__ import annotations

from gateway.errors import Code
from schemas.project import Project

# Browsers cap how long they remember a preflight; Chromium's cap is two hours.
PREFLIGHT_SECONDS = 7200


def response_headers(project: Project, origin: str) -> dict[str, str]:
    """Headers of any answer to an allowed origin. Retry-After is hidden from scripts unless it is exposed."""
    allowed = "*" if "*" in project.origins else origin
    return {
        "Access-Control-Allow-Origin": allowed,
        "Access-Control-Expose-Headers": "Retry-After",
        "Vary": "Origin",
    }


PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Content-Type, Content-Encoding",
    "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
}

READABLE_BY_ANYONE = frozenset({Code.UNKNOWN_KEY, Code.ORIGIN_NOT_ALLOWED})


def server_refusal_headers(origin: str | None) -> dict[str, str]:
    """Headers of a refusal made before the project is known. Anyone may read it, and learns only the code."""
    if origin is None:
        return {"Access-Control-Allow-Origin": "*"}
    # A page may send with credentials, and then reads no answer to `*`.
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": "Retry-After",
        "Vary": "Origin",
    }
