"""Make the README's picture: the demo session in the player of a running one-machine stack.

Run from the repository root after `make up`, with Debian's `chromium` installed:

    .venv/bin/python recorder/demo/take_picture.py

Give the session that `make up` named with `--session` if it is not the last one that the stack recorded.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import httpx
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "docs" / "replay.png"
CHROMIUM = Path("/usr/bin/chromium")
TOKEN = "demo"  # noqa: S105 (of the project that only loopback accepts)
# Of the whole session: the order is filled in, nothing is sent yet.
SHARE = 0.62
_SEEK = """
async (share) => {
  const replayer = await window.reelstreamPlayer.ready;
  replayer.pause(replayer.getMetaData().totalTime * share);
}
"""


def last_session(replay: str) -> str:
    """The id of the recording that began last."""
    answer = httpx.get(f"{replay}/api/recordings", params={"limit": 1}, headers={"Authorization": f"Bearer {TOKEN}"})
    answer.raise_for_status()
    return str(answer.json()["recordings"][0]["session_id"])


def take(replay: str, session: str, output: Path) -> None:
    """Open the player, go to the moment and keep the picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{replay}/recordings/{session}")
        page.locator("#token").fill(TOKEN)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(f"**/recordings/{session}")
        page.wait_for_function("window.reelstreamPlayer !== undefined")
        page.evaluate(_SEEK, SHARE)
        page.wait_for_timeout(1500)
        page.screenshot(path=output)
        browser.close()


def main() -> int:
    """Write the picture where the command line says; returns the exit status."""
    parser = argparse.ArgumentParser(description="Make the README's picture of a replay.")
    parser.add_argument("--replay", default="http://127.0.0.1:8090", help="the replay service's URL")
    parser.add_argument("--session", help="which recording; without it the last one")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    session = arguments.session or last_session(arguments.replay)
    take(arguments.replay, session, arguments.output)
    sys.stdout.write(f"{arguments.output}: session {session}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
