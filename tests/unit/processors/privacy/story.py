"""A recording written to be nasty: every way a secret can travel, each planted with the canary."""

from __future__ import annotations

from typing import Any

from tests.unit.processors.privacy.pages import (
    BODY,
    add,
    change,
    document,
    element,
    incremental,
    meta,
    mutation,
    remove,
    snapshot,
    words,
)

Json = dict[str, Any]
CANARY = "SECRET-4711"
FRAME, SHADOW_HOST, BLOCKED_FRAME = 60, 40, 70


def _blocked_part() -> list[Json]:
    shadow = element(42, "p", words(43, CANARY)) | {"isShadow": True}
    return [
        element(10, "div", element(11, "b", words(12, CANARY), title=CANARY), class_="x rr-block", title=CANARY),
        element(SHADOW_HOST, "x-card", shadow, class_="rr-block", data_name=CANARY) | {"isShadowHost": True},
        element(BLOCKED_FRAME, "iframe", class_="rr-block", srcdoc=CANARY),
        element(14, "canvas", class_="rr-block", rr_dataURL="data:image/png;base64," + CANARY),
    ]


def _masked_part() -> list[Json]:
    shadow = element(23, "p", words(24, CANARY)) | {"isShadow": True}
    return [
        element(20, "div", words(21, CANARY), class_="rr-mask", title=CANARY, data_name=CANARY, aria_label=CANARY),
        element(22, "x-card", shadow, class_="rr-mask") | {"isShadowHost": True},
        element(
            25,
            "div",
            element(26, "img", src="https://a.example/" + CANARY, srcset=CANARY + " 2x", alt=CANARY),
            element(27, "textarea", words(28, CANARY), value=CANARY, placeholder=CANARY),
            element(29, "select", element(30, "option", words(31, CANARY), value=CANARY, selected=True), value=CANARY),
            element(32, "canvas", rr_dataURL="data:image/png;base64," + CANARY),
            element(33, "style", words(34, f"a:after{{content:'{CANARY}'}}"), _cssText=f"a{{content:'{CANARY}'}}"),
            element(35, "p", style=f"background:url(https://a.example/{CANARY})"),
            element(36, "input", type="button", value=CANARY),
            element(37, "input", type="number", value=CANARY),
            class_="rr-mask",
        ),
    ]


def _fields() -> list[Json]:
    return [
        element(50, "input", type="password", value=CANARY),
        element(51, "input", type="text", value=CANARY, data_rr_is_password="true"),
        element(52, "input", type="text", value=CANARY, autocomplete="section-a cc-number"),
        element(53, "input", type="text", value=CANARY, class_="rr-ignore"),
        element(54, "input", type="hidden", value=CANARY),
        element(55, "textarea", words(56, CANARY), autocomplete="one-time-code"),
        element(57, "input", type="text", value="plain"),
    ]


def _always() -> list[Json]:
    return [
        element(FRAME, "iframe", srcdoc=f"<p>{CANARY}</p>"),
        element(61, "a", href=f"https://u:{CANARY}@a.example/p?q={CANARY}#{CANARY}", onclick=CANARY),
        {"type": 5, "textContent": CANARY, "id": 62},
        element(63, "noscript", words(64, CANARY)),
        element(65, "meta", name="csrf-token", content=CANARY),
        element(66, "script", words(67, CANARY), nonce=CANARY),
        element(68, "ul", class_="list"),
        element(69, "object", data=f"data:text/html,{CANARY}"),
    ]


def _first_page() -> list[Json]:
    return [
        {"type": 0, "data": {"x": CANARY}, "timestamp": 1},
        incremental(5, at=2, id=50, text=CANARY, isChecked=False),
        {"type": 5, "data": {"tag": "early", "payload": CANARY}, "timestamp": 3},
        meta(f"https://u:{CANARY}@site.example/?token={CANARY}#{CANARY}"),
        snapshot(*_blocked_part(), *_masked_part(), *_fields(), *_always()),
        {"type": 1, "data": CANARY, "timestamp": 101},
    ]


def _inside_blocked() -> list[Json]:
    return [
        mutation(adds=[add(10, element(80, "p")), add(80, words(81, CANARY))]),
        mutation(adds=[add(SHADOW_HOST, words(82, CANARY) | {"isShadow": True})]),
        mutation(adds=[add(BLOCKED_FRAME, document(300, words(304, CANARY)))], isAttachIframe=True),
        mutation(texts=[{"id": 12, "value": CANARY}, {"id": 43, "value": CANARY}]),
        mutation(attributes=[change(11, title=CANARY), change(10, title=CANARY, style=CANARY)]),
        incremental(5, id=11, text=CANARY, isChecked=False),
        incremental(9, id=14, type=0, property="fillText", args=[CANARY]),
        incremental(1, positions=[{"x": 1, "y": 1, "id": 11, "timeOffset": 0}]),
        incremental(14, ranges=[{"start": 12, "startOffset": 0, "end": 12, "endOffset": 3}]),
        incremental(8, id=12, adds=[{"rule": CANARY}]),
        incremental(15, id=12, styleIds=[7], styles=[{"styleId": 7, "rules": [{"rule": CANARY}]}]),
        incremental(8, styleId=7, adds=[{"rule": CANARY}]),
    ]


