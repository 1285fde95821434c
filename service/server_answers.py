"""Answers that no application gives: the server could not read the request, or has no room for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import orjson


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """A status and the two fields of every refusal; `detail` never quotes the request."""

    status: int
    code: str
    detail: str
    retry_after: int | None = None


BAD_REQUEST = ServerAnswer(400, "bad_request", "The request cannot be understood.")
HEADER_TIMEOUT = ServerAnswer(408, "header_timeout", "The headers of the request did not arrive in time.")
URI_TOO_LONG = ServerAnswer(414, "uri_too_long", "The request line is longer than the limit.")
HEADERS_TOO_LARGE = ServerAnswer(431, "headers_too_large", "The headers are more or larger than the limit.")
INTERNAL_ERROR = ServerAnswer(500, "internal_error", "Something went wrong here; it is in the server's log.")
UNKNOWN_CODING = ServerAnswer(501, "unsupported_transfer_coding", "Transfer-Encoding may be chunked, or not given.")
OVERLOADED = ServerAnswer(503, "overloaded", "The server holds as much as it can; send again later.", 2)

SERVER_ANSWERS = (
    BAD_REQUEST,
    HEADER_TIMEOUT,
    URI_TOO_LONG,
    HEADERS_TOO_LARGE,
    INTERNAL_ERROR,
    UNKNOWN_CODING,
    OVERLOADED,
)

_BY_STATUS = {answer.status: answer for answer in SERVER_ANSWERS}
# Python 3.13 gave some of them new names.
_REASONS = {413: "Content Too Large", 414: "URI Too Long", 431: "Request Header Fields Too Large"}


def server_answer(status: int) -> ServerAnswer:
    """The answer of this status; any status without one is a 400 or a 500."""
    return _BY_STATUS.get(status) or (INTERNAL_ERROR if status >= 500 else BAD_REQUEST)


def encode(answer: ServerAnswer, headers: Mapping[str, str]) -> bytes:
    """The whole answer on the wire. It is the connection's last."""
    body = orjson.dumps({"error": answer.code, "detail": answer.detail})
    lines = [
        f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status) or HTTPStatus(answer.status).phrase}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    if answer.retry_after is not None:
        lines.append(f"Retry-After: {answer.retry_after}")
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
