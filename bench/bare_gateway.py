"""The yardstick of the gateway: one page of Falcon that produces a body and answers on the delivery report.

    python -m bench.bare_gateway PORT

No keys, limits, headers, metrics or probes. gunicorn and librdkafka are set up as the gateway's own, from the same
environment.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Mapping
from typing import Any

from confluent_kafka import Producer
from falcon.asgi import App, Request, Response

from gateway.producer import producer_config
from gateway.server import GatewayServer
from gateway.settings import GatewaySettings
from schemas.topics import RAW
from service.environment import ClusterSettings, load
from service.log import configure


class BareLog:
    """Produces, from a worker's event loop."""

    def __init__(self, topic: str, config: dict[str, Any]) -> None:
        self._topic = topic
        self._config = config

    async def process_startup(self, scope: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Falcon calls it in the worker, where the producer's threads must start."""
        self._loop = asyncio.get_running_loop()
        self._producer = Producer(self._config)
        threading.Thread(target=self._poll, daemon=True).start()

    async def on_post(self, req: Request, resp: Response, session: str, **_: str) -> None:
        """202 once the broker has the body."""
        body = await req.stream.read()
        report: asyncio.Future[Any] = self._loop.create_future()

        def delivered(error: Any, _: Any) -> None:
            self._loop.call_soon_threadsafe(report.set_result, error)

        self._producer.produce(self._topic, value=body, key=session, on_delivery=delivered)
        resp.status = 503 if await report else 202
        resp.media = {"id": session}

    def _poll(self) -> None:
        while True:
            self._producer.poll(0.2)


class BareServer(GatewayServer):
    """The gateway's server around another application, on one port, with gunicorn's own worker."""

    def __init__(self, cluster: ClusterSettings, settings: GatewaySettings, port: int) -> None:
        self._port = port
        super().__init__(cluster, settings)

    def load_config(self) -> None:
        """Called by gunicorn."""
        super().load_config()
        own = {"bind": [f"127.0.0.1:{self._port}"], "worker_class": "asgi", "worker_exit": lambda server, worker: None}
        for name, value in own.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Called by gunicorn in the worker."""
        log = BareLog(self._cluster.topic_prefix + RAW.name, producer_config(self._cluster, self._settings))
        app = App()
        app.add_middleware(log)
        app.add_route("/v1/replay/{key}/{session}/{window}", log)
        return app


def main() -> None:
    """Serve until a signal."""
    cluster, settings = load("gateway", GatewaySettings, os.environ)
    configure(cluster.log_level, "bench")
    BareServer(cluster, settings, int(sys.argv[1])).run()


if __name__ == "__main__":
    main()
