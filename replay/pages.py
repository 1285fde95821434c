"""Pages, scripts and styles: read once at start, served from memory, checked by ETag."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable

import falcon
from falcon.asgi import Request, Response

from replay.encoding import accepted
from replay.errors import RefusalError
from replay.protection import PAGE, PLAYER

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".json": "application/json",
}


@dataclass(frozen=True, slots=True)
class File:
    """One file, as it is and compressed."""

    content: bytes
    packed: bytes
    media_type: str
    etag: str


def read_files(folder: Traversable) -> dict[str, File]:
    """Files of a folder by name, those whose kind we serve; empty if the folder is not there."""
    if not folder.is_dir():
        return {}
    files = {}
    for entry in folder.iterdir():
        media_type = _TYPES.get("." + entry.name.rpartition(".")[2])
        if entry.is_file() and media_type:
            content = entry.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:32]
            files[entry.name] = File(content, gzip.compress(content, mtime=0), media_type, digest)
    return files


class PageResource:
    """One page. `access` is "public" for the login page, "page" for those that need a login."""

    def __init__(self, files: Mapping[str, File], name: str, access: str) -> None:
        self._files = files
        self._name = name
        self.access = access

    async def on_get(self, request: Request, response: Response, session: str = "") -> None:
        """The page, or 503 if it was never built. What `session` names is the page's own question to the API."""
        file = self._files.get(self._name)
        if file is None:
            raise RefusalError(503, "pages_missing", "The pages are not built; `npm run build` does it.")
        policy = PLAYER if self._name == "player.html" else PAGE
        response.set_header("Content-Security-Policy", policy)
        _send(request, response, file)


class StaticResource:
    """Scripts and styles, the same for everybody."""

    access = "public"

    def __init__(self, files: Mapping[str, File]) -> None:
        self._files = files

    async def on_get(self, request: Request, response: Response, name: str) -> None:
        """200, 304 or 404."""
        file = self._files.get(name)
        if file is None or name.endswith(".html"):
            raise RefusalError(404, "not_found", "There is nothing at this path.")
        response.set_header("Cache-Control", "no-cache")
        response.etag = file.etag
        if any(etag == "*" or etag == file.etag for etag in request.if_none_match or ()):
            response.status = falcon.HTTP_304
            return
        _send(request, response, file)


def _send(request: Request, response: Response, file: File) -> None:
    response.content_type = file.media_type
    response.set_header("Vary", "Accept-Encoding")
    if "gzip" in accepted((request.get_header("Accept-Encoding") or "").replace("zstd", "")):
        response.set_header("Content-Encoding", "gzip")
        response.data = file.packed
    else:
        response.data = file.content
