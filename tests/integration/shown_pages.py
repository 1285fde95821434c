"""Recordings written by hand, one for each thing that a player has to show rightly. Times are ms after `START`."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

Json = dict[str, Any]

START = 1_780_000_000_000


def png(red: int, green: int, blue: int, side: int = 8) -> str:
    """A square of one colour as base64."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((red, green, blue)) * side for _ in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode()


def element(number: int, tag: str, attributes: Json | None = None, *children: Json, **more: Any) -> Json:
    """An element."""
    return {"type": 2, "id": number, "tagName": tag, "attributes": attributes or {}, "childNodes": [*children], **more}


def text(number: int, content: str) -> Json:
    """A text node."""
    return {"type": 3, "id": number, "textContent": content}


def page(
    at: int, href: str, *body: Json, head: tuple[Json, ...] = (), size: tuple[int, int] = (800, 600)
) -> list[Json]:
    """Meta and, 5 ms later, the snapshot of a page. Ids below 10 are taken."""
    html = element(3, "html", {}, element(4, "head", {}, *head), element(5, "body", {"style": "margin:0"}, *body))
    kind = {"type": 1, "id": 2, "name": "html", "publicId": "", "systemId": ""}
    node = {"type": 0, "id": 1, "childNodes": [kind, html]}
    return [
        event(at, 4, {"href": href, "width": 800, "height": 600}),
        event(at + 5, 2, {"node": node, "initialOffset": {"top": 0, "left": 0}}),
    ]


def event(at: int, kind: int, data: Json) -> Json:
    """Any event."""
    return {"type": kind, "data": data, "timestamp": START + at}


def changed(at: int, source: int, **data: Any) -> Json:
    """An incremental event."""
    return event(at, 3, {"source": source, **data})


def mutation(at: int, **parts: list[Json]) -> Json:
    """A change of the page."""
    return changed(at, 0, **{"adds": [], "removes": [], "texts": [], "attributes": [], **parts})


def click(at: int, number: int = 5) -> Json:
    """A click."""
    return changed(at, 2, type=2, id=number, x=5, y=5)


def custom(at: int, tag: str, **payload: Any) -> Json:
    """An event of the recorder's own."""
    return event(at, 5, {"tag": f"reelstream.{tag}", "payload": payload})


def titled(at: int, href: str, words: str) -> list[Json]:
    """A page with a heading."""
    return page(at, href, element(10, "h1", {}, text(11, words)))


def tabs() -> dict[int, list[Json]]:
    """A first tab that was left before its snapshot, and two others looked at in turns."""
    return {
        1: [event(0, 0, {}), event(50, 1, {})],
        2: [
            *titled(1000, "https://shop.example/list", "LIST"),
            click(2000),
            custom(3900, "visibility", visible=False),
            mutation(5000, texts=[{"id": 11, "value": "LIST CHANGED UNSEEN"}]),
            custom(8000, "visibility", visible=True),
            click(9000),
        ],
        3: [
            *titled(4000, "https://shop.example/item", "ITEM"),
            click(5000),
            custom(7990, "visibility", visible=False),
            *titled(8500, "https://shop.example/item2", "ITEM2"),
            changed(8600, 3, id=1, x=0, y=0),
            changed(12000, 3, id=1, x=0, y=0),
        ],
    }


_STYLE = """
:not(:defined) { visibility: hidden } x-late { display: block; height: 20px; background: rgb(0, 150, 0) }
@media (prefers-color-scheme: dark) { body { background: rgb(9, 9, 9) } }
#bitmap { border: 2px solid rgb(0, 0, 200) } .far { background: url(https://cdn.example/far.png) }
"""


