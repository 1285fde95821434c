"""`GET /check`: a page that says what the gateway tells recorders, and how to ask a page itself."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from falcon.asgi import Request, Response

from gateway.errors import Code, RejectedError

# Only its own script and style run, known by their hashes, and it may ask its own gateway.
_POLICY = (
    "default-src 'none'; script-src {script}; style-src {style}; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


class CheckResource:
    """One page of ours, with nothing in it of the one who asks."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def on_get(self, req: Request, resp: Response) -> None:
        """The page, 404 when it has not been built."""
        try:
            text = self._path.read_text(encoding="utf-8")
        except OSError:
            raise RejectedError(Code.NO_RECORDER) from None
        policy = _POLICY.format(script=_hash_of(text, "script"), style=_hash_of(text, "style"))
        resp.set_header("Content-Security-Policy", policy)
        resp.set_header("X-Content-Type-Options", "nosniff")
        resp.set_header("Referrer-Policy", "no-referrer")
        resp.cache_control = ["no-cache"]
        resp.content_type = "text/html; charset=utf-8"
        resp.text = text


def _hash_of(text: str, tag: str) -> str:
    """The source expression of the one element of this tag; 'none' if there is none."""
    found = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    if found is None:
        return "'none'"
    return f"'sha256-{base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()}'"
