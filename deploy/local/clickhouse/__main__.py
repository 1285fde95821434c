"""`python -m deploy.local.clickhouse --data DIR --port N`: serve the engine until SIGTERM."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path
from types import FrameType

import waitress

from deploy.local.clickhouse.application import create_application
from deploy.local.clickhouse.engine import Engine

THREADS = 16
MAX_BODY_BYTES = 1 << 30

ENGINE_SETTINGS = {
    # The engine's defaults are those of a command-line tool; these two are the server's.
    "implicit_select": "0",
    "allow_introspection_functions": "0",
    # A guess that leaves room for the rest of the stack on an 8 GB laptop.
    "max_memory_usage": str(2 << 30),
}


def main() -> None:
    """Serve; end cleanly on SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="deploy.local.clickhouse")
    parser.add_argument("--data", type=Path, required=True, help="the engine's directory")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    arguments = parser.parse_args()
    arguments.data.mkdir(parents=True, exist_ok=True)
    engine = Engine(arguments.data.resolve(), ENGINE_SETTINGS)
    server = waitress.create_server(
        create_application(engine),
        host=arguments.host,
        port=arguments.port,
        threads=THREADS,
        connection_limit=200,
        max_request_body_size=MAX_BODY_BYTES,
        # Waitress reads 8 KiB at a time by default, which shows on bodies of tens of MiB.
        recv_bytes=256 << 10,
        ident=None,
    )

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        server.run()
    finally:
        server.close()
        engine.close()


if __name__ == "__main__":
    main()
