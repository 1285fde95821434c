"""A made-up recording with the proportions of a real one: a large page, then a person at work on it.

The same seed always gives the same events. The events are rrweb's, as `@rrweb/types` of rrweb 2.2 declares them.
"""

from __future__ import annotations

import random
from typing import Any

from schemas.rrweb import EventType, IncrementalSource, MouseInteraction, NodeType

Event = dict[str, Any]
Node = dict[str, Any]

# A shop's list page as one finds them: about 2800 nodes under 400 cards, and 1500 rules of CSS.
CARDS = 400
CSS_RULES = 1500
# Between two payloads a recorder gathers five seconds.
PAYLOAD_MS = 5000
START_MS = 1_700_000_000_000

# Frequent words repeat as in a real page, so that text compresses as there.
_TEXT = (
    "account add all and available back basket best blue by cart change colour cotton day delivery details discount "
    "every find for free from gift green has here home how in item its large last light list made more new next not "
    "now of off on only order our over page pay pick price product quick rating red return review sale save search "
    "see send ship shop show size small sort stock that the their this to top track try up us view want we when with"
)
_WORDS = _TEXT.split()


class Recording:
    """One page load: `payloads(n)` gives its first n payloads, each a list of events."""

    def __init__(self, seed: int) -> None:
        # Speed is measured, nothing is kept secret.
        self._random = random.Random(seed)
        self._last_id = 0
        self._now = START_MS
        self._elements: list[int] = []
        self._texts: list[int] = []
        self._inputs: list[int] = []
        self._added: list[tuple[int, int]] = []
        self._list = 0

    def payloads(self, count: int) -> list[list[Event]]:
        """The page, then `count - 1` times five seconds of work on it."""
        return [self._page(), *(self._work() for _ in range(count - 1))]

    def _page(self) -> list[Event]:
        document = self._document()
        meta = {"href": "https://shop.example.test/list?page=2", "width": 1440, "height": 900}
        snapshot = {"node": document, "initialOffset": {"left": 0, "top": 0}}
        return [self._event(EventType.META, meta), self._event(EventType.FULL_SNAPSHOT, snapshot)]

    def _work(self) -> list[Event]:
        """Ten half seconds: the pointer moves in each; now and then a click, a key, a scroll, and what they change."""
        events: list[Event] = []
        for _ in range(10):
            self._now += PAYLOAD_MS // 10
            events.append(self._moves())
            chance = self._random.random()
            if chance < 0.5:
                events.append(self._mutation())
            if chance < 0.2:
                events.append(self._click())
            elif chance < 0.4:
                events.append(self._typed())
            elif chance < 0.6:
                events.append(self._scrolled())
        return events

    def _document(self) -> Node:
        root = self._new_id()
        css = "".join(self._css_rule(number) for number in range(CSS_RULES))
        head = self._element("head", {}, [self._element("style", {"_cssText": css}, [])])
        cards = [self._card() for _ in range(CARDS)]
        products = self._element("main", {"class": "grid"}, cards)
        self._list = products["id"]
        search = self._element("input", {"type": "search", "name": "q", "placeholder": "Search"}, [])
        self._inputs.append(search["id"])
        body = self._element("body", {"class": "theme-light"}, [search, products])
        doctype = {"type": NodeType.DOCUMENT_TYPE, "name": "html", "publicId": "", "systemId": "", "id": self._new_id()}
        html = self._element("html", {"lang": "en"}, [head, body])
        return {"type": NodeType.DOCUMENT, "childNodes": [doctype, html], "id": root}

    def _card(self) -> Node:
        """Eight nodes, four of them elements."""
        number = self._random.randrange(10**6)
        image = {"src": f"https://img.example.test/p/{number}.webp", "alt": self._text(4), "loading": "lazy"}
        title = self._element("a", {"href": f"/p/{number}", "class": "card__title"}, [self._text_node(6)])
        price = self._element("span", {"class": "card__price", "data-sku": str(number)}, [self._text_node(2)])
        style = {"class": "card card--shadow", "style": f"order: {number % 97}; --accent: #{number:06x};"}
        return self._element("article", style, [self._element("img", image, []), title, self._text_node(12), price])

    def _css_rule(self, number: int) -> str:
        pixels = self._random.randrange(64)
        colour = self._random.randrange(16**6)
        return (
            f".{self._random.choice(_WORDS)}-{number} > .{self._random.choice(_WORDS)}:hover "
            f"{{ margin: {pixels}px auto; color: rgb(var(--c-{colour % 31})); background: #{colour:06x}; }}\n"
        )

    def _moves(self) -> Event:
        x, y = self._random.randrange(1440), self._random.randrange(900)
        positions = []
        for step in range(10):
            x, y = x + self._random.randrange(-40, 40), y + self._random.randrange(-30, 30)
            node = self._random.choice(self._elements)
            positions.append({"x": x, "y": y, "id": node, "timeOffset": (step - 10) * 50})
        return self._incremental(IncrementalSource.MOUSE_MOVE, {"positions": positions})

    def _mutation(self) -> Event:
        """New cards at the front of the list, an older one gone, some texts and attributes changed."""
        removes = [{"parentId": parent, "id": node} for parent, node in self._added[:1]]
        self._added = self._added[1:]
        adds: list[Event] = []
        elements, texts = len(self._elements), len(self._texts)
        for _ in range(self._random.randrange(1, 4)):
            self._flatten(self._list, self._card(), adds)
        # What comes may go again: later events speak only of nodes that stay.
        del self._elements[elements:], self._texts[texts:]
        changed = [{"id": self._random.choice(self._texts), "value": self._text(8)} for _ in range(3)]
        attributes = [
            {"id": self._random.choice(self._elements), "attributes": {"class": f"card is-{self._text(1)}"}}
            for _ in range(6)
        ]
        change = {"texts": changed, "attributes": attributes, "removes": removes, "adds": adds}
        return self._incremental(IncrementalSource.MUTATION, change)

    def _flatten(self, parent: int, node: Node, adds: list[Event]) -> None:
        """rrweb adds node by node, each with its parent, children in order."""
        children = node.get("childNodes", [])
        bare = {**node, "childNodes": []} if "childNodes" in node else node
        adds.append({"parentId": parent, "nextId": None, "node": bare})
        if parent == self._list:
            self._added.append((parent, node["id"]))
        for child in children:
            self._flatten(node["id"], child, adds)

    def _click(self) -> Event:
        place = {"type": MouseInteraction.CLICK, "id": self._random.choice(self._elements), "x": 12, "y": 7}
        return self._incremental(IncrementalSource.MOUSE_INTERACTION, place)

    def _typed(self) -> Event:
        typed = {"text": self._text(3), "isChecked": False, "id": self._random.choice(self._inputs)}
        return self._incremental(IncrementalSource.INPUT, typed)

    def _scrolled(self) -> Event:
        return self._incremental(IncrementalSource.SCROLL, {"id": 1, "x": 0, "y": self._random.randrange(9000)})

    def _incremental(self, source: IncrementalSource, data: Event) -> Event:
        return self._event(EventType.INCREMENTAL_SNAPSHOT, {"source": source, **data})

    def _event(self, kind: EventType, data: Event) -> Event:
        return {"type": kind, "data": data, "timestamp": self._now}

    def _element(self, tag: str, attributes: dict[str, str], children: list[Node]) -> Node:
        number = self._new_id()
        self._elements.append(number)
        return {
            "type": NodeType.ELEMENT,
            "tagName": tag,
            "attributes": attributes,
            "childNodes": children,
            "id": number,
        }

    def _text_node(self, words: int) -> Node:
        number = self._new_id()
        self._texts.append(number)
        return {"type": NodeType.TEXT, "textContent": self._text(words), "id": number}

    def _text(self, words: int) -> str:
        return " ".join(self._random.choices(_WORDS, k=words))

    def _new_id(self) -> int:
        self._last_id += 1
        return self._last_id
