"""Headers every answer carries: what browsers may do with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from falcon.asgi import Request, Response

_CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_OWN = f"{_CLOSED}; script-src 'self'; connect-src 'self'"
PAGE = f"{_OWN}; style-src 'self'; img-src 'self' data:"
# Recorded pages are drawn in a frame of the player, which the policy covers too: their images, fonts and media may
# come from data only, their inline styles are what is played back, and no script, frame or plugin of theirs loads.
PLAYER = (
    f"{_OWN}; style-src 'self' 'unsafe-inline'; img-src data:; font-src data:; media-src data:; "
    "sandbox allow-scripts allow-same-origin"
)
# For every answer that does not say otherwise, those included that the server gives without asking us.
HEADERS = {
    "Content-Security-Policy": _CLOSED,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    # A name in a recorded page must not be looked up before anybody clicks.
    "X-DNS-Prefetch-Control": "off",
}


class Protection:
    """Middleware. What a resource has set itself stays."""

    async def process_response(self, request: Request, response: Response, resource: Any, succeeded: bool) -> None:
        """Add what is missing."""
        for name, text in HEADERS.items():
            if response.get_header(name) is None:
                response.set_header(name, text)


def refusal_headers(origin: str | None) -> Mapping[str, str]:
    """Headers of a refusal that is the server's own."""
    return HEADERS
