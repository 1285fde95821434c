"""Refusals: one shape for all of them, `{"error": code, "detail": one plain sentence}`."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any

import falcon
import structlog
from falcon.asgi import App, Request, Response

from sql.store import UnavailableError

_log = structlog.get_logger(__name__)
_FALCON_CODES = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


class RefusalError(Exception):
    """An answer that is not what was asked for. `detail` never repeats what a client sent, but names of parameters."""

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})


def no_such_recording() -> RefusalError:
    """Also the answer for another project's recording: ids of others are none of a reader's business."""
    return RefusalError(404, "unknown_recording", "There is no such recording in this project.")


def bad_filter(name: str, expected: str) -> RefusalError:
    """A query parameter that does not say what it should."""
    return RefusalError(422, "bad_filter", f"The parameter {name!r} must be {expected}.")


def add_error_handlers(app: App[Request, Response]) -> None:
    """Answer every failure in the one shape; what is unexpected is logged by kind and place, never by text."""
    # Falcon takes the handler of the nearest class, so the order does not matter.
    app.add_error_handler(Exception, _answer_surprise)
    app.add_error_handler(falcon.HTTPError, _answer_falcon)
    app.add_error_handler(RefusalError, _answer_refusal)
    app.add_error_handler(UnavailableError, _answer_unavailable)


def _write(response: Response | None, status: int, code: str, detail: str) -> Response:
    # None is for web sockets, which never come here.
    assert response is not None
    response.status = falcon.code_to_http_status(status)
    # Whatever the route had begun to answer.
    response.content_type = falcon.MEDIA_JSON
    response.media = {"error": code, "detail": detail}
    return response


async def _answer_refusal(
    _request: Request, response: Response | None, error: RefusalError, _params: dict[str, Any]
) -> None:
    _write(response, error.status, error.code, error.detail).set_headers(error.headers)


async def _answer_falcon(
    _request: Request, response: Response | None, error: falcon.HTTPError, _params: dict[str, Any]
) -> None:
    status = error.status_code
    code = _FALCON_CODES.get(status, "bad_request")
    detail = f"The request was refused: {falcon.code_to_http_status(status)[4:]}."
    _write(response, status, code, detail).set_headers(error.headers or {})


async def _answer_unavailable(
    _request: Request, response: Response | None, error: UnavailableError, _params: dict[str, Any]
) -> None:
    _log.warning("store_unavailable", code=error.code)
    detail = "The store of recordings does not answer now."
    _write(response, 503, "store_unavailable", detail).set_header("Retry-After", "2")


async def _answer_surprise(
    _request: Request, response: Response | None, error: Exception, _params: dict[str, Any]
) -> None:
    place = traceback.extract_tb(error.__traceback__)[-1]
    _log.error("request_crashed", kind=type(error).__name__, file=place.filename, line=place.lineno)
    _write(response, 500, "internal_error", "The request could not be answered.")
