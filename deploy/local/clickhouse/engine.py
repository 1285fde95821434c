"""The engine of this process and the connections to it: one per request, or one per `session_id`."""

from __future__ import annotations

import json
import re
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import chdb

from deploy.local.clickhouse.errors import (
    SESSION_IS_LOCKED,
    SESSION_NOT_FOUND,
    TOO_MANY_SIMULTANEOUS_QUERIES,
    UNKNOWN_SETTING,
    ClickHouseError,
    from_engine,
    refusal,
)

MAX_SESSIONS = 256
_SETTING_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Connection:
    """One chDB connection: settings and the current database are its own; one statement at a time."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    def query(self, sql: bytes | str, format: str, params: Mapping[str, str] | None = None) -> Any:
        """Run a statement to its end. Raises ClickHouseError."""
        try:
            return self.raw.query(sql, format, params=dict(params or {}))
        except RuntimeError as raised:
            # chDB keeps the rows made before an error and prepends them to the connection's next result.
            self.raw.query("SELECT 1", "Null")
            raise from_engine(raised) from None

    def apply(self, settings: Mapping[str, str], database: str | None) -> None:
        """Set what a request asks for. Raises ClickHouseError for an unknown setting or database."""
        if database:
            self.query(f"USE {_identifier(database)}", "Null")
        if settings:
            self.query("SET " + ", ".join(f"{_name(k)} = {_literal(v)}" for k, v in settings.items()), "Null")

    def remember(self, settings: Mapping[str, str]) -> list[str]:
        """The statements that undo an `apply` of these settings and of any database."""
        names = ", ".join(_literal(_name(name)) for name in settings) or "''"
        found = self.query(
            f"SELECT name, value, changed FROM system.settings WHERE name IN ({names})",  # noqa: S608 (quoted)
            "JSONEachRow",
        )
        rows = [json.loads(line) for line in found.bytes().splitlines()]
        database = self.query("SELECT currentDatabase()", "TabSeparatedRaw").bytes().decode().rstrip("\n")
        return [f"USE {_identifier(database)}"] + [
            f"SET {row['name']} = {_literal(row['value']) if row['changed'] else 'DEFAULT'}" for row in rows
        ]


class _Session:
    """It has a connection of its own only from its first statement that keeps state on: most never need one."""

    def __init__(self) -> None:
        self.connection: Connection | None = None
        self.lock = threading.Lock()
        self.expires = 0.0

    def close(self) -> None:
        if self.connection is not None:
            self.connection.raw.close()


class Engine:
    """The embedded engine on one data directory; chDB refuses a second process on the same one."""

    def __init__(self, path: Path, settings: Mapping[str, str]) -> None:
        self._url = f"{path}?{urlencode(settings)}"
        # Data of inserts on its way into the engine; what a killed process left is of no use to anybody.
        self.spool = path.with_name(f"{path.name}-spool")
        shutil.rmtree(self.spool, ignore_errors=True)
        self.spool.mkdir(mode=0o700)
        self._sessions: dict[str, _Session] = {}
        self._sessions_lock = threading.Lock()
        # The engine lives as long as one connection does.
        self._anchor = self._connect()

    def _connect(self) -> Connection:
        return Connection(chdb.connect(self._url))

    def timezone(self) -> str:
        """The name of the engine's time zone, which clients use to read DateTime values."""
        return str(self._anchor.query("SELECT timezone()", "TabSeparatedRaw").bytes().decode().strip())

    @contextmanager
    def lease(self, settings: Mapping[str, str], database: str | None, read_only: bool) -> Iterator[Connection]:
        """A connection of its own for one request, with the request's settings."""
        connection = self._connect()
        try:
            connection.apply(settings, database)
            if read_only:
                connection.apply({"readonly": "2"}, None)
            yield connection
        finally:
            connection.raw.close()

    @contextmanager
    def lease_session(
        self,
        session_id: str,
        settings: Mapping[str, str],
        database: str | None,
        timeout: float,
        must_exist: bool,
        keeps_state: bool,
    ) -> Iterator[Connection]:
        """The session's connection, alone, for one request; its settings are as before afterwards."""
        session = self._find_session(session_id, must_exist)
        # A client that has read the last byte may ask again before this side has let go.
        if not session.lock.acquire(timeout=1.0):
            raise refusal(SESSION_IS_LOCKED, "Session is locked by a concurrent client.")
        try:
            if session.connection is None and not keeps_state:
                with self.lease(settings, database, read_only=False) as fresh:
                    yield fresh
                return
            own = session.connection = session.connection or self._connect()
            undo = own.remember(settings) if settings or database else []
            try:
                own.apply(settings, database)
                yield own
            finally:
                self._restore(session, own, undo)
        finally:
            session.expires = time.monotonic() + timeout
            session.lock.release()

    def _restore(self, session: _Session, own: Connection, undo: list[str]) -> None:
        try:
            for statement in undo:
                own.query(statement, "Null")
        except ClickHouseError:
            # A setting that stays behind (a deduplication token, say) could lose rows: better a session
            # without memory.
            own.raw.close()
            session.connection = None

    def _find_session(self, session_id: str, must_exist: bool) -> _Session:
        with self._sessions_lock:
            now = time.monotonic()
            for key, session in list(self._sessions.items()):
                if session.expires < now:
                    self._drop(key)
            found = self._sessions.get(session_id)
            if found is None:
                if must_exist:
                    raise refusal(SESSION_NOT_FOUND, "Session not found.")
                if len(self._sessions) >= MAX_SESSIONS and not self._make_room():
                    raise refusal(TOO_MANY_SIMULTANEOUS_QUERIES, f"More than {MAX_SESSIONS} sessions.")
                found = self._sessions[session_id] = _Session()
            found.expires = now + 3600
            return found

    def _drop(self, session_id: str) -> bool:
        """Forget a session unless it is at work."""
        session = self._sessions[session_id]
        if not session.lock.acquire(blocking=False):
            return False
        self._sessions.pop(session_id).close()
        return True

    def _make_room(self) -> bool:
        """Forget the idle session that matters least: each new clickhouse-connect client brings one."""
        by_worth = sorted(
            self._sessions, key=lambda key: (self._sessions[key].connection is not None, self._sessions[key].expires)
        )
        return any(self._drop(key) for key in by_worth)

    def close(self) -> None:
        """Let go of the data directory."""
        for session in self._sessions.values():
            session.close()
        self._anchor.raw.close()


def _name(setting: str) -> str:
    if not _SETTING_NAME.fullmatch(setting):
        raise refusal(UNKNOWN_SETTING, "A setting's name is made of letters, digits and underscores.")
    return setting


def _literal(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _identifier(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
