"""gunicorn around the application: one process, threads, and the probes on a port of their own."""

from __future__ import annotations

import socket
from importlib import resources
from importlib.metadata import version
from typing import Any

import falcon
from gunicorn.app.base import BaseApplication

from replay.app import create_app
from replay.pages import read_files
from replay.settings import ReplaySettings
from service.environment import ClusterSettings
from service.metrics import Metrics
from service.probes import serve_probes
from service.projects import ProjectsFile
from service.server_log import ServerLogger
from sql.store import Store


class ReplayServer(BaseApplication):  # type: ignore[misc]
    """`run()` serves until SIGTERM and lets answers end for a while."""

    def __init__(self, cluster: ClusterSettings, settings: ReplaySettings, key: bytes) -> None:
        self._cluster = cluster
        self._settings = settings
        self._key = key
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn. It reads neither a command line nor files of its own."""
        host = self._cluster.bind_host
        bracketed = f"[{host}]" if ":" in host else host
        options = {
            "bind": f"{bracketed}:{self._settings.port}",
            "worker_class": "gthread",
            # One process: login attempts, streams and metrics are counted in it.
            "workers": 1,
            "threads": self._settings.threads,
            "graceful_timeout": self._settings.graceful_seconds,
            "keepalive": self._settings.keepalive_seconds,
            "when_ready": self._drop_stalled,
            "control_socket_disable": True,
            "logger_class": ServerLogger,
            "loglevel": self._cluster.log_level,
            "proc_name": "reelstream-replay",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def _drop_stalled(self, arbiter: Any) -> None:
        """A thread that sends blocks for as long as its reader takes nothing; the kernel ends that.

        Connections inherit the option from their listener (tcp(7), TCP_USER_TIMEOUT).
        """
        for listener in arbiter.LISTENERS:
            milliseconds = round(self._settings.stall_seconds * 1000)
            listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)

    def load(self) -> falcon.App[falcon.Request, falcon.Response]:
        """Called by gunicorn in the worker, after the fork."""
        settings = self._settings
        metrics = Metrics()
        metrics.gauge("reelstream_build_info", "replay", version("reelstream"), "false").set(1)
        store = Store(
            self._cluster,
            connect_timeout=settings.connect_timeout_seconds,
            answer_timeout=settings.answer_timeout_seconds,
        )
        projects = ProjectsFile(self._cluster.projects)
        files = read_files(resources.files("replay") / "static")
        serve_probes(
            self._cluster.bind_host,
            settings.metrics_port,
            metrics,
            live=lambda: None,
            ready=lambda: None if store.ping() else "ClickHouse does not answer.",
        )
        return create_app(settings, self._key, projects.current, store, metrics, files)
