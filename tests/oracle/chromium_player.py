"""A Chromium that plays recordings, offline."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, ConsoleMessage, Error

from tests.e2e.browser import chromium
from tests.oracle.bundles import bundle
from tests.oracle.recordings import Json


@contextmanager
def chromium_player() -> Iterator[Callable[[Json], Json]]:
    """A function from the page script's request to its answer."""
    script = bundle("page.ts", "oracle")
    with chromium() as browser:
        yield lambda request: _ask(browser, script, request)


def _ask(browser: Browser, script: str, request: Json) -> Json:
    page = browser.new_page()
    uncaught: list[tuple[str, str]] = []
    turn = ""

    def hear(message: ConsoleMessage) -> None:
        nonlocal turn
        if message.type == "debug":
            turn = message.text
        elif message.type in ("warning", "error"):
            uncaught.append((turn, message.text))

    def stumble(error: Error) -> None:
        uncaught.append((turn, error.message))

    page.on("console", hear)
    page.on("pageerror", stumble)
    page.route("**/*", lambda route: route.abort())
    page.set_content("<!DOCTYPE html><body></body>")
    page.add_script_tag(content=script)
    answer: Json = page.evaluate("(text) => oracle.run(JSON.parse(text))", json.dumps(request))
    page.close()
    return {**answer, "uncaught": uncaught}
