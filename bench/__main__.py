"""`python -m bench`: measure every part on this machine, print the tables, and with `--json` keep every repetition."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any, TypeVar

import orjson
from confluent_kafka import KafkaException

from bench.broker import StalledError
from bench.load import LoadError, find_generator
from bench.measure_gateway import measure_gateway
from bench.measure_latency import measure_latency, staggered
from bench.measure_path import PATH, measure_path
from bench.measure_stages import measure_stages
from bench.privacy.compiled import NotCompiledError, compiled_packages
from bench.records import Payload, bodies, payloads_of, raw_samples
from bench.report import gateway_table, latency_table, runs_table
from bench.stack import Bench, local_bench
from bench.store import Store
from bench.timing import Loop, bare_loop
from processors.topology import STAGES
from sql.migrate import MigrationError

T = TypeVar("T")
PARTS = ("gateway", "stages", "path")
QUICK_SHARE = 4


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much is measured: repetitions of everything, seconds of a burst, page loads and their payloads."""

    repetitions: int
    burst_seconds: int
    sessions: int
    payloads: int
    latency_sessions: int
    latency_payloads: int
    latency_rate: float


def main() -> int:
    """Exit code 0: measured; 1: something did not work, said in a sentence."""
    arguments = _arguments()
    amounts = _amounts(arguments)
    # The caller's own stack must not be what is measured.
    for name in [name for name in os.environ if name.startswith("REELSTREAM_")]:
        del os.environ[name]
    # So that broker and ClickHouse end with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    started = time.monotonic()
    try:
        if arguments.compiled:
            # For the processes that are measured; the bench itself has started from the sources.
            os.environ["PYTHONPATH"] = str(compiled_packages())
        find_generator()
        with local_bench() as bench:
            found = {"machine": _machine(), "amounts": amounts, **_measure(bench, amounts, arguments.only or PARTS)}
    except (NotCompiledError, LoadError, StalledError, MigrationError, KafkaException, CalledProcessError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    found["seconds"] = time.monotonic() - started
    if arguments.json:
        arguments.json.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    return 0


def _measure(bench: Bench, amounts: Amounts, parts: Sequence[str]) -> dict[str, Any]:
    """What was found, by part; each table is printed as soon as it is known."""
    found: dict[str, Any] = {}
    with bare_loop(bench) as loop:
        if "stages" in parts:
            raw = [raw_samples(payloads) for payloads in _passes(amounts, "stages")]
            found["stages"] = list(_followed(measure_stages(bench, loop, raw)))
            print(runs_table("Each stage alone, beside the bare loop", found["stages"]), flush=True)
        if "path" in parts:
            found |= _measure_path(bench, loop, amounts)
    if "gateway" in parts:
        found["gateway"] = list(_followed(measure_gateway(bench, amounts.repetitions, amounts.burst_seconds)))
        print(gateway_table(found["gateway"]), flush=True)
    return found


def _measure_path(bench: Bench, loop: Loop, amounts: Amounts) -> dict[str, Any]:
    bench.create_topics(PATH)
    bench.create_tables(PATH)
    raw = [raw_samples(payloads) for payloads in _passes(amounts, PATH)]
    roles = ["gateway", *(spec.name for spec in STAGES)]
    store = Store(bench.clickhouse, bench.cluster(PATH).clickhouse_database)
    with closing(store), bench.roles(roles, PATH) as processes:
        runs = list(_followed(measure_path(bench, loop, processes, store, raw)))
        print(runs_table("From the raw topic through all stages to ClickHouse", runs), flush=True)
        posted = [staggered(payloads) for payloads in _passes(amounts, "latency")]
        latencies = list(_followed(measure_latency(bench, store, posted, amounts.latency_rate)))
        print(latency_table(latencies, amounts.latency_rate), flush=True)
    return {"path": runs, "latency": latencies}


def _followed(measurements: Iterable[T]) -> Iterator[T]:
    """The same, each shown on standard error as it comes: a run takes minutes."""
    for measurement in measurements:
        print(f"  {measurement}", file=sys.stderr, flush=True)
        yield measurement


def _passes(amounts: Amounts, part: str) -> list[list[Payload]]:
    """Payloads of each repetition: the same content in every part, under session ids of their own."""
    latency = part == "latency"
    sessions = amounts.latency_sessions if latency else amounts.sessions
    made = bodies(amounts.latency_payloads if latency else amounts.payloads)
    return [payloads_of(made, sessions, f"{part} {repetition}") for repetition in range(amounts.repetitions)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="How fast every part is on this machine.")
    parser.add_argument("--quick", action="store_true", help="a quarter of the amounts: a look, not a figure")
    parser.add_argument("--compiled", action="store_true", help="measure the build of `make compiled`")
    parser.add_argument("--json", type=Path, help="write every repetition to this file")
    parser.add_argument("--only", choices=PARTS, action="append", help="measure this part; may be repeated")
    parser.add_argument("--repetitions", type=int, default=3, help="of everything, at least 3 (default 3)")
    parser.add_argument("--seconds", type=int, default=3, help="of a burst of requests (default 3)")
    parser.add_argument("--sessions", type=int, default=30, help="page loads in a pass (default 30)")
    parser.add_argument("--payloads", type=int, default=40, help="payloads of a page load (default 40)")
    parser.add_argument("--rate", type=float, default=40, help="payloads a second for latencies (default 40)")
    arguments = parser.parse_args()
    if arguments.repetitions < 3:
        parser.error("fewer than 3 repetitions have no median worth the name")
    return arguments


def _amounts(arguments: argparse.Namespace) -> Amounts:
    share = QUICK_SHARE if arguments.quick else 1
    return Amounts(
        repetitions=arguments.repetitions,
        burst_seconds=max(arguments.seconds // share, 1),
        sessions=max(arguments.sessions // share, 1),
        payloads=arguments.payloads,
        latency_sessions=20 // share,
        latency_payloads=20,
        latency_rate=arguments.rate,
    )


def _machine() -> dict[str, Any]:
    """What the figures hold for; a load above zero means that others were working too."""
    machine = {
        "cpus": os.cpu_count(),
        "load": os.getloadavg()[0],
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("reelstream", "quixstreams", "confluent-kafka", "gunicorn", "falcon")},
    }
    print(" · ".join(f"{name} {value}" for name, value in machine.items()), end="\n\n", flush=True)
    return machine


if __name__ == "__main__":
    sys.exit(main())
