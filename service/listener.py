"""Takes connections in: many at a time, and still some when descriptors have run out.

uvloop takes one connection each time round its loop, so while it is busy with those it has, new ones wait until their
clients give up; and it resets whoever comes when there is no descriptor left.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable
from contextlib import suppress

from service.asgi_protocol import BoundedProtocol
from service.connections import Connections, Reason

# At most so many in one go, so that those already here have their turn.
AT_ONCE = 64
_NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Listener:
    """One listening socket and the connections that came through it."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        table: Connections[BoundedProtocol],
        make: Callable[[], BoundedProtocol],
        spare: Connections[BoundedProtocol],
    ) -> None:
        """`spare` is the table whose connections make way when there is no descriptor left."""
        self.table = table
        self._spare = spare
        self._loop = loop
        self._sock = sock
        self._make = make
        self._opening: set[asyncio.Task[None]] = set()
        sock.setblocking(False)
        loop.add_reader(sock, self._accept)

    def close(self) -> None:
        """Take no more."""
        self._loop.remove_reader(self._sock)
        self._sock.close()

    def _accept(self) -> None:
        for _ in range(AT_ONCE):
            try:
                connection, _ = self._sock.accept()
            except OSError as error:
                if error.errno in _NO_DESCRIPTOR:
                    self._give_one_back()
                return
            connection.setblocking(False)
            task = self._loop.create_task(self._open(connection))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    async def _open(self, connection: socket.socket) -> None:
        # A client that has left already is no trouble of ours.
        with suppress(OSError):
            await self._loop.connect_accepted_socket(self._make, connection)

    def _give_one_back(self) -> None:
        victim = self._spare.first_to_go() or self.table.first_to_go()
        if victim is not None:
            victim.drop(Reason.FULL)
