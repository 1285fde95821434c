"""Record headers, all ASCII, and which topic must carry which.

The Kafka timestamp of every record is the gateway's receive time in milliseconds, carried unchanged to the end;
there is no header for it.
"""

from __future__ import annotations

from schemas import topics

PROJECT = "rs-project"  # project name
WINDOW = "rs-window"  # one browser tab, UUID
PAGE = "rs-page"  # one page load, UUID
SEQ = "rs-seq"  # payload number within the page load; on blocks "first-last"
ENCODING = "rs-enc"  # raw: what the client declared, gzip|zstd|deflate|br or empty; later: zstd
SENT = "rs-sent"  # client's clock in ms when it sent the payload
IP = "rs-ip"  # client address; dies in enrich
USER_AGENT = "rs-ua"  # dies in enrich
GPC = "rs-gpc"  # "1": Global Privacy Control
DNT = "rs-dnt"  # "1": Do Not Track
KEYFRAME = "rs-kf"  # "1": holds a full snapshot
SOURCE = "rs-src"  # raw coordinates "<topic id>/<topic>/<partition>/<offset>"; on blocks several, comma-separated
STARTED = "rs-started"  # session's first receipt, ms
EXPIRES = "rs-expires"  # session's last day, YYYY-MM-DD
GAP = "rs-gap"  # payloads missing before this one
HASH = "rs-hash"  # SHA-256 (hex) of the inflated body
CONTEXT = "rs-ctx"  # ASCII JSON {country, region, city, browser, os, device, bot}
USER = "rs-user"  # ASCII JSON string: the user the page identified
EVENTS = "rs-events"  # events in the value
FIRST = "rs-first"  # earliest event timestamp, client ms
LAST = "rs-last"  # latest event timestamp, client ms
BYTES = "rs-bytes"  # length of the value as JSON lines, before compression
POLICY = "rs-policy"  # version of the privacy policy applied
COUNTS = "rs-counts"  # ASCII JSON of counts, see schemas.summary.Counts
PAGES = (
    "rs-pages"  # ASCII JSON [[client ms, redacted URL], ...] of pages; of a route [client ms, redacted URL, "route"]
)
CAPTURES = "rs-captures"  # what the recorder tells if it happens, see schemas.summary.CAPTURES: sorted, comma-separated
REMOVED = "rs-removed"  # ASCII JSON {rule of the policy: what it removed}, see schemas.summary.REMOVED_RULES
CLOCK = "rs-clock"  # "1": times of events were corrected
PART = "rs-part"  # "<index>/<count>/<total bytes>/<sha256 hex>" of a value cut into parts
GENERATION = "rs-generation"  # higher replaces lower for the same payloads
STAGE = "rs-stage"  # dead letters: the stage that gave up
REASON = "rs-reason"  # dead letters: why, see schemas.reasons
VERSION = "rs-version"  # dead letters: version of the code
COORDINATES = "rs-coordinates"  # dead letters: where the failing stage read it, form of rs-src

_IDENTITY = frozenset({PROJECT, WINDOW, PAGE, SEQ})
_SESSION = _IDENTITY | {SOURCE, STARTED, EXPIRES}
_VALUE = frozenset({EVENTS, FIRST, LAST, BYTES, KEYFRAME})

REQUIRED: dict[str, frozenset[str]] = {
    topics.RAW.name: _IDENTITY | {ENCODING, IP, USER_AGENT},
    topics.ENRICHED.name: _SESSION | _VALUE | {HASH, CONTEXT},
    topics.REDACTED.name: _SESSION | _VALUE | {CONTEXT, POLICY, COUNTS},
    topics.PARTS.name: _SESSION | _VALUE | {CONTEXT, POLICY, COUNTS},
    topics.BLOCKS.name: _SESSION | _VALUE | {POLICY, GENERATION},
    topics.SESSIONS.name: frozenset({PROJECT, STARTED, EXPIRES}),
    topics.LOSSES.name: frozenset({PROJECT}),
    topics.DEAD.name: frozenset({STAGE, REASON, VERSION, COORDINATES}),
}
# What must never be seen past enrich.
FORBIDDEN_AFTER_ENRICH = frozenset({IP, USER_AGENT})
