"""The HTTP interface: `/ping`, and statements at `/`."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import falcon
from falcon.media import MultipartFormHandler

from deploy.local.clickhouse.encodings import choose_compressor
from deploy.local.clickhouse.engine import Connection, Engine
from deploy.local.clickhouse.errors import NOT_IMPLEMENTED, ClickHouseError, refusal
from deploy.local.clickhouse.execution import Inserted, Outcome, Rows, insert, run
from deploy.local.clickhouse.requests import (
    MAX_FIELDS,
    MAX_STATEMENT_BYTES,
    Parameters,
    read_parameters,
    read_request_statement,
)
from deploy.local.clickhouse.responses import ResultBody, in_pieces, new_tag, streamed, whole
from deploy.local.clickhouse.statement import Kind, Statement

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})


class _Ping:
    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        resp.content_type = "text/plain; charset=UTF-8"
        resp.text = "Ok.\n"


class _NoBrowsers:
    """Refuse what a web page could send: without it any site that is open in a browser here could run SQL.

    A page's own request carries `Origin`; one through a rebound DNS name carries that name in `Host`.
    """

    def process_request(self, req: falcon.Request, _resp: falcon.Response) -> None:
        if req.get_header("Origin") is not None or req.host not in _LOOPBACK:
            raise falcon.HTTPForbidden(description="Requests from web pages are not served.")


class _Statements:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._timezone = engine.timezone()

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """As in ClickHouse, a GET reads only."""
        self._serve(req, resp, read_only=True)

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        self._serve(req, resp, read_only=False)

    def _serve(self, req: falcon.Request, resp: falcon.Response, read_only: bool) -> None:
        parameters = read_parameters(req)
        resp.content_type = "text/plain; charset=UTF-8"
        resp.set_header("X-ClickHouse-Query-Id", _header_text(parameters.interface.get("query_id")))
        resp.set_header("X-ClickHouse-Timezone", self._timezone)
        statement, data = read_request_statement(req, parameters)
        with ExitStack() as resources:
            connection = resources.enter_context(self._lease(parameters, statement.keeps_state, read_only))
            outcome = _execute(connection, statement, data, parameters, self._engine.spool)
            if isinstance(outcome, Rows):
                resources.callback(outcome.pieces.close)
                _answer_rows(req, resp, outcome, parameters, resources)
            resp.set_header("X-ClickHouse-Summary", json.dumps(_summary(outcome)))

    def _lease(self, parameters: Parameters, keeps_state: bool, read_only: bool) -> AbstractContextManager[Connection]:
        settings, database = parameters.settings, parameters.interface.get("database")
        session_id = parameters.interface.get("session_id")
        if not session_id or read_only:
            return self._engine.lease(settings, database, read_only)
        return self._engine.lease_session(
            session_id, settings, database, parameters.session_seconds(), parameters.flag("session_check"), keeps_state
        )


def _execute(
    connection: Connection, statement: Statement, data: Iterator[bytes], parameters: Parameters, spool: Path
) -> Outcome:
    if statement.kind is Kind.INSERT_DATA and not parameters.values:
        return insert(connection, statement, data, spool)
    default_format = parameters.interface.get("default_format", "TabSeparated")
    return run(connection, statement, parameters.values, default_format)


def _answer_rows(
    req: falcon.Request, resp: falcon.Response, rows: Rows, parameters: Parameters, resources: ExitStack
) -> None:
    encoding, compressor = "", None
    if parameters.flag("enable_http_compression"):
        encoding, compressor = choose_compressor(req.get_header("Accept-Encoding") or "")
    if compressor:
        resp.set_header("Content-Encoding", encoding)
    resp.set_header("X-ClickHouse-Format", rows.format_name)
    if parameters.flag("wait_end_of_query"):
        file, length = whole(rows.pieces, compressor, resources)
        pieces = in_pieces(file)
        resp.content_length = length
    else:
        tag = new_tag()
        pieces = streamed(rows.pieces, compressor, tag)
        resp.set_header("X-ClickHouse-Exception-Tag", tag)
    resp.stream = ResultBody(pieces, resources.pop_all())


def _summary(outcome: Outcome) -> dict[str, str]:
    if not isinstance(outcome, Inserted):
        return {}
    return {
        "read_rows": str(outcome.rows),
        "read_bytes": str(outcome.bytes),
        "written_rows": str(outcome.rows),
        "written_bytes": str(outcome.bytes),
        "elapsed_ns": str(int(outcome.seconds * 1e9)),
    }


def _header_text(query_id: str | None) -> str:
    """The client's query id where a header can hold it, else a new one."""
    if query_id and query_id.isascii() and query_id.isprintable():
        return query_id
    return str(uuid.uuid4())


def _answer_error(_req: falcon.Request, resp: falcon.Response, error: ClickHouseError, _params: dict[str, Any]) -> None:
    resp.status = error.status
    resp.content_type = "text/plain; charset=UTF-8"
    resp.set_header("X-ClickHouse-Exception-Code", str(error.code))
    resp.data = error.text.encode(errors="replace") + b"\n"


def _not_found(req: falcon.Request, resp: falcon.Response, **kwargs: Any) -> None:
    raise refusal(NOT_IMPLEMENTED, "Only / and /ping are served here.")


def create_application(engine: Engine) -> falcon.App[falcon.Request, falcon.Response]:
    """The WSGI application over one engine."""
    app = falcon.App(middleware=[_NoBrowsers()])
    form = MultipartFormHandler()
    form.parse_options.max_body_part_buffer_size = MAX_STATEMENT_BYTES
    form.parse_options.max_body_part_count = MAX_FIELDS
    app.req_options.media_handlers[falcon.MEDIA_MULTIPART] = form
    app.add_error_handler(ClickHouseError, _answer_error)
    app.add_route("/ping", _Ping())
    app.add_route("/", _Statements(engine))
    app.add_sink(_not_found)
    return app
