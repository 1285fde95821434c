"""What style sheets and styles print of masked places is nowhere behind privacy, whichever event brings it."""

from __future__ import annotations

import secrets
from typing import Any

from tests.e2e.needles import found_in
from tests.e2e.payloads import BUTTON, Event, PageLoad, click, now_ms, page_start
from tests.e2e.reading import Reader, raw_query, wait_for
from tests.e2e.stack import Stack
from tests.e2e.topics import read

AFTER_PRIVACY = ("replay.redacted.v1", "replay.parts.v1", "replay.blocks.v1")
HOST, ITEM, FIELD = 200, 201, 202
# Each prints the word in it.
DECLARATIONS = (
    'content: "{}"',
    r'c\6fntent: "{}"',
    'quotes: "{}" "x"',
    'list-style: "{}" inside',
    'list-style-type: symbols(cyclic "{}")',
    'text-overflow: clip "{}"',
    'text-emphasis: "{}" red',
    '-webkit-text-emphasis-style: "{}"',
    'hyphenate-character: "{}"',
    '-webkit-line-clamp: 2 "{}"',
    '--label: "{}"',
)
AT_RULES = (
    '@counter-style a{{system:cyclic;symbols:"{}"}}',
    "@counter-style a{{system:cyclic;symbols:{} x}}",
    "@counter-style a{{additive-symbols:10 {}}}",
    '@counter-style a{{prefix:{};suffix:"."}}',
    "@counter-style a{{negative:{}}}",
    "@counter-style a{{pad:3 {}}}",
    '@property --a{{syntax:"<string>";inherits:false;initial-value:"{}"}}',
    'li{{background:url("data:image/svg+xml,<svg><text>{}</text></svg>")}}',
    'li{{background:image-set("data:image/svg+xml,<svg><title>{}</title></svg>" 1x)}}',
    'li[title="{}"]{{color:red}}',
)


class _Needles(dict[str, str]):
    """Random words by where they were put."""

    def new(self, place: str) -> str:
        self[place] = f"Robin-{secrets.token_hex(8)}"
        return self[place]


def _incremental(source: int, **data: Any) -> Event:
    return {"type": 3, "data": {"source": source, **data}, "timestamp": now_ms()}


def _rules(needles: _Needles, event: str) -> list[str]:
    rules = [f"li{{{each.format(needles.new(f'{event}: {each}'))}}}" for each in DECLARATIONS]
    return rules + [each.format(needles.new(f"{event}: {each}")) for each in AT_RULES]


def _element(node_id: int, tag: str, **attributes: Any) -> Event:
    return {"type": 2, "tagName": tag, "attributes": attributes, "childNodes": [], "id": node_id}


def _events(hidden: _Needles, shown: _Needles) -> list[Event]:
    start = page_start()
    style = "; ".join(each.format(hidden.new(f"style: {each}")) for each in DECLARATIONS)
    slider = f"width: 10px; --value: {hidden.new('field')}"
    page = start[1]["data"]["node"]["childNodes"][0]["childNodes"][1]["childNodes"]
    page += [
        {**_element(HOST, "x-card", **{"class": "rr-mask"}), "isShadowHost": True},
        _element(ITEM, "li", **{"class": "rr-mask", "style": style}),
        _element(FIELD, "input", type="password", style=slider),
    ]
    adopted = [{"rule": each, "index": index} for index, each in enumerate(_rules(hidden, "adopted"))]
    open_rule = f'li{{content:"{shown.new("open sheet")}"}}'
    changes = {
        "--label": f'"{hidden.new("changed style")}"',
        "list-style-type": [f'"{hidden.new("pair")}"', "important"],
    }
    declaration = {"property": "content", "value": f'"{hidden.new("declaration")}"', "priority": ""}
    return [
        *start,
        _incremental(15, id=HOST, styleIds=[1], styles=[{"styleId": 1, "rules": adopted}]),
        _incremental(15, id=1, styleIds=[2], styles=[{"styleId": 2, "rules": [{"rule": open_rule, "index": 0}]}]),
        _incremental(8, styleId=1, adds=[{"rule": each, "index": 0} for each in _rules(hidden, "added")]),
        _incremental(8, styleId=1, replace="\n".join(_rules(hidden, "replaced"))),
        _incremental(8, styleId=1, replaceSync="\n".join(_rules(hidden, "replaced at once"))),
        _incremental(13, styleId=1, index=[0], set=declaration),
        _incremental(0, adds=[], removes=[], texts=[], attributes=[{"id": ITEM, "attributes": {"style": changes}}]),
        _incremental(
            0,
            adds=[],
            removes=[],
            texts=[],
            attributes=[{"id": FIELD, "attributes": {"style": {"--value": hidden.new("changed field")}}}],
        ),
        click(BUTTON, 7),
    ]


def test_words_that_styles_print_end_at_privacy(stack: Stack, demo: Reader) -> None:
    """Of a masked host's sheets, a masked element's style and a masked field's properties no word is stored."""
    hidden, shown = _Needles(), _Needles()
    load = PageLoad(stack.gateway)
    load.send(_events(hidden, shown))
    events = wait_for("the last click", lambda: demo.events(load.session) if demo.marks(load.session) else None)
    kinds = [event["data"].get("source") for event in events if event["type"] == 3]
    assert kinds == [15, 15, 8, 8, 8, 13, 0, 0, 2]
    assert not found_in(repr(events).encode(), hidden)
    assert found_in(repr(events).encode(), shown) == set(shown)
    for topic in AFTER_PRIVACY:
        values = b"".join(message.value for message in read(stack.brokers, [topic]) if load.session in message.key)
        assert found_in(values, hidden | shown) == set(shown), topic
    stored = raw_query(stack, f"SELECT * FROM blocks WHERE session_id = '{load.session}' FORMAT RowBinary")
    assert found_in(stored, hidden | shown) == set(shown)
