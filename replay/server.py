"""gunicorn around the application: one process with a loop, and the probes on a port of their own."""

from __future__ import annotations

from importlib import resources
from importlib.metadata import version

from gunicorn.app.base import BaseApplication

from replay.app import create_app
from replay.gate import Replay
from replay.pages import read_files
from replay.protection import refusal_headers
from replay.settings import ReplaySettings
from service.asgi_protocol import ServerRules
from service.asgi_worker import server_options
from service.environment import ClusterSettings
from service.memory import keep_few_arenas
from service.metrics import Metrics
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
        settings = self._settings
        options = server_options(settings, self._cluster.bind_host, settings.port, settings.metrics_port) | {
            # One process: wrong tokens, streams and metrics are counted in it.
            "workers": 1,
            # Whoever has gone is worked for no longer.
            "asgi_disconnect_grace_period": 0,
            "graceful_timeout": settings.graceful_seconds,
            "logger_class": ServerLogger,
            "loglevel": self._cluster.log_level,
            "proc_name": "reelstream-replay",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Replay:
        """Called by gunicorn in the worker, after the fork."""
        settings = self._settings
        keep_few_arenas()
        metrics = Metrics()
        metrics.gauge("reelstream_build_info", "replay", version("reelstream"), "false").set(1)
        self.rules = ServerRules(settings, metrics, settings.metrics_port, refusal_headers, ignore_cookies=False)
        store = Store(
            self._cluster,
            connect_timeout=settings.connect_timeout_seconds,
            answer_timeout=settings.answer_timeout_seconds,
        )
        projects = ProjectsFile(self._cluster.projects)
        files = read_files(resources.files("replay") / "static")
        return create_app(settings, self._key, projects.current, store, metrics, files)
