"""Headers every answer carries: what browsers may do with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from falcon.asgi import Request, Response

_CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# Recorded pages are drawn in a frame of the player: their images, fonts and media may come from data only, their
# inline styles are what is played back, and no script of theirs runs.
PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; media-src data: blob:; connect-src 'self'; frame-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
PLAYER = f"{PAGE}; sandbox allow-scripts allow-same-origin"


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
