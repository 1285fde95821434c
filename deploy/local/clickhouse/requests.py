"""What one HTTP request asks for, read from its URL, headers and body as ClickHouse does."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import IO, cast
from urllib.parse import parse_qsl

import falcon

from deploy.local.clickhouse.encodings import Readable, open_body, pieces, read_piece
from deploy.local.clickhouse.errors import BAD_ARGUMENTS, NOT_IMPLEMENTED, SYNTAX_ERROR, refusal
from deploy.local.clickhouse.statement import Kind, Statement, read_statement

MAX_STATEMENT_BYTES = 4 << 20
MAX_INFLATED_BYTES = 8 << 30
MAX_FIELDS = 1000
_MAX_SESSION_SECONDS = 3600
_DEFAULT_SESSION_SECONDS = 60

# Parameters of the interface itself; everything else in the URL is a setting of the engine.
_INTERFACE = frozenset(
    {
        "query",
        "database",
        "default_format",
        "session_id",
        "session_timeout",
        "session_check",
        "query_id",
        "wait_end_of_query",
        "buffer_size",
        "enable_http_compression",
        "compress",
        "decompress",
        "user",
        "password",
        "quota_key",
        "role",
        "client_protocol_version",
        "send_progress_in_http_headers",
        "http_headers_progress_interval_ms",
        "cancel_http_readonly_queries_on_client_close",
    }
)


@dataclass
class Parameters:
    """The URL's parameters, sorted by what they mean; `values` are bound to `{name:Type}`."""

    interface: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, value: str) -> None:
        """Sort in one parameter."""
        if name.startswith("param_"):
            self.values[name.removeprefix("param_")] = value
        elif name in _INTERFACE:
            self.interface[name] = value
        else:
            self.settings[name] = value

    def flag(self, name: str) -> bool:
        """A boolean of the interface; absent is false."""
        return self.interface.get(name, "0").lower() in ("1", "true")

    def session_seconds(self) -> int:
        """How long a session outlives its last request: ClickHouse's 60 s by default, an hour at most."""
        try:
            asked = int(self.interface.get("session_timeout", _DEFAULT_SESSION_SECONDS))
        except ValueError:
            raise refusal(BAD_ARGUMENTS, "Invalid session timeout.") from None
        return min(max(asked, 0), _MAX_SESSION_SECONDS)


def read_parameters(req: falcon.Request) -> Parameters:
    """From the query string and, for a multipart form, its fields. Raises ClickHouseError."""
    parameters = Parameters()
    try:
        for name, value in parse_qsl(req.query_string, keep_blank_values=True, max_num_fields=MAX_FIELDS):
            parameters.add(name, value)
    except ValueError:
        raise refusal(BAD_ARGUMENTS, f"More than {MAX_FIELDS} parameters.") from None
    if _is_form(req):
        _read_form(req, parameters)
    for unsupported in ("compress", "decompress"):
        if parameters.flag(unsupported):
            raise refusal(NOT_IMPLEMENTED, f"{unsupported}=1 is not served here: use Content-Encoding.")
    for header, name in (("X-ClickHouse-Database", "database"), ("X-ClickHouse-Format", "default_format")):
        if sent := req.get_header(header):
            parameters.interface.setdefault(name, sent)
    return parameters


def _is_form(req: falcon.Request) -> bool:
    return (req.content_type or "").lower().startswith("multipart/form-data")


def _read_form(req: falcon.Request, parameters: Parameters) -> None:
    try:
        for part in req.get_media():
            name = part.name
            if part.filename is not None or name is None:
                raise refusal(NOT_IMPLEMENTED, "External data is not served here.")
            parameters.add(name, part.get_text() or "")
    except falcon.HTTPError:
        raise refusal(BAD_ARGUMENTS, "The multipart form is broken or too large.") from None


def read_request_statement(req: falcon.Request, parameters: Parameters) -> tuple[Statement, Iterator[bytes]]:
    """The statement from `query` and the body, and, of an INSERT that carries data, that data.

    Raises ClickHouseError for a statement above 4 MiB or a broken body.
    """
    query = parameters.interface.get("query", "").encode()
    if query and not query.endswith(b"\n"):
        query += b"\n"
    body: Readable = io.BytesIO()
    if not _is_form(req):
        body = open_body(cast(IO[bytes], req.bounded_stream), req.get_header("Content-Encoding"))
    text = query + _read_up_to(body, MAX_STATEMENT_BYTES + 1)
    statement = read_statement(text)
    if statement.kind is Kind.INSERT_DATA and not parameters.values:
        return statement, chain((text[statement.data_at :],), pieces(body, MAX_INFLATED_BYTES))
    if len(text) > MAX_STATEMENT_BYTES:
        raise refusal(SYNTAX_ERROR, f"The statement is longer than {MAX_STATEMENT_BYTES} bytes.")
    return replace(statement, sql=text), iter(())


def _read_up_to(body: Readable, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size and (piece := read_piece(body, size - len(parts))):
        parts += piece
    return bytes(parts)
