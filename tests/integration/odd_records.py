"""Records that nobody of ours wrote: what may lie on a topic, by kind, the same ones on every run."""

from __future__ import annotations

import ctypes
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import confluent_kafka
import orjson
import zstandard

from schemas import headers as h
from schemas import lines
from schemas.topics import LOSSES, RAW
from tests.contract.examples import examples

Headers = list[tuple[str, Any]] | None
YEAR_9999 = 253_402_300_799_000
NUMBERS = (b"", b"-1", b"9" * 30, b"9" * 5000, b"1e3", b"\xc2\xb2", b"0x1", b" 1", b"NaN")
DATES = (b"", b"9999-12-31", b"0000-00-00", b"2026-02-30", b"1969-12-31", b"2149-06-07", b"20260101", b"now", b"\xff")
DOCUMENTS = (
    *(b"", b"{", b"[]", b"null", b"1", b'"\\ud83d"', b"NaN", b'{"events":NaN}', b'{"events":1e400}'),
    *(b'{"country":1,"bot":2}', b'{"events":99999999999999999999999}', b'[["x",1]]', b"[[1,null]]", b"[" * 2000),
)
TEXTS = (b"", b"\xff\xfe", "é".encode(), b"a\x00b", b"a|b", b"../..", b"x" * 3000, b"\n")
_KINDS: dict[str, tuple[bytes, ...]] = {
    **dict.fromkeys((h.SEQ, h.EVENTS, h.FIRST, h.LAST, h.BYTES, h.STARTED, h.GENERATION, h.GAP, h.SENT), NUMBERS),
    h.EXPIRES: DATES,
    **dict.fromkeys((h.CONTEXT, h.COUNTS, h.PAGES, h.USER), DOCUMENTS),
}
# Texts in these may be anything that is ASCII.
_FREE = frozenset({h.ENCODING, h.IP, h.USER_AGENT, h.POLICY})


@dataclass(frozen=True)
class Odd:
    """One record for a topic. `dead` says that it cannot be anybody's payload, so that it must be a dead letter."""

    case: str
    key: bytes | None
    headers: Headers
    value: bytes | None
    received: int
    dead: bool = False
    where: tuple[int, int] = field(default=(-1, -1), compare=False)


def session_key(number: int) -> bytes:
    """A session of its own for each record."""
    return f"demo:019a0b1c-2d3e-7f40-8a5b-{number:012x}".encode()


def good_record(topic: str, now: int) -> Odd:
    """The first example of a topic that holds a snapshot, as if it had been received at `now`, ms."""
    found = examples(topic)
    record = next((each for each in found if each.case == "snapshot"), found[0]).record
    day = (datetime.fromtimestamp(now / 1000, UTC) + timedelta(days=30)).date().isoformat()
    headers = {**record.headers}
    for name, text in ((h.EXPIRES, day), (h.STARTED, str(now))):
        if name in headers:
            headers[name] = text
    value = record.value
    if topic == LOSSES.name:
        value = orjson.dumps({**orjson.loads(value), "received": now, "expires": day})
    return Odd(topic, record.key.encode(), [(name, text.encode()) for name, text in headers.items()], value, now)


def odd_records(topic: str, good: Odd, first: int, seed: int) -> Iterator[Odd]:
    """Every kind of oddness of a record of `topic`, made from a good one; sessions are numbered from `first`."""
    number = first
    for record in _odd(topic, good, random.Random(seed)):
        yield record if record.key != good.key else replace(record, key=session_key(number))
        number += 1


