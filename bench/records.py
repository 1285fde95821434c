"""Records as the benchmark writes and reads them, with what they count for."""

from __future__ import annotations

import gzip
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import orjson

from bench.recording import Recording
from schemas import headers as h
from schemas.identity import PayloadIdentity, session_key, split_session_key
from schemas.topics import LOSSES, RAW, SESSIONS

PROJECT = "demo"
WRITE_KEY = "demo"
# Different pages; more would only take longer to make, as no stage compares sessions with one another.
RECORDINGS = 8
# CompressionStream's level, which record.js uses.
GZIP_LEVEL = 6
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


@dataclass(frozen=True, slots=True)
class Sample:
    """One record. `topic` is without prefix, `timestamp` in ms; `json` is the length of its events as JSON, bytes."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    timestamp: int
    events: int
    json: int


@dataclass(frozen=True, slots=True)
class Payload:
    """What a recorder posts."""

    identity: PayloadIdentity
    body: bytes
    keyframe: bool
    events: int
    json: int


@dataclass(frozen=True, slots=True)
class Volume:
    """What a set of samples amounts to; both sizes in bytes."""

    records: int
    events: int
    json: int
    wire: int


def volume(samples: Iterable[Sample]) -> Volume:
    """Their sums."""
    every = list(samples)
    return Volume(
        len(every),
        sum(each.events for each in every),
        sum(each.json for each in every),
        sum(len(each.value) for each in every),
    )


def bodies(payloads: int) -> list[list[tuple[bytes, int, int]]]:
    """For each of RECORDINGS page loads its bodies: (gzipped, events, length of the JSON)."""
    made = []
    for seed in range(RECORDINGS):
        texts = [(orjson.dumps(events), len(events)) for events in Recording(seed).payloads(payloads)]
        made.append([(gzip.compress(text, GZIP_LEVEL, mtime=0), events, len(text)) for text, events in texts])
    return made


def payloads_of(made: Sequence[Sequence[tuple[bytes, int, int]]], sessions: int, seed: str) -> list[Payload]:
    """`sessions` page loads going on at the same time; another seed gives other sessions with the same content."""
    source = random.Random(seed)
    names = [tuple(_uuid(source) for _ in range(3)) for _ in range(sessions)]
    payloads = []
    for seq in range(len(made[0])):
        for number, (session, window, page) in enumerate(names):
            body, events, size = made[number % len(made)][seq]
            identity = PayloadIdentity(PROJECT, session, window, page, seq)
            payloads.append(Payload(identity, body, seq == 0, events, size))
    return payloads


def raw_samples(payloads: Iterable[Payload]) -> list[Sample]:
    """The records the gateway would make of them, received from now on, one every millisecond."""
    received = time.time_ns() // 1_000_000
    return [_raw_sample(payload, received + number) for number, payload in enumerate(payloads)]


def _raw_sample(payload: Payload, received: int) -> Sample:
    identity = payload.identity
    named = {
        h.PROJECT: identity.project,
        h.WINDOW: identity.window,
        h.PAGE: identity.page,
        h.SEQ: str(identity.seq),
        h.ENCODING: "gzip",
        h.IP: "203.0.113.7",
        h.USER_AGENT: USER_AGENT,
        h.SENT: str(received),
    }
    if payload.keyframe:
        named[h.KEYFRAME] = "1"
    encoded = tuple((name, text.encode("ascii")) for name, text in named.items())
    return Sample(RAW.name, identity.key.encode(), payload.body, encoded, received, payload.events, payload.json)


def under_more_sessions(samples: Iterable[Sample], times: int) -> list[Sample]:
    """Each sample under `times` session ids, its own among them; for topics whose values do not name the session."""
    more = []
    for sample in samples:
        project, session = split_session_key(sample.key.decode())
        number = UUID(session).int
        # The low bits are random in every session id here; the version lies above them.
        names = (str(UUID(int=number ^ index)) for index in range(times))
        more += [replace(sample, key=session_key(project, name).encode()) for name in names]
    return more


def sample_read(topic: str, key: bytes, value: bytes, headers: Sequence[tuple[str, bytes]], timestamp: int) -> Sample:
    """A record that a stage wrote; its headers, or for a loss its value, say what it counts for."""
    events = size = 0
    if topic == LOSSES.name:
        events = orjson.loads(value)["events"]
    elif topic != SESSIONS.name:
        by_name = dict(headers)
        events, size = int(by_name.get(h.EVENTS, b"0")), int(by_name.get(h.BYTES, b"0"))
    return Sample(topic, key, value, tuple(headers), timestamp, events, size)


def _uuid(source: random.Random) -> str:
    return str(UUID(int=source.getrandbits(128), version=4))
