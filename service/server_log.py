"""gunicorn's messages through the process's own log, without what they quote of requests."""

from __future__ import annotations

import sys
import traceback
from typing import Any

import structlog
from gunicorn.glogging import Logger

_log = structlog.get_logger(__name__)


class ServerLogger(Logger):  # type: ignore[misc]  # gunicorn is not typed
    """One JSON object a line. gunicorn's own texts would hold client addresses, request lines and paths."""

    def setup(self, cfg: Any) -> None:
        """Called by gunicorn."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True

    def warning(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """Called by gunicorn, also for requests that are not HTTP (`Worker.handle_error`)."""
        if str(msg).startswith("Invalid request from"):
            _log.info("request_unreadable")
        else:
            super().warning(msg, *args, **kwargs)

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """Called by gunicorn inside `except`: the exception's kind, number and place, never its text."""
        error = sys.exc_info()[1]
        facts = {"kind": type(error).__name__, "code": getattr(error, "errno", None)}
        if str(msg).startswith("Socket error"):
            _log.info("connection_lost", **facts)
        else:
            trace = traceback.extract_tb(error.__traceback__ if error else None)
            _log.error("server_failed", **facts, frames=[f"{each.filename}:{each.lineno}" for each in trace[-8:]])
