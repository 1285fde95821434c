"""Where a siege takes place: addresses of attackers and good clients, and requests written byte by byte."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

# Attackers and good clients have networks of their own within 127.0.0.0/8; good ones have an address each.
GOOD_NETWORK = "127.0.10"
ATTACKERS = tuple(f"127.0.66.{last}" for last in range(1, 21))
# Where both come from when they come through proxies: a few, as one has not the ports for all that it would open.
PROXIES = tuple(f"127.0.9.{last}" for last in range(1, 9))
# What those say of them (RFC 5737's addresses for documents).
GOOD_FORWARDED = "198.51.100"
ATTACKERS_FORWARDED = tuple(f"203.0.113.{last}" for last in range(1, 21))
ANSWER_SECONDS = 20.0
# A reader that never reads must not have much read for it by its own kernel.
SMALL_BUFFER = 4096


@dataclass
class Ground:
    """The stack under siege as one attacker sees it. `answers` counts statuses by attack; 0 is none at all."""

    gateway: str
    replay: str
    key: str
    flood_key: str
    behind_proxy: bool
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    # What must never happen, by the attack's name.
    breaches: list[str] = field(default_factory=list)
    _turn: Iterator[int] = field(default_factory=itertools.count)

    def address(self) -> str:
        """The next attacker's, in turn."""
        addresses = ATTACKERS_FORWARDED if self.behind_proxy else ATTACKERS
        return addresses[next(self._turn) % len(addresses)]

    @asynccontextmanager
    async def connect(
        self, base: str, address: str, *, small_buffer: bool = False
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A connection from an attacker's address, closed at the end whatever happens."""
        place = urlsplit(base)
        connection = socket.socket()
        connection.setblocking(False)
        try:
            if small_buffer:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
            connection.bind((proxy_of(address) if self.behind_proxy else address, 0))
            await asyncio.get_running_loop().sock_connect(connection, (place.hostname or "", place.port or 0))
            reader, writer = await asyncio.open_connection(sock=connection)
        except OSError:
            connection.close()
            raise
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    def head(self, method: str, target: str, address: str, *lines: str) -> bytes:
        """A request up to and with the empty line."""
        own = ["Host: siege.example", *lines]
        if self.behind_proxy and not any(line.lower().startswith("x-forwarded-for:") for line in lines):
            own.append(f"X-Forwarded-For: {address}")
        return "\r\n".join([f"{method} {target} HTTP/1.1", *own, "", ""]).encode("latin-1")

    async def ask(
        self, attack: str, base: str, method: str, target: str, *lines: str, body: bytes | None = None
    ) -> int:
        """One request on a connection of its own; its status, 0 when there was no answer. Counted."""
        address = self.address()
        status = 0
        try:
            async with asyncio.timeout(ANSWER_SECONDS), self.connect(base, address) as (reader, writer):
                length = [] if body is None else [f"Content-Length: {len(body)}"]
                writer.write(self.head(method, target, address, *lines, *length) + (body or b""))
                status = await read_status(reader)
        except (OSError, TimeoutError):
            pass
        self.answers[attack, status] += 1
        return status


def proxy_of(address: str) -> str:
    """The proxy through which a client comes."""
    return PROXIES[int(address.rsplit(".", 1)[1]) % len(PROXIES)]


async def read_status(reader: asyncio.StreamReader) -> int:
    """The status of an answer's first line, 0 if the server closed without one. OSError when it broke off."""
    try:
        words = (await reader.readline()).split()
    except ValueError:
        return 0
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
