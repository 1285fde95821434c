"""`GET /record.js` and what it loads when needed: the built recorder, read again when the files change."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from falcon import HTTP_204, ETag
from falcon.asgi import Request, Response

from gateway import cors
from gateway.errors import Code, RejectedError

# A mended recorder reaches every browser within minutes; the ETag makes the question cheap.
MAX_AGE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class _Script:
    stamp: tuple[int, int, int]
    content: bytes
    etag: ETag


class RecorderResource:
    """One public file. Any site may load it, also with `crossorigin` and `integrity`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._script: _Script | None = None

    async def on_get(self, req: Request, resp: Response) -> None:
        """The script, 304 when the browser has it, 404 when it is not there."""
        script = self._current()
        resp.etag = script.etag
        resp.cache_control = ["public", f"max-age={MAX_AGE_SECONDS}"]
        resp.set_header("Access-Control-Allow-Origin", "*")
        resp.set_header("Cross-Origin-Resource-Policy", "cross-origin")
        known = req.if_none_match or []
        if "*" in known or script.etag in known:
            resp.status = 304
            return
        resp.content_type = "text/javascript; charset=utf-8"
        resp.data = script.content

    on_head = on_get

    async def on_options(self, req: Request, resp: Response) -> None:
        """A browser's question before a script of the page asks for it with headers of its own."""
        requested = req.get_header("Access-Control-Request-Headers") or ""
        resp.set_header("Access-Control-Allow-Origin", "*")
        resp.set_headers(cors.preflight_headers(requested, methods="GET, HEAD"))
        resp.status = HTTP_204

    def _current(self) -> _Script:
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
            if self._script is None or self._script.stamp != stamp:
                content = self._path.read_bytes()
                self._script = _Script(stamp, content, ETag(hashlib.sha256(content).hexdigest()[:32]))
        except OSError:
            raise RejectedError(Code.NO_RECORDER) from None
        return self._script
