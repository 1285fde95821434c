"""What travels as JSON beside the events: counts of a payload, a session's summary, a loss."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NotRequired, TypedDict

# A loss of a payload whose session is not known yet is kept as long as the default retention.
UNKNOWN_EXPIRY = timedelta(days=30)


class Counts(TypedDict, total=False):
    """Header rs-counts, one payload; batch sums them. A missing number is 0.

    `rage_clicks` are series of clicks, `dead_clicks` clicks without effect: docs/facts.md defines both.

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
    rage_clicks: int
    dead_clicks: int


# Counted by this version and later only: of older sessions they are not known.
LATER_COUNTS = ("rage_clicks", "dead_clicks")
COUNT_NAMES: tuple[str, ...] = tuple(name for name in Counts.__annotations__ if name not in LATER_COUNTS)
# What a recorder may say that it tells if it happens.
CAPTURES = ("console", "errors", "network", "routes", "visibility")
PAGE_KINDS = ("load", "route")
# The rules that remove something, by their place in the policy.
REMOVED_RULES = (
    "annotations",
    "attributes",
    "block",
    "canvas",
    "console",
    "custom",
    "ignore",
    "inputs",
    "inputs.mask_all",
    "network",
    "plugins",
    "text.mask",
    "text.mask_all",
)


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
    """One tab of a session; times are client milliseconds. `playable`: it has a full snapshot; absent: not known."""

    window: str
    first: int
    last: int
    playable: NotRequired[bool]


class SessionSummary(TypedDict):
    """Value of replay.sessions.v1: a version of a session's running totals. The highest version is the truth.

    Times are milliseconds: `started` and `last_received` by the server's clock, `first` and `last` by the client's.
    `bytes_raw` counts JSON before compression, `bytes_stored` what blocks hold. `skew_ms` is the server's receive
    time less the client's send time of the first payload that says it. `pages` is a list of
    [client ms, URL, window, kind of PAGE_KINDS]; the version before wrote only the first two.

    `captures` are the words of CAPTURES that hold for every payload. What is None was not known of all payloads:
    they were summed up in part by a version that did not count it.
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
    pages: list[tuple[int, str, str, str]]
    policy: str
    captures: list[str] | None
    clock_corrected: bool | None
    rage_clicks: int | None
    dead_clicks: int | None
    removed: dict[str, int] | None


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