def _odd(topic: str, good: Odd, dice: random.Random) -> Iterator[Odd]:
    given = dict(good.headers or [])

    def header(case: str, name: str, *values: Any, dead: bool = False) -> Odd:
        rest: list[tuple[str, Any]] = [each for each in given.items() if each[0] != name]
        return replace(good, case=f"{name} {case}", headers=[*rest, *((name, value) for value in values)], dead=dead)

    required = h.REQUIRED[topic]
    for name in sorted(required | given.keys()):
        value = given.get(name, b"1")
        yield header("null", name, None, dead=True)
        yield header("missing", name, dead=name in required and topic != LOSSES.name)
        yield header("repeated", name, value, value, dead=True)
        yield header("not ASCII", name, b"\xff\xfe\x80", dead=True)
        for odd in _KINDS.get(name, TEXTS):
            yield header(repr(odd[:20]), name, odd, dead=not odd.isascii())
    yield replace(good, case="no headers", headers=None, dead=topic != LOSSES.name)
    yield replace(good, case="header list empty", headers=[], dead=topic != LOSSES.name)
    yield replace(
        good, case="other headers", headers=[*given.items(), ("traceparent", b"\xff"), ("é", None), ("", b"")]
    )
    many = [(f"rs-x{index}", b"y" * 100) for index in range(2000)]
    yield replace(good, case="many headers", headers=[*given.items(), *many], dead=True)
    yield header("large", "rs-large", b"z" * 200_000, dead=True)
    long, upper = b"demo:" + b"k" * 400_000, b"DEMO" + (good.key or b"")[4:]
    for key in (None, b"", b"\xff\xfe", b"a|b", b"demo:", b"~wake|x", long, upper):
        yield replace(good, case=f"key {(key or b'null')[:9]!r}", key=key, dead=topic != LOSSES.name)
    for received in (-1, YEAR_9999):
        yield replace(good, case=f"received {received}", received=received, dead=True)
    yield from (replace(good, case=f"received {received}", received=received) for received in (1, 86_400_000))
    for case, value in _values(topic, good, dice):
        yield replace(good, case=f"value {case}", value=value)


def _values(topic: str, good: Odd, dice: random.Random) -> Iterator[tuple[str, bytes | None]]:
    yield "null", None
    yield "empty", b""
    yield "noise", dice.randbytes(3000)
    yield "cut short", (good.value or b"")[:-3]
    yield "bomb", _bomb()
    yield "lost lines only", lines.pack(b"null\n" * 3)
    yield "no lines", lines.pack(b"")
    yield "text", b"[" * 100_000
    if topic == RAW.name:
        # Compressed on the wire it fits; as a dead letter it does not.
        yield "40 MB", bytes(40 << 20)
    if (good.value or b"")[:1] == b"{":
        document = orjson.loads(good.value or b"")
        changes: tuple[Any, ...] = (None, -1, 2**64 - 1, "x", [], {}, "9999-12-31", "\x00")
        for name in document:
            for odd in changes:
                yield f"{name} {odd!r}", orjson.dumps({**document, name: odd})
            yield f"no {name}", orjson.dumps({other: document[other] for other in document if other != name})


@lru_cache(1)
def _bomb() -> bytes:
    return zstandard.compress(bytes(200 << 20))


class RawProducer:
    """librdkafka itself: the Python client can neither write a header name that is not UTF-8 nor read one."""

    def __init__(self, brokers: str) -> None:
        (library,) = (Path(confluent_kafka.__file__).parents[1] / "confluent_kafka.libs").glob("librdkafka-*")
        self._library = ctypes.CDLL(str(library))
        for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_headers_new"):
            getattr(self._library, name).restype = ctypes.c_void_p
        error = ctypes.create_string_buffer(200)
        configuration = ctypes.c_void_p(self._library.rd_kafka_conf_new())
        self._library.rd_kafka_conf_set(configuration, b"bootstrap.servers", brokers.encode(), error, 200)
        self._client = ctypes.c_void_p(self._library.rd_kafka_new(0, configuration, error, 200))

    def produce(self, topic: str, key: bytes, value: bytes, names: list[bytes]) -> None:
        """Write one record whose headers have these names, and wait for it."""
        library, end = self._library, 0
        headers = ctypes.c_void_p(library.rd_kafka_headers_new(len(names)))
        for name in names:
            library.rd_kafka_header_add(headers, name, ctypes.c_ssize_t(len(name)), b"1", ctypes.c_ssize_t(1))
        # rd_kafka_producev's own tags: topic, key, value, copy the value, headers.
        assert not library.rd_kafka_producev(
            self._client,
            *(1, ctypes.c_char_p(topic.encode())),
            *(5, ctypes.c_char_p(key), ctypes.c_size_t(len(key))),
            *(4, ctypes.c_char_p(value), ctypes.c_size_t(len(value))),
            *(7, 2, 10, headers),
            end,
        )
        assert not library.rd_kafka_flush(self._client, 10_000)

    def close(self) -> None:
        """End the client."""
        self._library.rd_kafka_destroy(self._client)
