"""From an admitted body to the record on `replay.raw.v1`; the body stays as it was sent."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.admission import Admitted
from schemas import headers

# Long enough for every real browser; the rest is padding or abuse.
MAX_USER_AGENT = 512


@dataclass(frozen=True, slots=True)
class Client:
    """What the connection and its headers say of the sender. Never logged."""

    address: str
    user_agent: str
    global_privacy_control: bool
    do_not_track: bool


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One record to append; `timestamp` in milliseconds, headers as ASCII."""

    key: str
    value: bytes
    headers: list[tuple[str, bytes]]
    timestamp: int


def stamp(admitted: Admitted, body: bytes, client: Client, received_ms: int) -> RawRecord:
    """Key, headers and timestamp as `schemas.headers` demands of the raw topic."""
    identity = admitted.identity
    stamped = {
        headers.PROJECT: identity.project,
        headers.WINDOW: identity.window,
        headers.PAGE: identity.page,
        headers.SEQ: str(identity.seq),
        headers.ENCODING: admitted.encoding,
        headers.IP: client.address,
        headers.USER_AGENT: client.user_agent[:MAX_USER_AGENT],
    }
    if admitted.sent:
        stamped[headers.SENT] = admitted.sent
    if admitted.keyframe:
        stamped[headers.KEYFRAME] = "1"
    if client.global_privacy_control:
        stamped[headers.GPC] = "1"
    if client.do_not_track:
        stamped[headers.DNT] = "1"
    encoded = [(name, value.encode("ascii", "replace")) for name, value in stamped.items()]
    return RawRecord(identity.key, body, encoded, received_ms)
