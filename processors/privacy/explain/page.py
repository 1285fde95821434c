"""The explanation as one page that needs nothing but itself: two players side by side and the table of findings.

The page holds the recording as it was before the rules: whoever has it can see everything.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path

import orjson

from processors.privacy.explain.explain import Explanation
from processors.privacy.explain.reading import Recording
from processors.privacy.explain.text import row, total
from processors.privacy.policy import Policy
from schemas.event_line import LOST

_HERE = Path(__file__).parent
_PLAYER = _HERE.parents[2] / "node_modules" / "rrweb" / "dist"
# The pictures are drawn in iframes of the page's own, which inherit this: nothing in a recording can fetch anything.
_CSP = (
    "default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
    "media-src data: blob:; base-uri 'none'; form-action 'none'"
)
_PLACE = re.compile(r"\{\{(\w+)\}\}")


def page(recording: Recording, explanation: Explanation, policy: Policy, name: str) -> str:
    """The page's text. FileNotFoundError if the player has not been installed (`npm ci`)."""
    scripts = [
        _inline((_PLAYER / "rrweb.umd.min.cjs").read_text("utf-8")),
        _inline((_HERE / "page.js").read_text("utf-8")),
    ]
    findings = explanation.findings
    events = [line for line in recording.lines if line != LOST]
    start = int(min((orjson.loads(line)["timestamp"] for line in events), default=0))
    rows = [row(findings, what, start) for what in findings.times]
    parts = {
        "csp": _CSP.format(hashes=" ".join(map(_hash, scripts))),
        "name": _escaped(name),
        "policy": _escaped(policy.version),
        "total": _escaped(total(explanation, recording.unusable)),
        "sentences": "".join(f"<li>{_escaped(sentence)}</li>" for sentence in policy.rules.describe()),
        "player_css": (_PLAYER / "style.min.css").read_text("utf-8"),
        "page_css": (_HERE / "page.css").read_text("utf-8"),
        "before": _data(events),
        "after": _data(explanation.kept),
        "rows": _inert(json.dumps(rows)),
        "counts": _inert(json.dumps(findings.counts())),
        "player_js": scripts[0],
        "page_js": scripts[1],
    }
    return _PLACE.sub(lambda place: parts[place[1]], (_HERE / "page.html").read_text("utf-8"))


def _data(lines: Iterable[bytes]) -> str:
    return _inert(f"[{b','.join(line.rstrip() for line in lines).decode()}]")


def _inert(data: str) -> str:
    """JSON that no HTML parser takes for anything else: "<" stands in its strings only."""
    return data.replace("<", "\\u003c")


def _inline(script: str) -> str:
    """A script as it may stand between its tags: in JavaScript's strings "\\/" is "/"."""
    return script.replace("</script", "<\\/script")


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
