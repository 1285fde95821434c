"""The page of `explain` in Chromium: both pictures, the list, and nothing fetched."""

from __future__ import annotations

from pathlib import Path

import orjson
from playwright.sync_api import Frame, Page

from processors.privacy.explain.explain import explain
from processors.privacy.explain.page import page
from processors.privacy.explain.reading import Recording
from tests.e2e.browser import chromium
from tests.unit.processors.privacy.pages import DEFAULT, element, incremental, meta, snapshot, words

ELSEWHERE = "http://elsewhere.example/picture.png"
EVENTS = [
    meta(),
    snapshot(
        element(5, "p", words(6, "a secret"), class_="rr-mask"),
        element(7, "div", element(8, "p", words(9, "blocked </script> words")), class_="rr-block"),
        element(10, "p", words(11, "open words")),
        element(12, "img", src=ELSEWHERE),
    ),
    incremental(3, id=10, x=0, y=1, at=900),
]


def test_the_page_shows_both_pictures_and_leads_from_rules_to_what_they_did(tmp_path: Path) -> None:
    """Before has every word, after what passes; a rule chosen leaves only its lines; nothing fails or is fetched."""
    recording = Recording([orjson.dumps(event) for event in EVENTS], 0)
    file = tmp_path / "page.html"
    file.write_text(page(recording, explain(recording.lines, DEFAULT), DEFAULT, "a recording"), "utf-8")
    stopped: set[tuple[str, str | None]] = set()
    stumbled: list[str] = []
    with chromium() as browser:
        shown = browser.new_page()
        shown.on("requestfailed", lambda request: stopped.add((request.url, request.failure)))
        shown.on("pageerror", lambda error: stumbled.append(error.message))
        shown.goto(file.as_uri(), wait_until="domcontentloaded")
        assert "a secret" in _picture(shown, "before").inner_text("body")
        assert "blocked </script> words" in _picture(shown, "before").inner_text("body")
        after = _picture(shown, "after").inner_text("body")
        assert ("open words" in after, "secret" in after, "blocked" in after) == (True, False, False)
        every = shown.locator("#lines tr").count()
        shown.locator("#counts-buttons button", has_text="mask: .rr-mask").click()
        chosen = shown.locator("#lines tr")
        assert 0 < chosen.count() < every
        assert "#text" in chosen.first.inner_text()
        chosen.first.click()
        assert shown.locator("#clock").inner_text() == "0.0 s of 0.8 s"
    assert stumbled == []
    assert stopped == {(ELSEWHERE, "csp")}


def _picture(shown: Page, name: str) -> Frame:
    frame = shown.locator(f"#{name}-picture iframe").element_handle().content_frame()
    assert frame is not None
    return frame
