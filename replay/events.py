"""`GET /api/recordings/{id}/events`: a recording for a player, streamed."""

from __future__ import annotations

from collections.abc import Iterator

from falcon.asgi import Request, Response
from prometheus_client import Counter

from replay.door import Reader
from replay.encoding import accepted, compressed
from replay.lanes import Lane
from replay.page_loads import Blocks, PageLoad
from replay.parameters import Parameters
from replay.playback import events
from replay.recordings import Recordings
from replay.streams import OPEN_STREAM, Places, Stream
from service.metrics import Metrics


class EventsResource:
    """As many answers at a time as there are places. `lane` asks questions, `streaming` makes the bodies."""

    def __init__(
        self, recordings: Recordings, blocks: Blocks, metrics: Metrics, places: Places, lane: Lane, streaming: Lane
    ) -> None:
        self._recordings = recordings
        self._blocks = blocks
        self._sent = metrics.counter("reelstream_replay_events_total")
        self._places = places
        self._lane = lane
        self._streaming = streaming

    async def on_get(self, request: Request, response: Response, session: str) -> None:
        """200 with JSON lines, 404, 422, 429, or 503 `overloaded`.

        `from` and `to` are RFC 3339 by the client's clock, as windows and pages are shown. The answer starts at the
        keyframe a player needs to draw `from` and ends with the block that holds `to`.
        """
        parameters = Parameters(request.query_string, ("window", "from", "to"))
        window = parameters.uuid("window")
        first, end = parameters.span()
        reader: Reader = request.context.reader
        project = reader.project

        def loads() -> list[PageLoad]:
            recorded = self._recordings.require(project, session)
            return self._blocks.page_loads(recorded, window, first, end)

        found = await self._lane.run(project, loads)
        encoding = accepted(request.get_header("Accept-Encoding"))
        lines = _counted(events(self._blocks, found, first, end), self._sent)
        stream = Stream(compressed(lines, encoding), self._streaming, project, self._places.take(reader))
        # For an answer that ends before its body has begun: the server closes what it has begun with.
        request.scope[OPEN_STREAM] = stream
        await stream.begin()
        response.stream = stream
        response.content_type = "application/x-ndjson"
        response.set_header("Vary", "Accept-Encoding")
        if encoding:
            response.set_header("Content-Encoding", encoding)


def _counted(lines: Iterator[bytes], counter: Counter) -> Iterator[bytes]:
    for line in lines:
        counter.inc()
        yield line
