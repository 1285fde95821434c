"""The demo site: the static pages of `recorder/demo/`, and `/config.js`, which tells them where the gateway is."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import falcon
import waitress

from deploy.local.layout import HOST, REPOSITORY

WRITE_KEY = "demo"


class _Config:
    def __init__(self, gateway: str) -> None:
        self._script = f"window.REELSTREAM_DEMO = {json.dumps({'gateway': gateway, 'writeKey': WRITE_KEY})};\n"

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        resp.content_type = "text/javascript; charset=utf-8"
        resp.text = self._script


class _Home:
    def __init__(self, page: Path) -> None:
        self._page = page

    def on_get(self, _req: falcon.Request, resp: falcon.Response, **_name: str) -> None:
        resp.content_type = falcon.MEDIA_HTML
        resp.data = self._page.read_bytes()


class _NeverStored:
    """Nobody should look at yesterday's page while changing it."""

    def process_response(self, _req: falcon.Request, resp: falcon.Response, _resource: Any, _succeeded: bool) -> None:
        resp.cache_control = ["no-store"]


def create_application(pages: Path, gateway: str) -> falcon.App[falcon.Request, falcon.Response]:
    """A WSGI application over a folder of pages."""
    app = falcon.App(middleware=[_NeverStored()])
    app.add_route("/config.js", _Config(gateway))
    home = _Home(pages / "index.html")
    app.add_route("/", home)
    # Routes within the page.
    app.add_route("/plants/{name}", home)
    app.add_static_route("/", str(pages))
    return app


def main() -> None:
    """`python -m deploy.local.demo_site --gateway URL --port N`."""
    parser = argparse.ArgumentParser(prog="deploy.local.demo_site")
    parser.add_argument("--gateway", required=True, help="the gateway's URL, as browsers reach it")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    pages = REPOSITORY / "recorder" / "demo"
    waitress.serve(create_application(pages, arguments.gateway), host=HOST, port=arguments.port, ident=None)


if __name__ == "__main__":
    main()
