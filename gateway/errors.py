"""Every answer that is not a success: the one table from code to status, detail and Retry-After."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """The `error` of an answer; also the `code` label of the request metric."""

    MALFORMED_PATH = "malformed_path"
    MALFORMED_QUERY = "malformed_query"
    EMPTY_BODY = "empty_body"
    BAD_REQUEST = "bad_request"
    UNKNOWN_KEY = "unknown_key"
    ORIGIN_NOT_ALLOWED = "origin_not_allowed"
    RECORDING_DISABLED = "recording_disabled"
    NOT_FOUND = "not_found"
    NO_RECORDER = "no_recorder"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    BODY_TIMEOUT = "body_timeout"
    BODY_TOO_LARGE = "body_too_large"
    UNSUPPORTED_ENCODING = "unsupported_encoding"
    RATE_LIMITED = "rate_limited"
    CLIENT_GONE = "client_gone"
    INTERNAL_ERROR = "internal_error"
    BROKER_UNAVAILABLE = "broker_unavailable"
    OVERLOADED = "overloaded"
    DRAINING = "draining"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client is told; `retry_after` in seconds."""

    status: int
    detail: str
    retry_after: int | None = None


ANSWERS: dict[Code, Answer] = {
    Code.MALFORMED_PATH: Answer(400, "The session id and the window id in the path must be UUIDs."),
    Code.MALFORMED_QUERY: Answer(400, "A parameter of the query is missing or not of its form."),
    Code.EMPTY_BODY: Answer(400, "The body is empty."),
    Code.BAD_REQUEST: Answer(400, "The request cannot be understood."),
    Code.UNKNOWN_KEY: Answer(401, "This write key is not known here."),
    Code.ORIGIN_NOT_ALLOWED: Answer(403, "This origin may not send recordings to the project."),
    Code.RECORDING_DISABLED: Answer(403, "Recording is switched off for the project."),
    Code.NOT_FOUND: Answer(404, "There is nothing at this path."),
    Code.NO_RECORDER: Answer(404, "The recorder script has not been built or is not where the settings say."),
    Code.METHOD_NOT_ALLOWED: Answer(405, "This path does not take this method."),
    Code.BODY_TIMEOUT: Answer(408, "The body did not arrive in time."),
    Code.BODY_TOO_LARGE: Answer(413, "The body is larger than the limit."),
    Code.UNSUPPORTED_ENCODING: Answer(415, "Bodies may be encoded as one of gzip, zstd, deflate, br, or not at all."),
    Code.RATE_LIMITED: Answer(429, "More is sent than the project allows; send again later.", 1),
    # Nobody is there to read it; the status is the one web servers log for this.
    Code.CLIENT_GONE: Answer(499, "The client closed the connection before the body was complete."),
    Code.INTERNAL_ERROR: Answer(500, "Something went wrong here; it is in the gateway's log."),
    # Retry times are guesses: a broker restarts in about 5 s, another gateway is there at once.
    Code.BROKER_UNAVAILABLE: Answer(503, "The broker takes no payloads now; send again later.", 5),
    Code.OVERLOADED: Answer(503, "The gateway holds as much as it can; send again later.", 2),
    Code.DRAINING: Answer(503, "This gateway is stopping; another one will answer.", 1),
}


class RejectedError(Exception):
    """An expected refusal, raised where it is decided and answered from the table.

    `detail` replaces the table's sentence and never holds anything the client sent.
    """

    def __init__(self, code: Code, *, detail: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(code.value)
        row = ANSWERS[code]
        self.code = code
        self.status = row.status
        self.detail = detail or row.detail
        self.retry_after = row.retry_after if retry_after is None else retry_after
