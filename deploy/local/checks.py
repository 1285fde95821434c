"""What must be so before anything is started; each failure is one sentence."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterable
from pathlib import Path

from deploy.local.layout import HOST, Layout
from deploy.local.programs import Program
from deploy.local.trouble import Trouble

# A guess: an hour of heavy use, and what the broker and the engine need to stay sound.
LEAST_FREE_BYTES = 2 << 30


def check_disk(directory: Path, least: int = LEAST_FREE_BYTES) -> None:
    """Raises Trouble when less than `least` bytes are free where the stack writes."""
    free = shutil.disk_usage(directory).free
    if free < least:
        raise Trouble(
            f"The disk of {directory} has {free / 2**30:.1f} GiB free and the stack needs {least / 2**30:.0f}."
        )


def disk_state(free: int, least: int = LEAST_FREE_BYTES) -> str:
    """What `status` says of so many free bytes."""
    if free < least:
        return f"LOW       {free / 2**30:.1f} GiB free; the stack does not start with less than {least / 2**30:.0f}"
    return f"OK        {free / 2**30:.1f} GiB free"


def check_ports(programs: Iterable[Program]) -> None:
    """Raises Trouble when something else listens where one of these programs should."""
    for program in programs:
        for port in program.ports:
            with socket.socket() as probe:
                # Without it the remains of closed connections would count as taken.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((HOST, port))
                except OSError:
                    raise Trouble(
                        f"Port {port}, meant for {program.name}, is taken: stop what listens there, "
                        "or set REELSTREAM_LOCAL_PORT_OFFSET."
                    ) from None


def check_set_up(layout: Layout) -> None:
    """Raises Trouble when the set-up steps have not run."""
    if not layout.kafka_jars.is_dir():
        raise Trouble("The stack is not set up: run `make up` once.")
