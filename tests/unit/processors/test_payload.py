"""Every form of body that recorders send is read; anything else has a reason."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest

from processors.payload import Payload, read_payload
from schemas.reasons import Reason
from tests.unit.processors.enrich.raw_records import NOON, event

LIMIT = 1_000_000


def packed(value: dict[str, Any], version: str = "v1") -> str:
    """An event as @rrweb/packer packs it."""
    return zlib.compress(json.dumps({**value, "v": version}).encode()).decode("latin-1")


def read(body: Any, limit: int = LIMIT) -> Payload:
    """The payload of a body that must be readable."""
    payload = read_payload(body if isinstance(body, bytes) else json.dumps(body).encode(), limit)
    assert isinstance(payload, Payload)
    return payload


@pytest.mark.parametrize(
    "body",
    [
        json.dumps([event(1), event(2)]).encode(),
        json.dumps({"events": [event(1), event(2)]}).encode(),
        json.dumps({"user": None, "events": [event(1), event(2)]}, indent=2).encode(),
        b"\n".join(json.dumps(event(n)).encode() for n in (1, 2)),
        b"\r\n \r\n".join(json.dumps(event(n)).encode() for n in (1, 2)) + b"\n\n",
        json.dumps([json.dumps(event(1)), event(2)]).encode(),
        json.dumps(json.dumps(event(1))).encode() + b"\n" + json.dumps(event(2)).encode(),
    ],
    ids=[
        "array",
        "envelope",
        "indented envelope",
        "lines",
        "lines with blanks",
        "strings in array",
        "strings in lines",
    ],
)
def test_every_form_gives_the_same_events(body: Any) -> None:
    """Array, envelope and lines, with events as objects or as JSON strings, mean the same."""
    assert read(body) == Payload([event(1), event(2)], "")


def test_packed_events_are_opened() -> None:
    """Events packed by @rrweb/packer stand beside plain ones, in order, with the packer's mark."""
    assert read([packed(event(1)), event(2)]).events == [{**event(1), "v": "v1"}, event(2)]
    assert read(packed(event(3))).events == [{**event(3), "v": "v1"}]


def test_a_single_event_is_a_line() -> None:
    """One object with a type is JSON lines of one line."""
    assert read(event(1)).events == [event(1)]


def test_lone_surrogates_do_not_cost_a_payload() -> None:
    """Text that a script cut inside a character is read in every form, also inside a packed event."""
    broken = event(1) | {"data": {"tag": "\ud83d"}}
    mended = event(1) | {"data": {"tag": "\ufffd"}}
    assert read([broken, event(2)]).events == [mended, event(2)]
    assert read(b"\n".join([json.dumps(broken).encode()] * 2)).events == [mended, mended]
    assert read([packed(broken)]).events == [mended | {"v": "v1"}]


@pytest.mark.parametrize("user", ["u-1", {"id": "u-1"}, {"id": "u-1", "plan": "x"}])
def test_the_user_is_a_string_or_has_an_id(user: Any) -> None:
    """The envelope names its user in either form."""
    assert read({"user": user, "events": [event()]}).user == "u-1"


@pytest.mark.parametrize("user", [17, ["u"], {"id": 3}, {"name": "u"}, "u" * 257, True])
def test_an_illegal_user_is_a_bad_shape(user: Any) -> None:
    """A user of another form is refused, not dropped in silence."""
    assert read_payload(json.dumps({"user": user, "events": [event()]}).encode(), LIMIT) is Reason.BAD_SHAPE


@pytest.mark.parametrize(
    "body", [b"", b" ", b"[", b"nonsense", b'{"type":5}\nnonsense', b'[{"type":5}] trailing', b"\xff"]
)
def test_bodies_that_are_not_json(body: Any) -> None:
    """What is neither JSON nor JSON lines is bad_json."""
    assert read_payload(body, LIMIT) is Reason.BAD_JSON


@pytest.mark.parametrize("body", [b"1", b"null", b"{}", b'{"events": {}}', b'{"events": null}', b'{"user": "u"}'])
def test_json_that_is_no_payload(body: Any) -> None:
    """JSON of another shape is bad_shape."""
    assert read_payload(body, LIMIT) is Reason.BAD_SHAPE


