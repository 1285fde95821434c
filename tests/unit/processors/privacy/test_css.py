"""Addresses and words in CSS."""

from __future__ import annotations

import pytest

from processors.privacy.css import strip_css
from processors.privacy.css_shown import mask_css
from processors.privacy.urls import Addresses
from schemas.policy import BALANCED
from schemas.policy_parts import Urls

ADDRESSES = Addresses(BALANCED.urls, words=False)
INLINE = "data:image/svg+xml;utf8,<svg fill='url(#a)'/>"


@pytest.mark.parametrize(
    ("css", "stripped"),
    [
        ("a{b:url(x.png?t=1)}", "a{b:url(x.png)}"),
        ("a{b:url( 'x.png?t=1' )}", "a{b:url( 'x.png' )}"),
        ('a{b:UrL("x.png?t=1")}', 'a{b:UrL("x.png")}'),
        ("a{b:u\\72 l(x.png?t=1)}", "a{b:url(x.png)}"),
        ("a{b:\\75 \\000072 \\4C (x.png?t=1)}", "a{b:url(x.png)}"),
        ("a{b:ur\\l(x.png?t=1)}", "a{b:url(x.png)}"),
        ('a{b:"\\66oo" url(x.png?t=1)}', 'a{b:"\\66oo" url(x.png)}'),
        ("a{b:url('url(x?t=1)?u=2') -webkit-image-SET('y?t' 1x)}", "a{b:url('url(x') -webkit-image-SET('y' 1x)}"),
        ("a{b:url(x.png\\3ft=1)}", "a{b:url()}"),
        ("a{b:url(x.png?t=1", "a{b:url(x.png"),
        ("a{b:url('x.png?t=1", "a{b:url('x.png"),
        ("a{b:url('x)y.png?t=)')}", "a{b:url('x)y.png')}"),
        ("a{b:url(#c) url(d?e)}", "a{b:url(#c) url(d)}"),
        (f'a{{b:url("{INLINE}")}}', f'a{{b:url("{INLINE}")}}'),
        ("@import 'x.css?t=1' screen;", "@import 'x.css' screen;"),
        ("@IMPORT url(x.css?t=1);", "@IMPORT url(x.css);"),
        ("a{b:image-set('x?t=1 1x)}", "a{b:image-set('x"),
        ('a{b:src("x?t=1\n)}', 'a{b:src("x\n)}'),
        ("a{b:image-set('x?t=1' 1x, url(y?t) 2x)}", "a{b:image-set('x' 1x, url(y) 2x)}"),
        (
            "a{b:image-set('data:image/png;base64,AA?' 1x, 'y?t' 2x)}",
            "a{b:image-set('data:image/png;base64,AA?' 1x, 'y' 2x)}",
        ),
        ("@import/* x */'x.css?t=1';", "@import/* x */'x.css';"),
        ("a{b:src('x?t=1')}", "a{b:src('x')}"),
        ("a{}/*# sourceMappingURL=x.map?t=1 */", "a{}/*# sourceMappingURL= */"),
        ("a{b:url(data:application/json,t)}", "a{b:url()}"),
        ("a{src:url(data:application/x-font-woff,t)}", "a{src:url(data:application/x-font-woff,t)}"),
        ("a{b:blurl;c:'?'}", "a{b:blurl;c:'?'}"),
    ],
)
def test_addresses_in_css(css: str, stripped: str) -> None:
    """Every address is cut, however it is written; the rest stays, and a second time nothing changes."""
    assert strip_css(css, ADDRESSES) == stripped
    assert strip_css(stripped, ADDRESSES) == stripped


def test_hidden_segments_begin_no_comment() -> None:
    """Without quotes around it an address with a hidden segment would be read as the start of a comment."""
    addresses = Addresses(Urls(path_segments=("[0-9]{3,}",)), words=False)
    stripped = "@font-face{src:url(\"/***\") format('x'),url('/***')}"
    assert strip_css("@font-face{src:url(/4711) format('x'),url('/4711')}", addresses) == stripped
    assert strip_css(stripped, addresses) == stripped


@pytest.mark.parametrize(
    ("css", "masked"),
    [
        ('a::before{content:"Al ice"}', 'a::before{content:"** ***"}'),
        ("a{color:red;content:\"a;Alice}\" attr(x) 'b'}", "a{color:red;content:\"********\" attr(x) '*'}"),
        ("a{/* Alice's */content/**/:'Alice'}", "a{content:'*****'}"),
        ("/* it's */ a{--b:'c'} /* rr_split */ d{}", " a{--b:'*'} /* rr_split */ d{}"),
        (r'a{content:"\41 lice"}', 'a{content:"*****"}'),
        (r'a{content:"\e001"}', r'a{content:"\e001"}'),
        ('a{content:"\u00b7"}', 'a{content:"\u00b7"}'),
        ('a{font-family:"Alice"}', 'a{font-family:"Alice"}'),
        ('a{content:"Alice', 'a{content:"*****"'),
        ('a{b:url(/x/***) d} c{content:"Alice"}', 'a{b:url(/x/***) d} c{content:"*****"}'),
        ('a{content:url(data:image/png;base64,AA) "Alice"}', 'a{content:url(data:image/png;base64,AA) "*****"}'),
    ],
)
def test_words_in_css(css: str, masked: str) -> None:
    """Strings the page shows are starred and comments go; icons, signs and names of fonts stay."""
    assert mask_css(css) == masked
    assert mask_css(masked) == masked
