"""gunicorn, set up from our settings: two ports, our worker, our log."""

from __future__ import annotations

import gc
import os
import shutil
import signal
from functools import partial
from importlib.metadata import version
from typing import Any

from gunicorn.app.base import BaseApplication
from prometheus_client import CollectorRegistry, generate_latest, multiprocess

from gateway import cors
from gateway.app import Gateway, create_app
from gateway.producer import KafkaLog
from gateway.settings import METRICS_DIRECTORY, GatewaySettings
from service.asgi_protocol import ServerRules
from service.asgi_worker import server_options
from service.environment import ClusterSettings
from service.metrics import Metrics
from service.projects import ProjectsFile
from service.server_log import ServerLogger


class GatewayServer(BaseApplication):  # type: ignore[misc]
    """`run()` serves until a signal ends it."""

    def __init__(self, cluster: ClusterSettings, settings: GatewaySettings) -> None:
        self._cluster = cluster
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn. It reads neither a command line nor files of its own."""
        settings = self._settings
        options = server_options(settings, self._cluster.bind_host, settings.port, settings.metrics_port) | {
            "workers": settings.workers,
            # Without it one of several workers takes every connection.
            "reuse_port": settings.workers > 1,
            "graceful_timeout": settings.graceful_timeout_seconds,
            "logger_class": ServerLogger,
            "loglevel": self._cluster.log_level,
            "worker_exit": _worker_exit,
        }
        if self._settings.workers > 1:
            options |= {"child_exit": _forget_worker, "on_exit": _forget_numbers}
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Gateway:
        """Called by gunicorn in each worker, after the fork."""
        shared = self._settings.workers > 1
        metrics = Metrics(process=not shared)
        metrics.gauge("reelstream_build_info", "gateway", version("reelstream"), "false").set(1)
        self.rules = ServerRules(
            self._settings, metrics, self._settings.metrics_port, cors.server_refusal_headers, ignore_cookies=True
        )
        log = KafkaLog(self._cluster, self._settings, metrics, on_fatal=_stop_this_worker)
        projects = ProjectsFile(self._cluster.projects)
        # What stands now stands for good, and requests leave few cycles: collecting the young often finds nothing.
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        expose = _numbers_of_all_workers if shared else partial(generate_latest, metrics.registry)
        return create_app(self._settings, projects.current, log, metrics, expose)


def _numbers_of_all_workers() -> bytes:
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _stop_this_worker() -> None:
    """The worker drains; gunicorn starts another in its place."""
    os.kill(os.getpid(), signal.SIGTERM)


def _worker_exit(server: Any, worker: Any) -> None:
    """The last thing a worker does, whatever ended it. gunicorn also calls it in the master for a worker long gone."""
    gateway = getattr(worker, "asgi", None)
    if gateway is not None:
        gateway.close()


def _forget_worker(server: Any, worker: Any) -> None:
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def _forget_numbers(server: Any) -> None:
    shutil.rmtree(os.environ[METRICS_DIRECTORY], ignore_errors=True)
