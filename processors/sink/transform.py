"""From a record to a row. Pure; what it cannot read is a dead letter with a reason, never a guess.

Writers may be of an earlier version or of a later one: members that are not there have a default, unknown ones are
passed over. Without one are only the version of a summary, and the stage and the reason of a loss.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import orjson

from processors.outcome import Dead
from processors.record import Record
from processors.sink.coordinates import Coordinates, parse_coordinates
from processors.sink.fields import (
    UINT32,
    UINT64,
    UnreadableError,
    bounded,
    captures_of,
    client_ms,
    count,
    expiry,
    integer,
    json_object,
    known,
    member,
    members,
    page_of,
    part_of,
    removed_of,
    seq_range,
    span_of,
    text_of,
    uuid_text,
    window_of,
    word_of,
)
from processors.sink.rows import Row
from schemas import headers as h
from schemas import topics
from schemas.header_forms import MAX_SERVER_MS, are_all, events_of
from schemas.identity import split_session_key
from schemas.reasons import LossKind, Reason
from schemas.summary import COUNT_NAMES, unknown_expiry

_TOTALS = ("payloads", "blocks", "keyframes", "gaps", "bytes_raw", "bytes_stored")
_CONTEXT_TEXTS = ("country", "region", "city", "browser", "os", "device")


def to_row(topic: str, record: Record) -> Row | Dead:
    """The row of a record of `topic` (its name in `schemas.topics`, without a deployment's prefix).

    A Dead says `bad_headers` (identity or headers), `bad_json` or `bad_shape` (a summary or loss that is not one).
    """
    build = _BUILDERS[topic]
    # A loss says everything in its value.
    if topic != topics.LOSSES.name and not are_all(topic, record.headers):
        return Dead(Reason.BAD_HEADERS, record.headers, record.received, events_of(record.headers))
    try:
        return build(record)
    except orjson.JSONDecodeError:
        reason = Reason.BAD_JSON
    except UnreadableError:
        reason = Reason.BAD_SHAPE
    except (KeyError, ValueError):
        reason = Reason.BAD_HEADERS
    return Dead(reason, record.headers, record.received, events_of(record.headers))


def _block(record: Record) -> Row:
    headers = record.headers
    at = parse_coordinates(record.coordinates)
    project, session = split_session_key(record.key)
    first, last = seq_range(headers[h.SEQ])
    part, parts, total, digest = part_of(headers.get(h.PART), len(record.value))
    expires = expiry(headers[h.EXPIRES], record.received)
    values = (
        project,
        session,
        uuid_text(headers[h.WINDOW]),
        uuid_text(headers[h.PAGE]),
        first,
        last,
        part,
        parts,
        total,
        digest,
        bounded(headers[h.GENERATION], UINT32),
        headers[h.KEYFRAME] == "1",
        bounded(headers[h.EVENTS], UINT32),
        client_ms(int(headers[h.FIRST])),
        client_ms(int(headers[h.LAST])),
        bounded(headers[h.BYTES], UINT64),
        headers[h.POLICY],
        headers[h.SOURCE].split(","),
        record.value,
        bounded(headers[h.STARTED], MAX_SERVER_MS),
        bounded(str(record.received), MAX_SERVER_MS),
        *_where(expires, at),
    )
    return Row("blocks", expires, at, values, record)


def _session(record: Record) -> Row:
    at = parse_coordinates(record.coordinates)
    project, session = split_session_key(record.key)
    expires = expiry(record.headers[h.EXPIRES], record.received)
    summary = json_object(record.value)
    counts, context = member(summary, "counts"), member(summary, "context")
    windows = [window_of(window) for window in members(summary, "windows")]
    pages = [page_of(page) for page in members(summary, "pages")]
    values = (
        project,
        count(summary, "started", MAX_SERVER_MS, bounded(record.headers[h.STARTED], MAX_SERVER_MS)),
        session,
        count(summary, "version"),
        count(summary, "last_received", MAX_SERVER_MS, record.received),
        *span_of(summary),
        client_ms(integer(summary, "skew_ms", 0)),
        *(count(summary, name, absent=0) for name in _TOTALS),
        *(count(counts, name) if name in counts else 0 for name in COUNT_NAMES),
        *(text_of(context, name, "") for name in _CONTEXT_TEXTS),
        context.get("bot") is True,
        text_of(summary, "user", ""),
        *([window[place] for window in windows] for place in range(4)),
        *([page[place] for page in pages] for place in range(4)),
        text_of(summary, "policy", ""),
        captures_of(summary),
        *(known(summary, name) for name in ("clock_corrected", "rage_clicks", "dead_clicks")),
        *removed_of(summary),
        *_where(expires, at),
    )
    return Row("sessions", expires, at, values, record)


def _loss(record: Record) -> Row:
    at = parse_coordinates(record.coordinates)
    loss = json_object(record.value)
    try:
        expires = expiry(text_of(loss, "expires", unknown_expiry(record.received)), record.received)
    except ValueError:
        raise UnreadableError from None
    values = (
        text_of(loss, "project", record.headers.get(h.PROJECT, "")),
        count(loss, "received", MAX_SERVER_MS, record.received),
        *(text_of(loss, name, "") for name in ("session", "window", "page")),
        count(loss, "seq", UINT32, 0),
        text_of(loss, "id", ""),
        text_of(loss, "stage"),
        word_of(loss, "reason"),
        word_of(loss, "kind", LossKind.DROP),
        count(loss, "payloads", UINT32, 0),
        *(count(loss, name, absent=0) for name in ("events", "bytes")),
        text_of(loss, "source", ""),
        *_where(expires, at),
    )
    return Row("losses", expires, at, values, record)


_BUILDERS: dict[str, Callable[[Record], Row]] = {
    topics.BLOCKS.name: _block,
    topics.SESSIONS.name: _session,
    topics.LOSSES.name: _loss,
}


def _where(expires: date, at: Coordinates) -> tuple[date, str, str, int, int]:
    return expires, at.epoch, at.topic, at.partition, at.offset
