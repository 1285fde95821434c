"""gunicorn around the application: one process with a loop, and the probes on a port of their own."""

from __future__ import annotations

import time
from importlib import resources
from importlib.metadata import version

from gunicorn.app.base import BaseApplication

from replay.app import create_app
from replay.gate import Replay
from replay.pages import read_files
from replay.settings import ReplaySettings
from replay.watch import Watch
from service.allocator import give_memory_back
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
            "worker_class": "asgi",
            # One process: wrong tokens, streams and metrics are counted in it.
            "workers": 1,
            # Whoever has gone is worked for no longer.
            "asgi_disconnect_grace_period": 0,
            "graceful_timeout": self._settings.graceful_seconds,
            "keepalive": self._settings.keepalive_seconds,
            "control_socket_disable": True,
            "logger_class": ServerLogger,
            "loglevel": self._cluster.log_level,
            "proc_name": "reelstream-replay",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Replay:
        """Called by gunicorn in the worker, after the fork."""
        settings = self._settings
        give_memory_back()
        metrics = Metrics()
        metrics.gauge("reelstream_build_info", "replay", version("reelstream"), "false").set(1)
        store = Store(
            self._cluster,
            connect_timeout=settings.connect_timeout_seconds,
            answer_timeout=settings.answer_timeout_seconds,
        )
        projects = ProjectsFile(self._cluster.projects)
        files = read_files(resources.files("replay") / "static")
        watch = Watch(store, time.monotonic)
        serve_probes(self._cluster.bind_host, settings.metrics_port, metrics, live=watch.live, ready=watch.ready)
        app = create_app(settings, self._key, projects.current, store, metrics, files)
        app.followers.append(watch.follow)
        return app
