"""Debian's Chromium, and a page's DOM in a form that two pages can be compared by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Body of a document as [tag, attributes, children]; text with white space folded. Scripts become something else in
# every recording; blocked subtrees and masked values are compared elsewhere, by what must not be in them.
_OUTLINE = """
(document) => {
  const KEPT = ["id", "class", "hidden", "type", "name", "src", "alt", "role", "aria-pressed", "data-plant"];
  const attributes = (element) => {
    const kept = {};
    for (const name of KEPT) {
      const value = element.getAttribute(name);
      // The player marks what the mouse is over with a class of this name.
      if (value !== null) kept[name] = name === "class" ? value.replace(":hover", "").trim() : value;
    }
    if (!kept.class) delete kept.class;
    if (element.type === "checkbox") kept.checked = element.checked;
    if (element.matches("input:not([type=checkbox]), textarea")) kept.value = element.value ? "(masked)" : "";
    if (element.matches("select")) kept.value = element.value;
    if (element.isContentEditable) return [element.localName, kept, element.textContent ? "(masked)" : ""];
    return kept;
  };
  const outline = (element) => {
    if (element.matches(".rr-block")) return [element.localName, "(blocked)"];
    if (element.matches(".rr-mask")) return [element.localName, "(masked)"];
    const children = [];
    // A text area's text is its first value only; `value` is compared instead.
    for (const child of element.localName === "textarea" ? [] : element.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) {
        const text = child.textContent.replace(/\\s+/g, " ").trim();
        if (text) children.push(text);
      } else if (child.nodeType === Node.ELEMENT_NODE && !child.matches("script, noscript")) {
        children.push(outline(child));
      }
    }
    return [element.localName, attributes(element), children];
  };
  return outline(document.body);
}
"""
_REPLAYED = "window.reelstreamPlayer.replayer.iframe.contentDocument"

_PLAY_TO_THE_END = """
async () => {
  const replayer = await window.reelstreamPlayer.ready;
  if (replayer === null) return false;
  await new Promise((resolve) => {
    replayer.on("finish", resolve);
    replayer.setConfig({ speed: 8 });
    replayer.play(0);
  });
  return true;
}
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def outline(page: Page) -> Any:
    """What the page shows."""
    return page.evaluate(f"({_OUTLINE})(document)")


def replayed_outline(player: Page) -> Any:
    """What the player page's picture shows."""
    return player.evaluate(f"({_OUTLINE})({_REPLAYED})")


def replayed_html(player: Page) -> str:
    """The picture's whole document as HTML, with the values its fields have."""
    return str(
        player.evaluate(
            f"""(() => {{
              const replayed = {_REPLAYED};
              const values = [...replayed.querySelectorAll("input, textarea, select")].map((field) => field.value);
              return replayed.documentElement.outerHTML + values.join("\\n");
            }})()"""
        )
    )


def play_to_the_end(player: Page) -> None:
    """Play the recording, eight times as fast, until its last event."""
    assert player.evaluate(_PLAY_TO_THE_END), player.locator("#status").inner_text()
