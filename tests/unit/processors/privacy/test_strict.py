"""Where all text is masked: no words in style sheets, no pictures inside the page, and the page keeps its form."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

import pytest

from processors.privacy.texts import clean_css
from tests.unit.processors.privacy.pages import (
    DEFAULT,
    Run,
    change,
    element,
    incremental,
    meta,
    mutation,
    policy_of,
    shown,
    snapshot,
    words,
)

STRICT = policy_of("strict")
PNG = "data:image/png;base64,AA=="
PATH = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'


@pytest.mark.parametrize(
    ("selector", "left"),
    [
        ('[title="Alice"]', '[title="#"]'),
        ("[title=Alice i]", '[title="#" i]'),
        (r'[t\69tle="Alice"]', r'[t\69tle="#"]'),
        ('[title/**/="Alice"]', '[title="#"]'),
        ("[ data-user ^= 'al' ]", '[data-user^="#" ]'),
        ('[xlink|title~="Alice"]', '[xlink|title~="#"]'),
        ('[value="Alice"]', '[value="#"]'),
        ('[type="alice"]', '[type="#"]'),
        (':not([value=""])', ':not([value=""])'),
        ("[type=submit]", "[type=submit]"),
        ('[fill="red"]', '[fill="red"]'),
        ('[href$=".pdf"]', '[href$=".pdf"]'),
        (r'.open\[a\=b\][data-state="open"]', r'.open\[a\=b\][data-state="#"]'),
        ("[hidden]", "[hidden]"),
    ],
)
def test_selectors_name_no_words(selector: str, left: str) -> None:
    """A value that is masked in the page is not told by a selector, which then matches nothing; others stay."""
    assert clean_css(f"{selector}{{color:red}}", STRICT) == f"{left}{{color:red}}"
    assert clean_css(f"{left}{{color:red}}", STRICT) == f"{left}{{color:red}}"
    plain = selector.replace("/**/", "")
    assert clean_css(f"{plain}{{color:red}}", DEFAULT) == f"{plain}{{color:red}}"


def test_only_attributes_that_are_masked_go_from_selectors() -> None:
    """A policy that keeps data attributes keeps what style sheets say of them."""
    policy = policy_of("{text: {mask_all: true}, attributes: {data: keep, aria: mask}}")
    css = '[data-theme="dark"]{a:b}[aria-label="Alice"]{a:b}'
    assert clean_css(css, policy) == '[data-theme="dark"]{a:b}[aria-label="#"]{a:b}'


@pytest.mark.parametrize("part", ["<text>Al</text>", "<title>Al", "<desc>Al", "<!-- Al -->", "<g aria-label='Al'>"])
def test_drawings_with_words_leave_style_sheets(part: str) -> None:
    """A drawing in a style sheet stays if it only draws, however it is written down."""
    for drawing, stays in ((PATH, True), (PATH.replace("<path", part + "<path"), False)):
        escaped = drawing.replace('"', r"\"")
        for address in (
            f'"data:image/svg+xml,{escaped}"',
            f'"data:image/svg+xml;utf8,{quote(drawing)}"',
            f"data:image/svg+xml,{quote(drawing)}",
            f"'DATA:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}'",
        ):
            css = f"a{{background:url({address}) 0 0}}"
            assert clean_css(css, STRICT) == (css if stays else "a{background:url() 0 0}")
    assert clean_css(f"a{{background:url({PNG})}}", STRICT) == f"a{{background:url({PNG})}}"


def test_pictures_inside_the_page_are_left_out() -> None:
    """A picture that is part of the recording may be one of words: it goes from attributes and inline styles."""
    style = f'background:url("{PNG}") 0;color:red'
    image: dict[str, Any] = {"src": PNG, "srcset": f"{PNG} 2x, /a.png 1x", "rr_dataURL": PNG, "style": style}
    page = snapshot(element(10, "img", **image), element(11, "video", poster=PNG), element(12, "a", style="Alice"))
    later = mutation(attributes=[change(10, **image), change(12, style={"background": f"url({PNG})", "top": "1px"})])
    run = Run(STRICT).feed(meta(), page, later)
    left = {"src": "", "srcset": "/a.png 1x", "style": "background:none 0;color:red"}
    assert shown(run, 10)["attributes"] == left
    assert [each["attributes"] for each in run.last["attributes"]] == [
        left,
        {"style": {"background": "none", "top": "1px"}},
    ]
    assert shown(run, 11)["attributes"] == {"poster": ""}
    assert shown(run, 12)["attributes"] == {"style": ""}
    assert shown(Run().feed(meta(), page), 10)["attributes"] == image


def test_style_sheets_of_scripts() -> None:
    """What scripts write into style sheets is held to the same."""
    css = '[title="Alice"]{content:"Alice"}'
    owner = snapshot(element(10, "style", words(11, "")))
    run = Run(STRICT).feed(meta(), owner, incremental(8, id=10, adds=[{"rule": css, "index": 0}], replaceSync=css))
    sheets = [{"styleId": 1, "rules": [{"rule": css, "index": 0}]}]
    run.feed(incremental(15, id=1, styleIds=[1], styles=sheets))
    assert "Alice" not in str(run.out)


@pytest.mark.parametrize("url", ["data:application/json,secret", "data:application/octet-stream,secret", "data:,x"])
def test_documents_inside_addresses(url: str) -> None:
    """A download whose content is written into its address goes under every policy; fonts stay."""
    font = "data:application/font-woff;base64,AA"
    for policy in (DEFAULT, STRICT):
        run = Run(policy).feed(meta(), snapshot(element(10, "a", href=url), element(11, "a", href=font)))
        assert shown(run, 10)["attributes"] == {"href": ""}
        assert shown(run, 11)["attributes"] == {"href": font}


def test_pointing_at_a_blocked_box() -> None:
    """A blocked element may be a PIN pad as a whole: where it is pointed at is told only where text is."""
    page = snapshot(element(10, "canvas", class_="rr-block"), element(11, "p"))
    moves = incremental(1, positions=[{"x": 1, "y": 1, "id": node_id, "timeOffset": 0} for node_id in (10, 11)])
    assert [each["id"] for each in Run(STRICT).feed(meta(), page, moves).last["positions"]] == [11]
    assert [each["id"] for each in Run().feed(meta(), page, moves).last["positions"]] == [10, 11]
