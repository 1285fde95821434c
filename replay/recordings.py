"""`GET /api/recordings` and `GET /api/recordings/{id}`: what there is to watch."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Request, Response

from replay.cursor import Cursor, decode_cursor
from replay.describe import describe
from replay.door import Reader
from replay.errors import bad_filter, no_such_recording
from replay.lanes import Lane
from replay.page_loads import Recorded
from replay.parameters import Parameters
from schemas.identity import is_uuid
from sql.queries import question
from sql.store import Store

ORDERS = ("newest", "oldest")
PAGE = 50
LARGEST_PAGE = 200
FILTERS = (
    "from",
    "to",
    "user",
    "country",
    "browser",
    "device",
    "url",
    "min_duration",
    "has_errors",
    "order",
    "limit",
    "cursor",
)


class Recordings:
    """A project's recordings as ClickHouse has them. Raises UnavailableError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, project: str, session: str) -> dict[str, Any]:
        """One recording as the API shows it. Raises RefusalError (404) if the project has no such recording."""
        return self._described(project, self._rows(project, session))[0]

    def require(self, project: str, session: str) -> Recorded:
        """Which blocks a recording has. Raises RefusalError (404) if the project has no such recording."""
        (row,) = self._rows(project, session)
        return Recorded(project, session, row["started_ms"], row["expires_on"])

    def _rows(self, project: str, session: str) -> list[dict[str, Any]]:
        """The one row of a recording. Raises RefusalError (404) if the project has no such recording."""
        rows: list[dict[str, Any]] = []
        if is_uuid(session):
            rows = self._store.rows(question("recording"), {"project": project, "session": session})
        if not rows:
            raise no_such_recording()
        return rows

    def page(self, project: str, parameters: Parameters) -> dict[str, Any]:
        """A page of recordings and the cursor of the next, None on the last."""
        order = parameters.choice("order", ORDERS) or "newest"
        limit = parameters.number("limit", PAGE, 1, LARGEST_PAGE)
        first, end = parameters.span()
        after = _after(parameters, order)
        errors = parameters.choice("has_errors", ("true", "false"))
        asked = {
            "project": project,
            "from_ms": first,
            "to_ms": end,
            "after_ms": after.started_ms if after else 0,
            "after_session": after.session if after else "",
            **{name: parameters.text(name) for name in ("user", "country", "browser", "device", "url")},
            "min_duration_ms": parameters.seconds("min_duration"),
            "has_errors": {None: -1, "false": 0, "true": 1}[errors],
            # One more than asked for tells whether there is a next page.
            "limit": limit + 1,
        }
        rows = self._store.rows(question(f"list_{order}"), asked)
        found, more = rows[:limit], len(rows) > limit
        cursor = Cursor(order, found[-1]["started_ms"], found[-1]["session"]).encode() if more else None
        return {"recordings": self._described(project, self._first(project, found)), "next_cursor": cursor}

    def _first(self, project: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Without the later starts of sessions that were begun more than once, which `find` does not show either.

        Asked for a page at a time: over all sessions it would cost each list a second at a million of them.
        """
        if not rows:
            return []
        asked = {"project": project, "sessions": [row["session"] for row in rows]}
        again = {row["session"]: row for row in self._store.rows(question("begun_again"), asked)}
        return [row for row in rows if _is_first(row, again.get(row["session"]))]

    def _described(self, project: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        sessions = [row["session"] for row in rows]
        losses: dict[str, list[dict[str, Any]]] = {session: [] for session in sessions}
        if sessions:
            asked = {"project": project, "sessions": sessions}
            for loss in self._store.rows(question("losses_of_sessions"), asked):
                losses[loss["session"]].append(loss)
        return [describe(row, losses[row["session"]]) for row in rows]


class RecordingListResource:
    """A page of the list."""

    def __init__(self, recordings: Recordings, lane: Lane) -> None:
        self._recordings = recordings
        self._lane = lane

    async def on_get(self, request: Request, response: Response) -> None:
        """200, or 422 that names the filter."""
        parameters = Parameters(request.query_string, FILTERS)
        reader: Reader = request.context.reader
        response.media = await self._lane.run(reader.project, lambda: self._recordings.page(reader.project, parameters))


class RecordingResource:
    """One recording."""

    def __init__(self, recordings: Recordings, lane: Lane) -> None:
        self._recordings = recordings
        self._lane = lane

    async def on_get(self, request: Request, response: Response, session: str) -> None:
        """200 or 404."""
        Parameters(request.query_string, ())
        reader: Reader = request.context.reader
        response.media = await self._lane.run(reader.project, lambda: self._recordings.find(reader.project, session))


def _is_first(row: dict[str, Any], first: dict[str, Any] | None) -> bool:
    return first is None or (row["started_ms"], row["expires_on"]) == (first["started_ms"], first["last_day"])


def _after(parameters: Parameters, order: str) -> Cursor | None:
    text = parameters.text("cursor")
    if not text:
        return None
    try:
        return decode_cursor(text, order)
    except ValueError:
        raise bad_filter("cursor", "the next_cursor of a list in the same order") from None
