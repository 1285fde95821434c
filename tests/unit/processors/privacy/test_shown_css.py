"""Whatever in CSS can put words on the screen shows none where text is masked."""

from __future__ import annotations

import pytest

from processors.privacy.css_shown import mask_css
from processors.privacy.texts import clean_css
from tests.unit.processors.privacy.pages import (
    AS_TYPED,
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
)

STRICT = policy_of("strict")
DRAWING = "data:image/svg+xml,<svg><text>secret</text></svg>"
ODD_DRAWING = DRAWING.replace("svg+", "s\\76g+")

# Each of them prints "secret" somewhere.
DECLARATIONS = [
    'content: "secret"',
    'CONTENT:"secret"',
    r'c\6fntent: "secret"',
    r'\63 ontent: "secret"',
    'content/* x */: "a" attr(x) / "secret"',
    "quotes: '\"' 'secret'",
    'list-style: "secret" inside',
    'list-style-type: "secret"',
    "list-style-type:symbols(cyclic 'secret')",
    'text-overflow: clip "secret"',
    'text-emphasis: "secret" red',
    'text-emphasis-style: "secret"',
    '-webkit-text-emphasis: "secret"',
    '-webkit-text-emphasis-style: "secret"',
    '-epub-text-emphasis-style: "secret"',
    'hyphenate-character: "secret"',
    '-webkit-hyphenate-character: "secret"',
    'block-ellipsis: "secret"',
    'line-clamp: 2 "secret"',
    'string-set: title "secret"',
    '--x: "secret"',
    r'\2d-x: "secret"',
    '--\u00e9: "secret"',
]
RULES = [
    *(f"li::before{{color: red; {each}}}" for each in DECLARATIONS),
    *(f"li{{{each}" for each in DECLARATIONS),
    *(f"@media print{{li{{color:red;&::after{{{each}}}}}}}" for each in DECLARATIONS),
    '@counter-style a{system:cyclic;symbols:"secret" "x";suffix:" "}',
    "@counter-style a{system:cyclic;symbols:secret secret}",
    r"@counter-style a{s\79mbols:secret}",
    "@counter-style a{additive-symbols:10 secret, 1 'secret'}",
    "@counter-style a{prefix:secret}",
    r"@c\6funter-style a{prefix:secret}",
    '@counter-style a{suffix:"secret"}',
    'a{} @counter-style a{negative:"(" secret}',
    "@counter-style a{pad:3 secret}",
    '@property --a{syntax:"<string>";inherits:false;initial-value:"secret"}',
    "@page{@top-left{content:'secret'}}",
    f'a{{background:url("{DRAWING}")}}',
    f'a{{background:url(" {DRAWING}")}}',
    f"a{{background:url('{ODD_DRAWING}')}}",
    f"a{{background:url({DRAWING.replace(' ', '%20')})}}",
    f'a{{background:image-set("{DRAWING}" 1x)}}',
    rf'a{{background:image-s\65t("{DRAWING}" 1x)}}',
    f'a{{background:-webkit-image-set("{DRAWING}" 1x)}}',
    f"a{{list-style:url('{DRAWING}')}}",
    "a[title='secret']{color:red}",
    "@import url(\"data:text/css,li::after{content:'secret'}\");",
]


@pytest.mark.parametrize("rule", RULES)
def test_style_sheets_print_no_words(rule: str) -> None:
    """In a page whose text is masked, and in every sheet a masked host adopts, whichever event brings it."""
    assert "secret" not in clean_css(rule, STRICT)
    assert clean_css(clean_css(rule, STRICT), STRICT) == clean_css(rule, STRICT)
    assert "secret" in clean_css(rule, DEFAULT)
    sheet = {"styleId": 1, "rules": [{"rule": rule, "index": 0}]}
    for host in (element(10, "x-card", class_="rr-mask"), element(10, "x-card")):
        run = Run().feed(meta(), snapshot(host), incremental(15, id=10, styleIds=[1], styles=[sheet]))
        run.feed(incremental(8, styleId=1, adds=[{"rule": rule, "index": 1}], replace=rule, replaceSync=rule))
        is_masked = "class" in host["attributes"]
        assert [("secret" in str(event)) for event in run.out[2:]] == [not is_masked] * 2
        assert run.dropped == []


