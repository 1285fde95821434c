"""`GET /api/losses`: what was not kept, where and why; also why one session or payload is not there."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Request, Response

from replay.door import Reader
from replay.lanes import Lane
from replay.parameters import Parameters
from replay.times import rfc3339
from sql.queries import question
from sql.store import Store

# Enough to look at without paging.
SAMPLES = 5


class LossesResource:
    """Losses of the reader's project by stage, reason and kind."""

    def __init__(self, store: Store, lane: Lane) -> None:
        self._store = store
        self._lane = lane

    async def on_get(self, request: Request, response: Response) -> None:
        """200; an empty list if nothing was lost. `id` is the one that a payload's 202 gave."""
        parameters = Parameters(request.query_string, ("from", "to", "session", "id"))
        first, end = parameters.span()
        reader: Reader = request.context.reader
        asked = {
            "project": reader.project,
            "from_ms": first,
            "to_ms": end,
            "session": parameters.uuid("session"),
            "id": parameters.uuid("id"),
            "samples": SAMPLES,
        }
        rows = await self._lane.run(reader.project, lambda: self._store.rows(question("losses"), asked))
        response.media = {"losses": [_describe(row) for row in rows]}


def _describe(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "stage": row["stage"],
        "reason": row["reason"],
        "kind": row["kind"],
        "payloads": row["payloads_lost"],
        "events": row["events_lost"],
        "bytes": row["bytes_lost"],
        "first_at": rfc3339(row["first_received_ms"]),
        "last_at": rfc3339(row["last_received_ms"]),
        "samples": [
            {
                "id": payload,
                "session_id": session,
                "window_id": window,
                "page": page,
                "seq": seq,
                "source": source,
                "received_at": rfc3339(received),
            }
            for payload, session, window, page, seq, source, received in row["samples"]
        ],
    }
