"""gunicorn's asgi worker: our connections, a port of its own for probes, and an orderly end.

Its application, a `BaseApplication`, has `rules` once it is loaded. The application's own application may have
`async drain()`: refuse what is new and return when all that is running is answered.
"""

from __future__ import annotations

import asyncio
import os
import time
from functools import partial
from itertools import islice
from typing import Any

from gunicorn.arbiter import Arbiter
from gunicorn.asgi.lifespan import LifespanManager
from gunicorn.workers.gasgi import ASGIWorker

from service.asgi_protocol import BoundedProtocol, ServerRules
from service.connection_settings import ConnectionSettings
from service.connections import Connections
from service.descriptors import connection_bound, raise_limit
from service.listener import Listener
from service.memory import trimmer

HEARTBEAT_SECONDS = 1.0
# Deadlines are looked at this often; a tenth of the shortest is soon enough.
SWEEP_SECONDS = 0.5
# Ten thousand are gone within eight seconds, and each of the others waits for so many at most.
EXPIRED_AT_ONCE = 25
EXPIRED_PAUSE_SECONDS = 0.02
# It takes a few milliseconds.
TRIM_SECONDS = 20.0


def server_options(settings: ConnectionSettings, host: str, port: int, probe_port: int) -> dict[str, Any]:
    """gunicorn's settings that go with this worker."""
    bracketed = f"[{host}]" if ":" in host else host
    return {
        "bind": [f"{bracketed}:{port}", f"{bracketed}:{probe_port}"],
        "worker_class": BoundedWorker,
        # Only whether there is keep-alive at all; the time is the table's.
        "keepalive": 1,
        # For a loop that stands still, not for clients.
        "timeout": 30,
        "control_socket_disable": True,
    }


class BoundedWorker(ASGIWorker):  # type: ignore[misc]  # gunicorn is not typed
    """One process of a server."""

    _drained: asyncio.Task[None] | None = None

    async def _serve(self) -> None:
        """gunicorn's own, with our connections in place of its."""
        self.lifespan = LifespanManager(self.asgi, self.log, self.state)
        try:
            await self.lifespan.startup()
        except Exception:
            self.log.exception("startup failed")
            self.lifespan = None
            raise SystemExit(Arbiter.WORKER_BOOT_ERROR) from None
        self._tables: list[Connections[BoundedProtocol]] = []
        self._listeners: list[Listener] = []
        self._listen()
        sweeps = self.loop.create_task(self._sweep())
        while self.alive and self.ppid == os.getppid():
            self.notify()
            await asyncio.sleep(HEARTBEAT_SECONDS)
        for listener in self._listeners:
            listener.close()
        await self._shutdown()
        sweeps.cancel()

    def handle_exit_signal(self) -> None:
        """SIGTERM; comes twice when a supervisor signals the whole process group."""
        super().handle_exit_signal()
        if self._drained is None:
            self._drained = self.loop.create_task(self._drain())

    def _listen(self) -> None:
        rules: ServerRules = self.app.rules
        settings = rules.settings
        public = connection_bound(settings.connections, settings.probe_connections, raise_limit())
        for sock in self.sockets:
            probes = sock.sock.getsockname()[1] == rules.probe_port
            bound = settings.probe_connections if probes else public
            table: Connections[BoundedProtocol] = Connections(settings, bound, time.monotonic)
            self._tables.append(table)
            # The public port's comes first, as in `server_options`.
            make = partial(BoundedProtocol, self, table, rules)
            self._listeners.append(Listener(self.loop, sock.sock, table, make, self._tables[0]))

    async def _drain(self) -> None:
        """Let go of those nobody waits for, answer the others, leave.

        gunicorn's own way waits for every connection, also those on which nobody asks anything (browsers open spare
        ones), up to the graceful timeout, and only then tells the application.
        """
        drain = getattr(self.asgi, "drain", None)
        if drain is not None:
            await drain()
        else:
            while any(table.busy() for table in self._tables):
                await asyncio.sleep(0.05)
        # What SIGQUIT does to a worker that is already stopping: it ends the wait for idle connections.
        self.handle_quit_signal()

    async def _sweep(self) -> None:
        rules: ServerRules = self.app.rules
        settings = rules.settings
        shortest = min(settings.first_byte_seconds, settings.header_seconds, settings.body_idle_seconds)
        trim, trimmed_at = trimmer(), time.monotonic()
        open_connections = rules.metrics.gauge("reelstream_server_connections")
        while True:
            await asyncio.sleep(min(SWEEP_SECONDS, shortest / 10))
            now = time.monotonic()
            for table in self._tables:
                for reader in table.readers():
                    reader.note_taken(now)
                await self._expire(table)
            open_connections.set(len(self._tables[0]))
            if now - trimmed_at > TRIM_SECONDS:
                trim()
                trimmed_at = now

    async def _expire(self, table: Connections[BoundedProtocol]) -> None:
        """End those whose time is over: a few at a time, since thousands that came together end together."""
        while some := list(islice(table.expired(), EXPIRED_AT_ONCE)):
            for connection, reason in some:
                connection.expire(reason)
            await asyncio.sleep(EXPIRED_PAUSE_SECONDS)