@pytest.mark.parametrize("declaration", DECLARATIONS)
def test_styles_of_elements_print_no_words(declaration: str) -> None:
    """In the `style` of a masked element, when it comes and when it changes, by text and by property."""
    masked = element(10, "li", class_="rr-mask", style=f"color: red; {declaration}")
    run = Run().feed(meta(), snapshot(masked), mutation(attributes=[change(10, style=declaration)]))
    name, _, value = declaration.partition(":")
    run.feed(mutation(attributes=[change(10, style={name: value, "color": "red"})]))
    run.feed(mutation(attributes=[change(10, style={name: [value, "important"], "color": "red"})]))
    assert len(run.out) == 5
    assert "secret" not in str(run.out)
    assert "secret" not in str(Run(STRICT).feed(meta(), snapshot({**masked, "attributes": {"style": declaration}})).out)


@pytest.mark.parametrize("property_", ["content", "list-style-type", "hyphenate-character", "--x", "symbols", "quotes"])
def test_declarations_of_a_masked_sheet_print_no_words(property_: str) -> None:
    """A property set in a rule of a sheet that a masked host adopted."""
    host = element(10, "x-card", class_="rr-mask")
    sheet = {"styleId": 1, "rules": [{"rule": "a{}", "index": 0}]}
    run = Run().feed(meta(), snapshot(host), incremental(15, id=10, styleIds=[1], styles=[sheet]))
    run.feed(incremental(13, styleId=1, index=[0], set={"property": property_, "value": '"secret"', "priority": ""}))
    assert run.last["set"]["value"] == '"******"'


@pytest.mark.parametrize("given", [{"type": "password"}, {"class": "rr-ignore"}, {"autocomplete": "cc-number"}])
@pytest.mark.parametrize("value", ["42", "'secret'", "secret", "calc(42 * 1%)"])
def test_custom_properties_of_a_masked_field(given: dict[str, str], value: str) -> None:
    """A field that is masked does not tell its value in a custom property; another field and its layout stay."""
    field = {**element(10, "input"), "attributes": {**given, "style": f"width: 10px; --value: {value}; color: red"}}
    run = Run().feed(meta(), snapshot(field))
    assert shown(run, 10)["attributes"]["style"] == "width: 10px; --value:; color: red"
    run.feed(mutation(attributes=[change(10, style={"--value": value, "width": "10px"})]))
    assert run.last["attributes"][0]["attributes"]["style"] == {"--value": "", "width": "10px"}
    open_ = {**field, "attributes": {"style": f"--value: {value}"}}
    assert shown(Run(AS_TYPED).feed(meta(), snapshot(open_)), 10)["attributes"]["style"] == f"--value: {value}"


def test_custom_properties_of_a_masked_element() -> None:
    """What a masked element hands to style sheets without quotes are measures and keywords, and no words."""
    style = "--name: Alice; --size: 10px; --c: #fff"
    masked = element(10, "p", class_="rr-mask", style=style)
    run = Run().feed(meta(), snapshot(masked))
    assert shown(run, 10)["attributes"]["style"] == "--name: *****; --size: 10px; --c: #fff"
    run.feed(mutation(attributes=[change(10, style={"--name": "Alice", "--size": "10px"})]))
    assert run.last["attributes"][0]["attributes"]["style"] == {"--name": "*****", "--size": "10px"}


def test_a_masked_link_to_a_sheet_within_the_page() -> None:
    """A link in a masked element keeps the address of its style sheet, but not a sheet that is the address itself."""
    link = element(10, "link", rel="stylesheet", href=" Data:text/css,li::after{content:'secret'}")
    run = Run().feed(meta(), snapshot(element(9, "div", link, class_="rr-mask")))
    assert shown(run, 10)["attributes"]["href"] == ""


@pytest.mark.parametrize(
    ("css", "masked"),
    [
        (
            "@counter-style a{symbols:A 'B' \u2022;suffix:\") \"}",
            '@counter-style a{symbols:"*" \'*\' \u2022;suffix:") "}',
        ),
        ("@counter-style a{additive-symbols:10 X, 1 I}", '@counter-style a{additive-symbols:10 "*", 1 "*"}'),
        ("@counter-style a{pad:3 '0';range:1 3}", "@counter-style a{pad:3 '*';range:1 3}"),
        ("a{list-style:square inside}", "a{list-style:square inside}"),
        ("a{grid-template-areas:'head head'}", "a{grid-template-areas:'head head'}"),
        ("a{font:1em 'Alice'}", "a{font:1em 'Alice'}"),
        ("@property --a{syntax:'<color>';initial-value:red}", "@property --a{syntax:'<color>';initial-value:red}"),
        ("a{text-overflow:'\u2026'}", "a{text-overflow:'\u2026'}"),
        ("a{x:y//**/*;content:'Alice'}", "a{x:y/ *;content:'*****'}"),
    ],
)
def test_what_is_no_word_stays(css: str, masked: str) -> None:
    """Signs, icons, layout and fonts stay as they are."""
    assert mask_css(css) == masked
    assert mask_css(masked) == masked