@pytest.mark.parametrize(
    "bad",
    [
        None,
        3,
        [],
        "",
        "x\x9cnot zlib",
        "text beyond Latin-1 €",
        "{not json",
        zlib.compress(b'{"type":5}').decode("latin-1")[:-3],
        {},
        event(type="5"),
        event(type=True),
        event(type=-1),
        event(type=256),
        event(type=2.0),
        event(timestamp="now"),
        event(timestamp=None),
        event(timestamp=True),
        event(timestamp=-1),
        event(timestamp=1e300),
        event(data=None),
        event(data="H4sI"),
        event(data=[]),
    ],
)
def test_one_bad_event_costs_itself_only(bad: Any) -> None:
    """An event without rrweb's outer form leaves its place empty and its neighbours stay."""
    assert read([event(1), bad, event(2)]) == Payload([event(1), None, event(2)], "")


def test_load_events_need_no_data() -> None:
    """The two event types without content may leave `data` out."""
    loaded = {"type": 1, "timestamp": NOON + 0.5}
    assert read([loaded]).events == [loaded]


def test_the_limit_counts_body_and_packed_events_together() -> None:
    """Small packed events that grow past the limit together are refused, whatever each is alone."""
    large = packed(event(1) | {"data": {"tag": "x" * 10_000}})
    body = json.dumps([large] * 5).encode()
    assert isinstance(read_payload(body, 60_000), Payload)
    assert read_payload(body, 50_000) is Reason.INFLATE_LIMIT


def test_a_bomb_inside_a_packed_event_is_refused() -> None:
    """One packed event cannot grow past what is left of the limit."""
    bomb = zlib.compress(b'{"type":5,"x":"' + b"y" * 50_000_000).decode("latin-1")
    assert read_payload(json.dumps([event(1), bomb]).encode(), LIMIT) is Reason.INFLATE_LIMIT


def test_extra_keys_of_events_stay() -> None:
    """Keys that plugins add to events go along."""
    extra = event(1, _sid=4, delay=3, windowId="w")
    assert read([extra]).events == [extra]


@pytest.mark.parametrize("size", [1, 16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 300_000])
@pytest.mark.parametrize("level", [0, 9])
def test_packed_events_of_any_size_are_opened(size: int, level: int) -> None:
    """Wherever the pieces end in which a packed event is inflated, all of it comes out."""
    for filler in ("a" * size, "".join(chr(33 + each * 7919 % 90) for each in range(size)).replace("\\", "_")):
        large = {**event(1), "data": {"tag": "t", "payload": filler}}
        text = zlib.compress(json.dumps(large).encode(), level).decode("latin-1")
        assert read([text], 10_000_000).events == [large]


@pytest.mark.parametrize("end", ["", "broken"])
def test_what_is_inflated_in_vain_counts_too(end: str) -> None:
    """Packed events that end too early or in nonsense cost as much to open as good ones, so they reach the limit."""
    whole = zlib.compress(b"a" * 500_000).decode("latin-1")
    for length in (len(whole) - 3, len(whole) // 2, 40):
        broken = whole[:length] + end
        assert read_payload(json.dumps([broken]).encode(), LIMIT) == Payload([None], "")
        assert read_payload(json.dumps([broken] * 200).encode(), LIMIT) is Reason.INFLATE_LIMIT
    assert read_payload(json.dumps(["no stream"] * 10_000).encode(), LIMIT) == Payload([None] * 10_000, "")


@pytest.mark.parametrize("text", [b"[%s]", b"%s\n%s\n", b'{"events":[%s]}', b"\n%s\r\n%s", b"%s"])
def test_a_byte_order_mark_is_no_part_of_the_text(text: bytes) -> None:
    """Before JSON of every shape, UTF-8's mark is passed over; a second one is not."""
    body = text.replace(b"%s", b'{"type":5,"data":{},"timestamp":1}')
    plain = read_payload(body, 1000)
    assert isinstance(plain, Payload)
    assert read_payload(b"\xef\xbb\xbf" + body, 1000) == plain
    assert read_payload(bytearray(b"\xef\xbb\xbf" + body), 1000) == plain
    assert read_payload(b"\xef\xbb\xbf" * 2 + body, 1000) is Reason.BAD_JSON