def shown() -> list[Json]:
    """One page with everything that needs help to be shown, or a word where it cannot be."""
    bitmap = {"rr_type": "Blob", "data": [{"rr_type": "ArrayBuffer", "base64": png(0, 0, 200)}], "type": "image/png"}
    sheet = {"styleId": 7, "rules": [{"rule": "b { color: rgb(0, 0, 200) }", "index": 0}]}
    far = "https://cdn.example/"
    head = (
        element(20, "style", {"_cssText": _STYLE}),
        element(21, "link", {"rel": "stylesheet", "href": f"{far}site.css"}),
    )
    box = {"width": "100", "height": "40", "style": "display:block"}
    body = [
        element(30, "img", {"id": "picture", "src": f"{far}p.png", "alt": "shoe", **box}),
        element(31, "canvas", {"id": "unknown", **box}, text(32, "fallback")),
        element(33, "canvas", {"id": "drawn", **box}),
        element(34, "canvas", {"id": "bitmap", **box}),
        element(35, "canvas", {"id": "first", "rr_dataURL": f"data:image/png;base64,{png(200, 0, 0)}", **box}),
        element(36, "iframe", {"id": "frame", "rr_src": f"{far}pay", **box}),
        element(
            37,
            "svg",
            {"id": "sprite", **box},
            element(38, "use", {"href": f"{far}icons.svg#x"}, isSVG=True),
            isSVG=True,
        ),
        element(
            39,
            "svg",
            {"id": "local", **box},
            element(
                40,
                "symbol",
                {"id": "tick"},
                element(41, "rect", {"width": "99", "height": "40", "fill": "rgb(0,150,0)"}, isSVG=True),
                isSVG=True,
            ),
            element(42, "use", {"href": "https://shop.example/shown#tick"}, isSVG=True),
            isSVG=True,
        ),
        element(43, "x-late", {"id": "late"}, text(44, "late")),
        element(45, "video", {"id": "video", "src": f"{far}v.mp4", **box}),
        element(46, "x-host", {"id": "host"}, isCustom=True),
        element(47, "div", {"id": "popover", "popover": "auto"}, text(48, "popover")),
        element(49, "div", {"id": "full"}, text(50, "full")),
        element(51, "p", {"id": "end"}, text(52, "end")),
    ]
    draw = [
        {"property": "fillStyle", "args": ["rgb(200, 0, 0)"], "setter": True},
        {"property": "fillRect", "args": [0, 0, 100, 40]},
        {"property": "drawImage", "args": [{"rr_type": "HTMLImageElement", "src": f"{far}spy.png"}, 0, 0]},
        {"property": "constructor", "args": ["alert(1)"]},
    ]
    adopted = [
        {"parentId": 46, "nextId": None, "node": element(60, "b", {"id": "inner"}, isShadow=True)},
        {"parentId": 60, "nextId": None, "node": text(61, "inner")},
    ]
    return [
        *page(0, "https://shop.example/shown", *body, head=head),
        changed(500, 15, id=46, styleIds=[7], styles=[sheet]),
        mutation(600, adds=adopted),
        changed(1000, 9, id=33, type=0, commands=draw),
        changed(1100, 9, id=34, type=0, commands=[{"property": "drawImage", "args": [bitmap, 0, 0, 100, 40]}]),
        mutation(1200, attributes=[{"id": 33, "attributes": {"style": "display:block;opacity:1"}}]),
        changed(2000, 16, define={"name": "x-late"}),
        custom(3000, "top_layer", id=47, kind="popover", open=True),
        click(4000),
        custom(5000, "top_layer", id=47, kind="popover", open=False),
        custom(5500, "top_layer", id=49, kind="fullscreen", open=True),
        custom(6500, "top_layer", id=49, kind="fullscreen", open=False),
        click(7000),
    ]


def grounds() -> list[Json]:
    """A page without a background, then one that asks for a dark one."""
    dark = element(20, "style", {"_cssText": ":root { color-scheme: dark }"})
    either = element(20, "meta", {"name": "color-scheme", "content": "dark light"})
    return [
        *page(0, "https://shop.example/plain", text(10, "plain")),
        click(1000),
        *page(2000, "https://shop.example/dark", text(10, "dark"), head=(dark,)),
        click(3000),
        *page(4000, "https://shop.example/either", text(10, "either"), head=(either,)),
        click(5000),
    ]


def quiet() -> list[Json]:
    """An hour in which nobody does anything, and things that were not recorded."""
    return [
        *titled(0, "https://shop.example/quiet", "QUIET"),
        click(1000),
        custom(60_000, "not_recorded", reason="too_busy", count=3),
        mutation(1_800_000, texts=[{"id": 11, "value": "CHANGED"}]),
        event(1_800_500, 6, {"plugin": "rrweb/console@1", "payload": {"level": "error", "trace": [], "payload": []}}),
        click(3_600_000),
        custom(3_600_500, "missing", first_seq=4, last_seq=5, parts=1, found=0),
        click(3_601_000),
    ]
