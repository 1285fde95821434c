"""Requests a second at the gateway, beside one page of Falcon that does the least that is needed."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.load import Answers, post
from bench.process import Measured, running
from bench.stack import Bench
from deploy.local.layout import HOST

KIB = 1024
SIZES = (2 * KIB, 20 * KIB, 200 * KIB, 2048 * KIB)
CONNECTIONS = 64
# Of 2 MB bodies the gateway holds no more at once than its bound on bytes in flight allows.
CONNECTIONS_OF_LARGE = 16
WARM_UP_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Burst:
    """One burst against one server."""

    size: int
    repetition: int
    bare: bool
    answers: Answers
    cpu: float

    def __str__(self) -> str:
        side = "bare page" if self.bare else "gateway"
        return f"{self.size // KIB} KB {self.repetition + 1}: {side} {self.rate:.0f} accepted a second"

    @property
    def rate(self) -> float:
        """Accepted requests a second."""
        return self.answers.accepted / self.answers.seconds


def measure_gateway(bench: Bench, repetitions: int, seconds: int) -> Iterator[Burst]:
    """Bursts of every size, the gateway and the bare page taking turns."""
    bench.create_topics("gateway")
    bare_port = bench.ports.gateway + 1
    with bench.role("gateway", "gateway") as gateway, _bare_gateway(bench, bare_port) as bare:
        servers = ((gateway, bench.ports.gateway, False), (bare, bare_port, True))
        for size in SIZES:
            connections = CONNECTIONS_OF_LARGE if size == SIZES[-1] else CONNECTIONS
            for _, port, _ in servers:
                post(port, size, connections, WARM_UP_SECONDS)
            for repetition in range(repetitions):
                for server, port, is_bare in servers:
                    before = server.cpu_seconds()
                    came = post(port, size, connections, seconds)
                    yield Burst(size, repetition, is_bare, came, server.cpu_seconds() - before)


@contextmanager
def _bare_gateway(bench: Bench, port: int) -> Iterator[Measured]:
    command = (sys.executable, "-m", "bench.bare_gateway", str(port))
    with running("bare gateway", command, bench.environment("gateway"), bench.directory / "bare.log") as server:
        server.wait_until(lambda: _listens(port))
        yield server


def _listens(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex((HOST, port)) == 0
