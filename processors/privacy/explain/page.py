"""The explanation as one page that needs nothing but itself: two players side by side and the table of findings.

The page holds the recording as it was before the rules: whoever has it can see everything.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

from processors.privacy.explain.explain import Explanation
from processors.privacy.explain.text import row
from processors.privacy.refusal import Json

_HERE = Path(__file__).parent
_PLAYER = _HERE.parents[2] / "node_modules" / "rrweb" / "dist"
# The pictures are drawn in iframes of the page's own, which inherit this: nothing in a recording can fetch anything.
_CSP = (
    "default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
    "media-src data: blob:; base-uri 'none'; form-action 'none'"
)
_PLACE = re.compile(r"\{\{(\w+)\}\}")


def page(events: list[Json], explanation: Explanation, title: str) -> str:
    """The page's text. FileNotFoundError if the player has not been installed (`npm ci`)."""
    scripts = [
        _inline((_PLAYER / "rrweb.umd.min.cjs").read_text("utf-8")),
        _inline((_HERE / "page.js").read_text("utf-8")),
    ]
    start = min((event["timestamp"] for event in events if type(event.get("timestamp")) is int), default=0)
    findings = explanation.findings
    data = {
        "before": events,
        "after": explanation.kept,
        "rows": [row(what, times, findings.first[what] - start) for what, times in findings.times.items()],
        "counts": findings.counts(),
    }
    parts = {
        "csp": _CSP.format(hashes=" ".join(map(_hash, scripts))),
        "title": _escaped(title),
        "player_css": (_PLAYER / "style.min.css").read_text("utf-8"),
        "page_css": (_HERE / "page.css").read_text("utf-8"),
        "data": json.dumps(data).replace("<", "\\u003c"),
        "player_js": scripts[0],
        "page_js": scripts[1],
    }
    return _PLACE.sub(lambda place: parts[place[1]], (_HERE / "page.html").read_text("utf-8"))


def _inline(script: str) -> str:
    """A script as it may stand between its tags: in JavaScript's strings "\\/" is "/"."""
    return script.replace("</script", "<\\/script")


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
