"""`GET /record.js` and what it loads when needed: the built recorder, read again when the files change.

Under a name with the fingerprint of its content (`/record.<16 hex digits>.js`) a script never changes, so that browsers
keep it for good; `recorder/dist/manifest.json` has these names, with the integrity values of those who pin one.
"""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path

import brotli
from falcon import HTTP_204, ETag
from falcon.asgi import Request, Response

from gateway import cors
from gateway.errors import Code, RejectedError
from service.accept_encoding import accepted

# A mended recorder reaches every browser within minutes; the ETag makes the question cheap.
MAX_AGE_SECONDS = 300
FOR_GOOD_SECONDS = 365 * 24 * 60 * 60
FINGERPRINT_DIGITS = 16
_GZIP_WINDOW = 31


@dataclass(frozen=True, slots=True)
class _Script:
    """`codings` has the content by content coding, "" for none."""

    stamp: tuple[int, int, int]
    digest: str
    codings: dict[str, bytes]

    @property
    def fingerprint(self) -> str:
        """What stands in the name under which it never changes."""
        return self.digest[:FINGERPRINT_DIGITS]

    def etag(self, coding: str) -> ETag:
        """Bytes that differ have tags that differ."""
        return ETag(f"{self.digest[:32]}-{coding}" if coding else self.digest[:32])


class RecorderResource:
    """One public file. Any site may load it, also with `crossorigin` and `integrity`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._script: _Script | None = None
        self._reading = asyncio.Lock()

    async def on_get(self, req: Request, resp: Response, fingerprint: str | None = None) -> None:
        """The script, 304 when the browser has it, 404 when it, or the one of this fingerprint, is not there."""
        script = await self._current()
        if fingerprint is not None and fingerprint != script.fingerprint:
            raise RejectedError(Code.NO_RECORDER)
        coding = accepted(req.get_header("Accept-Encoding"), ("br", "gzip"))
        resp.etag = etag = script.etag(coding)
        resp.vary = ["Accept-Encoding"]
        resp.cache_control = (
            ["public", f"max-age={MAX_AGE_SECONDS}"]
            if fingerprint is None
            else ["public", f"max-age={FOR_GOOD_SECONDS}", "immutable"]
        )
        resp.set_header("Access-Control-Allow-Origin", "*")
        resp.set_header("Cross-Origin-Resource-Policy", "cross-origin")
        known = req.if_none_match or []
        if "*" in known or etag in known:
            resp.status = 304
            return
        if coding:
            resp.set_header("Content-Encoding", coding)
        resp.content_type = "text/javascript; charset=utf-8"
        resp.data = script.codings[coding]

    on_head = on_get

    async def on_options(self, req: Request, resp: Response, fingerprint: str | None = None) -> None:
        """A browser's question before a script of the page asks for it with headers of its own."""
        requested = req.get_header("Access-Control-Request-Headers") or ""
        resp.set_header("Access-Control-Allow-Origin", "*")
        resp.set_headers(cors.preflight_headers(requested, methods="GET, HEAD"))
        resp.status = HTTP_204

    async def _current(self) -> _Script:
        try:
            async with self._reading:
                status = self._path.stat()
                stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
                if self._script is None or self._script.stamp != stamp:
                    # Compressing as well as can be takes a good part of a second.
                    self._script = await asyncio.to_thread(_read, self._path, stamp)
        except OSError:
            raise RejectedError(Code.NO_RECORDER) from None
        return self._script


def _read(path: Path, stamp: tuple[int, int, int]) -> _Script:
    content = path.read_bytes()
    gzip = zlib.compressobj(9, zlib.DEFLATED, _GZIP_WINDOW)
    codings = {"": content, "gzip": gzip.compress(content) + gzip.flush(), "br": brotli.compress(content)}
    return _Script(stamp, hashlib.sha256(content).hexdigest(), codings)
