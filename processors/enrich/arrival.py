"""The headers of a raw record, checked: who the payload is and what came with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from processors.record import Record
from schemas import headers as h
from schemas.encodings import encoding_of
from schemas.identity import PayloadIdentity, is_project, is_uuid, split_session_key
from schemas.topics import RAW

# A number too long for these is no seq and no time, and would not fit a column.
_is_seq = re.compile(r"[0-9]{1,18}", re.ASCII).fullmatch
_is_time = re.compile(r"[0-9]{1,16}", re.ASCII).fullmatch
_is_signal = re.compile(r"[ -~]{0,16}").fullmatch

# Headers that go onward, each with what it must look like. The address and the user agent are not among them.
_CARRIED: dict[str, Callable[[str], object]] = {
    h.PROJECT: is_project,
    h.WINDOW: is_uuid,
    h.PAGE: is_uuid,
    h.SEQ: _is_seq,
    h.SENT: _is_time,
    h.GPC: _is_signal,
    h.DNT: _is_signal,
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """One payload as the gateway stamped it; `headers` are those that go onward."""

    identity: PayloadIdentity
    encoding: str
    address: str
    user_agent: str
    headers: dict[str, str]


def carried_headers(record: Record) -> dict[str, str]:
    """The headers that go onward and are legal, with the record's coordinates as the payload's source."""
    kept = {name: text for name, text in record.headers.items() if name in _CARRIED and _CARRIED[name](text)}
    return kept | {h.SOURCE: record.coordinates}


def read_arrival(record: Record) -> Arrival | None:
    """None if a header is missing or illegal, or the key is not the session's."""
    given = record.headers
    if not h.REQUIRED[RAW.name] <= given.keys() or (encoding := encoding_of(given[h.ENCODING])) is None:
        return None
    headers = carried_headers(record)
    if any(name in given and name not in headers for name in _CARRIED):
        return None
    try:
        project, session = split_session_key(record.key)
    except ValueError:
        return None
    if project != headers[h.PROJECT]:
        return None
    identity = PayloadIdentity(project, session, headers[h.WINDOW], headers[h.PAGE], int(headers[h.SEQ]))
    return Arrival(identity, encoding, given[h.IP], given[h.USER_AGENT], headers)
