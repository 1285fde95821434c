"""`GET /api/recordings/{id}/events`: a recording for a player, streamed."""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterator

import falcon
import structlog
from prometheus_client import Counter

from replay.encoding import accepted, compressed
from replay.errors import RefusalError
from replay.page_loads import Blocks
from replay.parameters import Parameters
from replay.playback import events
from replay.recordings import Recordings
from service.metrics import Metrics
from sql.store import UnavailableError

_log = structlog.get_logger(__name__)


class EventsResource:
    """At most `streams` answers at a time; each holds a thread for as long as its reader takes."""

    def __init__(self, recordings: Recordings, blocks: Blocks, metrics: Metrics, streams: int) -> None:
        self._recordings = recordings
        self._blocks = blocks
        self._sent = metrics.counter("reelstream_replay_events_total")
        self._free = threading.BoundedSemaphore(streams)

    def on_get(self, request: falcon.Request, response: falcon.Response, session: str) -> None:
        """200 with JSON lines, 404, 422, or 503 `overloaded`.

        `from` and `to` are RFC 3339 by the client's clock, as windows and pages are shown. The answer starts at the
        keyframe a player needs to draw `from` and ends with the block that holds `to`.
        """
        parameters = Parameters(request.query_string, ("window", "from", "to"))
        window = parameters.uuid("window")
        first, end = parameters.span()
        recorded = self._recordings.require(request.context.project, session)
        loads = self._blocks.page_loads(recorded, window, first, end)
        if not self._free.acquire(blocking=False):
            detail = "Too many recordings are being read; this one can be asked for again."
            raise RefusalError(503, "overloaded", detail, {"Retry-After": "2"})
        encoding = accepted(request.get_header("Accept-Encoding"))
        lines = _counted(events(self._blocks, loads, first, end), self._sent)
        response.content_type = "application/x-ndjson"
        response.set_header("Vary", "Accept-Encoding")
        if encoding:
            response.set_header("Content-Encoding", encoding)
        response.stream = Stream(compressed(lines, encoding), self._free)


class Stream:
    """What the server iterates over; `close`, which it calls whatever happens, gives the place back."""

    def __init__(self, pieces: Iterator[bytes], free: threading.BoundedSemaphore) -> None:
        self._pieces = pieces
        self._free: threading.BoundedSemaphore | None = free

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except UnavailableError as error:
            _log.warning("stream_broken", code=error.code)
            # The status is long sent. To the server this is a peer that went away: it drops the connection without
            # the end of the body, which the reader sees, and without a traceback.
            raise ConnectionResetError(errno.ECONNRESET, "the store went away") from None

    def close(self) -> None:
        """End the stream."""
        if self._free is not None:
            self._free.release()
            self._free = None


def _counted(lines: Iterator[bytes], counter: Counter) -> Iterator[bytes]:
    for line in lines:
        counter.inc()
        yield line
