"""The closed list of reasons why something was not kept. Each is safe as a metric label and as an answer."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """A snake_case fact. The comment says which stage gives it, and whether bytes are set aside (dead) or not."""

    # enrich, dead: the body cannot be read
    BAD_ENCODING = "bad_encoding"  # not what its declared encoding says, or cut short
    INFLATE_LIMIT = "inflate_limit"  # larger than the limit once inflated
    BAD_JSON = "bad_json"  # not JSON, nor JSON lines
    BAD_SHAPE = "bad_shape"  # JSON, but not a list of events
    BAD_HEADERS = "bad_headers"  # any stage: record without the key, headers or time that its topic's writer sets
    SEQ_CONFLICT = "seq_conflict"  # same payload number, other content
    SEQ_OUT_OF_RANGE = "seq_out_of_range"  # payload number beyond the limit of a page load
    # enrich, dropped
    DUPLICATE = "duplicate"  # the same payload again
    TOO_LATE = "too_late"  # more than 25 h after the session's first receipt
    BAD_EVENT = "bad_event"  # one event of a payload is not an rrweb event
    UNKNOWN_PROJECT = "unknown_project"  # project no longer configured
    EMPTY = "empty"  # a payload without a single usable event
    # enrich, dropped: the recorder tells what it did not record; one for each NotRecorded
    NOT_RECORDED_SNAPSHOT_TOO_LARGE = "not_recorded_snapshot_too_large"
    NOT_RECORDED_QUEUE_FULL = "not_recorded_queue_full"
    NOT_RECORDED_REFUSED = "not_recorded_refused"
    NOT_RECORDED_LEFT_EARLY = "not_recorded_left_early"
    NOT_RECORDED_TOO_BUSY = "not_recorded_too_busy"
    NOT_RECORDED_DOCUMENT_LOST = "not_recorded_document_lost"
    NOT_RECORDED_BLOCKED = "not_recorded_blocked"
    NOT_RECORDED_FAILED = "not_recorded_failed"
    # privacy, dropped
    SAMPLED_OUT = "sampled_out"  # the session is not in the sample
    NOT_SELECTED = "not_selected"  # the project's sampling rules leave the session out
    HELD_OVERFLOW = "held_overflow"  # too much to hold before the sampling rules could decide
    OPTED_OUT = "opted_out"  # consent signal or opt-out
    ERASED = "erased"  # data of an erased session or user
    NO_SNAPSHOT = "no_snapshot"  # nothing to enforce against yet
    UNKNOWN_TYPE = "unknown_type"  # event type or source we do not know
    UNKNOWN_NODE = "unknown_node"  # refers only to nodes that were never let through
    BLOCKED = "blocked"  # belongs to a blocked element
    NOT_ALLOWED = "not_allowed"  # plugin, custom tag or canvas content that the policy does not allow
    IGNORED_INPUT = "ignored_input"  # input on an ignored element
    REPEATED_INPUT = "repeated_input"  # same masked input again: would tell the number of keystrokes
    MALFORMED_EVENT = "malformed_event"  # an event whose content breaks rrweb's own form
    ORPHAN_META = "orphan_meta"  # page facts whose snapshot never came or was refused
    NODE_LIMIT = "node_limit"  # more nodes or levels than the limit: session degraded until the next snapshot
    WORK_LIMIT = "work_limit"  # an event that would keep a worker busy too long: degraded as with node_limit
    DEGRADED = "degraded"  # state was lost or discarded: nothing passes until the next snapshot
    # any stage, dead
    TOO_LARGE = "too_large"  # does not fit the topic it should go to
    CRASHED = "crashed"  # stopped a worker three times
    # any stage, dropped
    EXPIRED_UNREAD = "expired_unread"  # a range of offsets that the broker deleted before it was read
    # batch, dead
    BAD_PART = "bad_part"  # a part out of place: its snapshot cannot be put together
    # sink, dead
    BAD_ROW = "bad_row"  # ClickHouse refuses this row


class NotRecorded(StrEnum):
    """Why a recorder did not record something, in its own words. What is none of these is not taken."""

    SNAPSHOT_TOO_LARGE = "snapshot_too_large"
    QUEUE_FULL = "queue_full"  # too much waited to be sent
    REFUSED = "refused"  # the gateway refused it for good
    LEFT_EARLY = "left_early"  # the page was left before it could be sent
    TOO_BUSY = "too_busy"  # the page changed faster than it may be recorded
    DOCUMENT_LOST = "document_lost"  # the document was replaced and could not be followed
    BLOCKED = "blocked"  # the page or the browser forbade to reach the gateway
    FAILED = "failed"  # the recorder itself failed

    @property
    def loss(self) -> Reason:
        """The reason of the loss that is written for it."""
        return Reason(f"not_recorded_{self.value}")


class LossKind(StrEnum):
    """A drop leaves counts only; a dead letter also leaves its bytes on `replay.dead.v1`.

    Beyond a rate dead letters are kept as samples: the others are drops, with the reason of a dead letter.
    """

    DROP = "drop"
    DEAD = "dead"
