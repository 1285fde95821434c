"""The load generator: Debian's wrk, for a bounded time, against this machine only."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import orjson

from bench.records import WRITE_KEY
from deploy.local.layout import HOST

_SCRIPT = Path(__file__).with_name("load.lua")


class LoadError(Exception):
    """The generator could not do its work; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of one burst: `accepted` in `seconds`; latencies in seconds; the rest was refused or broke off."""

    accepted: int
    refused: int
    broken: int
    seconds: float
    p50: float
    p99: float


def find_generator() -> str:
    """wrk's path; LoadError if it is not installed."""
    path = shutil.which("wrk")
    if path is None:
        raise LoadError("wrk is not installed: `sh scripts/debian-packages` brings it.")
    return path


def post(port: int, size: int, connections: int, seconds: int) -> Answers:
    """Post bodies of `size` bytes over that many connections, each sending as soon as it is answered."""
    command = [
        find_generator(),
        "--threads=1",
        f"--connections={connections}",
        f"--duration={seconds}s",
        "--timeout=15s",
        f"--script={_SCRIPT}",
        f"http://{HOST}:{port}",
        "--",
        WRITE_KEY,
        str(size),
    ]
    output = subprocess.run(command, check=True, capture_output=True, timeout=seconds + 60).stdout
    found = orjson.loads(output.strip().rpartition(b"\n")[2])
    return Answers(
        accepted=found["requests"] - found["refused"],
        refused=found["refused"],
        broken=found["broken"],
        seconds=found["us"] / 1e6,
        p50=found["p50"] / 1e6,
        p99=found["p99"] / 1e6,
    )
