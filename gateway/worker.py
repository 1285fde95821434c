"""gunicorn's asgi worker, taught to tell the application of SIGTERM."""

from __future__ import annotations

import asyncio
from typing import Any

from gunicorn.workers.gasgi import ASGIWorker


class DrainingWorker(ASGIWorker):  # type: ignore[misc]  # gunicorn is not typed
    """On SIGTERM the gateway drains at once, and the worker leaves when it has.

    The worker's own way waits for every connection, also those on which nobody asks anything (browsers open spare
    ones), up to the graceful timeout, and only then tells the application.
    """

    _drained: asyncio.Task[None] | None = None

    def handle_exit_signal(self) -> None:
        """SIGTERM; comes twice when a supervisor signals the whole process group."""
        super().handle_exit_signal()
        if self._drained is None:
            self._drained = self.loop.create_task(self._drain())

    async def _drain(self) -> None:
        await self.asgi.drain()
        # What SIGQUIT does to a worker that is already stopping: it ends the wait for idle connections.
        self.handle_quit_signal()


def worker_exit(server: Any, worker: Any) -> None:
    """The last thing a worker does, whatever ended it. gunicorn also calls it in the master for a worker long gone."""
    gateway = getattr(worker, "asgi", None)
    if gateway is not None:
        gateway.close()
