"""Selectors as people write them, on every page of the third-party recordings, against the independent judge.

The recordings lie beside the repository; absent they are skipped, unless REQUIRE_SHARED=1 says they must be there.
"""

from __future__ import annotations

import os
from pathlib import Path

import orjson
import pytest

from processors.privacy.selectors import compile_selectors
from tests.unit.processors.privacy.selector_judge import Judge, documents, elements, matched, places

RECORDINGS = Path(__file__).resolve().parents[4].parent / "shared" / "recordings"

# The last of a pair is there to match most elements, so that equality is not that of empty sets.
SELECTORS = """
.rr-block
.rr-mask
.rr-ignore
.ph-no-capture, .data-hj-suppress, [data-private]
[data-sentry-mask], [data-sentry-block]
#root
#app, #__next, #__nuxt
header, nav, footer
main > div
body > *
body > div > div
div div div div span
ul > li
ul li a
li:not(.active)
a[class]
a:not([class])
[class*="btn"]
[class^="css-"]
[class$="item"]
[class~="container"]
.container .row
.col > *
input[type="text"], input[type="password"]
input:not([type="hidden"])
form input[name]
[name="email" i]
[id^="r"]
[aria-label], [aria-hidden="true"]
[role="button"], [role="dialog"]
[lang|="en"]
[data-reactid] > [data-reactid]
svg
svg path
svg > *
div:is(.left, .right, [id])
:where(h1, h2, h3, p)
:is(div, section) > :is(p, span, a)
body *:not(div):not(span)
div:not(.a.b) > span
td, th, tr
img[alt=""], img:not([alt])
style, script, link, meta
html body
*
""".strip().splitlines()


def _names() -> list[str]:
    return sorted(str(path.relative_to(RECORDINGS)) for path in RECORDINGS.glob("*/*.json"))


@pytest.mark.skipif(
    not RECORDINGS.is_dir() and os.environ.get("REQUIRE_SHARED") != "1",
    reason="the shared recordings are not beside the repository",
)
def test_same_elements_as_the_judge_in_every_recording() -> None:
    """Each selector matches the same elements of every recorded document as lxml says, and most match something."""
    compiled = [compile_selectors([text]) for text in SELECTORS]
    matching: set[str] = set()
    seen = 0
    for name in _names():
        for document in documents(orjson.loads((RECORDINGS / name).read_bytes())):
            nodes = elements(document)
            judge = Judge(nodes)
            seen += len(nodes)
            for text, selectors in zip(SELECTORS, compiled, strict=True):
                found = places(matched(nodes, selectors), 0)
                assert found == judge.matched(text), (name, text)
                if found:
                    matching.add(text)
    assert seen > 1000, "the shared recordings are not beside the repository"
    assert len(matching) > len(SELECTORS) // 2
