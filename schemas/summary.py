"""What travels as JSON beside the events: counts of a payload, a session's summary, a loss."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TypedDict

# A loss of a payload whose session is not known yet is kept as long as the default retention.
UNKNOWN_EXPIRY = timedelta(days=30)


class Counts(TypedDict, total=False):
    """Header rs-counts, one payload; batch sums them. A missing number is 0.

    `keys` are input events (one per change of a field), `active_ms` the time between activity events that follow
    one another within five seconds, `errors` console messages of level error.
    """

    events: int
    clicks: int
    keys: int
    scrolls: int
    inputs: int
    errors: int
    masked: int
    blocked: int
    dropped: int
    active_ms: int


COUNT_NAMES: tuple[str, ...] = tuple(Counts.__annotations__)


class Context(TypedDict):
    """Header rs-ctx: what is known of the visitor's place and browser. Empty text where unknown."""

    country: str
    region: str
    city: str
    browser: str
    os: str
    device: str
    bot: bool


class WindowSummary(TypedDict):
    """One tab of a session; times are client milliseconds."""

    window: str
    first: int
    last: int


class SessionSummary(TypedDict):
    """Value of replay.sessions.v1: a version of a session's running totals. The highest version is the truth.

    Times are milliseconds: `started` and `last_received` by the server's clock, `first` and `last` by the client's.
    `bytes_raw` counts JSON before compression, `bytes_stored` what blocks hold. `skew_ms` is the server's receive
    time less the client's send time of the first payload that says it. `pages` is a list of [client ms, URL].
    """

    version: int
    started: int
    last_received: int
    first: int
    last: int
    payloads: int
    blocks: int
    keyframes: int
    gaps: int
    bytes_raw: int
    bytes_stored: int
    skew_ms: int
    counts: Counts
    context: Context
    user: str
    windows: list[WindowSummary]
    pages: list[tuple[int, str]]
    policy: str


class Loss(TypedDict):
    """Value of replay.losses.v1. `payloads` is 1 when the whole payload was lost, 0 when some of its events were.

    `source` is the raw record's coordinates; `received` its timestamp, ms. `id` is the payload's id from its 202.

    Of the reason `expired_unread` nobody knows whose records they were: `project` and all that names a payload is
    empty, `payloads` is the most records that can be lost, `events` is not known and 0, `source` is
    "<topic id>/<topic>/<partition>/<first offset>-<last offset>" and `received` is when it was found.
    """

    stage: str
    reason: str
    kind: str
    project: str
    session: str
    window: str
    page: str
    seq: int
    id: str
    payloads: int
    events: int
    bytes: int
    source: str
    received: int
    expires: str


def unknown_expiry(received: int) -> str:
    """Last day of a loss whose session is not known; `received` in ms."""
    return (datetime.fromtimestamp(received / 1000, UTC) + UNKNOWN_EXPIRY).date().isoformat()