def _inside_masked() -> list[Json]:
    return [
        mutation(adds=[add(20, element(83, "p", title=CANARY)), add(83, words(84, CANARY))]),
        mutation(texts=[{"id": 21, "value": CANARY}, {"id": 24, "value": CANARY}, {"id": 28, "value": CANARY}]),
        mutation(attributes=[change(26, src=CANARY, alt=CANARY), change(30, value=CANARY), change(20, title=CANARY)]),
        mutation(attributes=[change(35, style={"background": f"url({CANARY})", "color": [f"url({CANARY})", ""]})]),
        incremental(5, id=27, text=CANARY, isChecked=False),
        incremental(9, id=32, type=0, commands=[{"property": "fillText", "args": [CANARY]}]),
        incremental(8, id=33, adds=[{"rule": CANARY, "index": 0}]),
    ]


def _typed() -> list[Json]:
    typed = [incremental(5, id=field, text=CANARY, isChecked=False) for field in (50, 51, 52, 53, 54, 55)]
    return [
        *typed,
        incremental(5, id=50, text=CANARY + "x", isChecked=False),
        mutation(attributes=[change(50, type="text", value=CANARY)]),
        incremental(5, id=50, text=CANARY + "y", isChecked=False),
        mutation(attributes=[change(57, type="password")]),
        mutation(attributes=[change(57, type="text", value=CANARY)]),
        incremental(5, id=57, text=CANARY, isChecked=False),
        mutation(removes=[remove(BODY, 57)]),
        mutation(adds=[add(BODY, element(57, "input", type="text", value=CANARY))]),
        mutation(texts=[{"id": 62, "value": CANARY}, {"id": 64, "value": CANARY}]),
        mutation(attributes=[change(61, href=f"/p?{CANARY}", onfocus=CANARY), change(65, content=CANARY)]),
    ]


def _late_and_moved() -> list[Json]:
    item = [add(68, element(90, "li")), add(90, words(91, "open"))]
    moved = [add(10, element(90, "li", title=CANARY)), add(90, words(91, CANARY))]
    back = [add(68, element(90, "li")), add(90, words(91, "open again"))]
    return [
        mutation(adds=item),
        mutation(removes=[remove(68, 90)], adds=moved),
        mutation(texts=[{"id": 91, "value": CANARY}]),
        mutation(removes=[remove(10, 90)], adds=back),
        mutation(adds=moved),
        mutation(adds=back),
        # The class arrives together with what it hides, and after it on the wire.
        mutation(
            adds=[add(68, element(92, "li", title=CANARY)), add(92, words(93, CANARY))],
            texts=[{"id": 91, "value": CANARY}],
            attributes=[change(68, class_="list rr-block")],
        ),
        mutation(adds=[add(68, words(94, CANARY))], texts=[{"id": 91, "value": CANARY}]),
        mutation(attributes=[change(68, class_="list")]),
        mutation(adds=[add(68, words(95, CANARY))]),
        # Unmasking counts from the next event on.
        mutation(texts=[{"id": 21, "value": CANARY}], attributes=[change(20, class_="", title=CANARY)]),
        mutation(texts=[{"id": 21, "value": "now open"}]),
    ]


def _frames() -> list[Json]:
    inner = document(
        400,
        element(404, "div", words(405, CANARY), class_="rr-block"),
        element(406, "p", words(407, CANARY), class_="rr-mask"),
        element(408, "input", type="password", value=CANARY),
    )
    masked_frame = mutation(adds=[add(20, element(96, "iframe")), add(BODY, element(97, "div"))])
    return [
        mutation(adds=[add(FRAME, inner)], isAttachIframe=True),
        mutation(adds=[add(404, words(410, CANARY)), add(406, words(411, CANARY))]),
        mutation(texts=[{"id": 405, "value": CANARY}, {"id": 407, "value": CANARY}]),
        incremental(5, id=408, text=CANARY, isChecked=False),
        mutation(attributes=[change(20, class_="rr-mask")]),
        masked_frame,
        mutation(adds=[add(96, document(500, words(504, CANARY)))], isAttachIframe=True),
        mutation(texts=[{"id": 504, "value": CANARY}]),
        mutation(adds=[add(97, document(600, words(604, CANARY)))]),
    ]


def _refused() -> list[Json]:
    return [
        {"type": 6, "data": {"plugin": "rrweb/console@1", "payload": {"level": "error", "payload": [CANARY]}}},
        {"type": 6, "data": {"plugin": "rrweb/network@1", "payload": {"requests": [CANARY]}}, "timestamp": 200},
        incremental(11, level="error", payload=[CANARY], trace=[]),
        {"type": 7, "data": {"url": CANARY}, "timestamp": 200},
        {"type": 42, "data": CANARY, "timestamp": 200},
        incremental(99, id=BODY, text=CANARY),
        incremental(3, id=BODY, x=0, y=1, secret=CANARY),
        {"type": 3, "data": {"source": 3, "id": BODY, "x": 0, "y": 2}, "timestamp": 200, "extra": {"deep": CANARY}},
    ]


def story() -> list[Json]:
    """The events, in order; the one without a timestamp is malformed and degrades what follows until a checkout."""
    refused = _refused()
    refused[0]["timestamp"] = 200
    return [
        *_first_page(),
        *_inside_blocked(),
        *_inside_masked(),
        *_typed(),
        *_late_and_moved(),
        *_frames(),
        *refused,
        {"type": 3, "data": {"source": 0, "adds": CANARY}, "timestamp": 201},
        mutation(texts=[{"id": 21, "value": CANARY}]),
        incremental(4, width=10, height=10),
        meta("https://site.example/lost", at=210),
        meta("https://site.example/second", at=211),
        snapshot(*_blocked_part(), *_masked_part(), *_fields(), *_always(), at=212),
        *_inside_blocked(),
        *_typed(),
        *_late_and_moved(),
        meta("https://site.example/held", at=300),
    ]
