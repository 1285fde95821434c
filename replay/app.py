"""The application: every route, and what stands before and behind all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import falcon

from replay.access import Access
from replay.attempts import Attempts
from replay.count import Count
from replay.errors import add_error_handlers
from replay.events import EventsResource
from replay.login import LoginResource
from replay.losses import LossesResource
from replay.page_loads import Blocks
from replay.pages import File, PageResource, StaticResource
from replay.protection import Protection
from replay.recordings import RecordingListResource, RecordingResource, Recordings
from replay.sessions import Sessions
from replay.settings import ReplaySettings
from schemas.project import Projects
from service.metrics import Metrics
from sql.store import Store


def create_app(
    settings: ReplaySettings,
    key: bytes,
    projects: Callable[[], Projects],
    store: Store,
    metrics: Metrics,
    files: Mapping[str, File],
    *,
    clock: Callable[[], float] = time.time,
) -> falcon.App[falcon.Request, falcon.Response]:
    """The WSGI application. `key` signs cookies, `files` are the built pages by name."""
    lifetime = settings.cookie_hours * 3600
    sessions = Sessions(key, lifetime, projects, clock)
    attempts = Attempts(settings.login_attempts_per_second, settings.login_burst, clock)
    recordings = Recordings(store)
    login = LoginResource(
        PageResource(files, "login.html", "public"),
        sessions,
        attempts,
        lifetime=lifetime,
        secure=settings.cookie_secure,
    )
    app = falcon.App()
    app.add_middleware(Count(metrics, time.perf_counter))
    app.add_middleware(Protection())
    app.add_middleware(Access(sessions))
    add_error_handlers(app)
    app.req_options.strip_url_path_trailing_slash = False
    app.resp_options.secure_cookies_by_default = False
    app.add_route("/", PageResource(files, "list.html", "page"))
    app.add_route("/recordings/{session}", PageResource(files, "player.html", "page"))
    app.add_route("/login", login)
    app.add_route("/logout", login, suffix="logout")
    app.add_route("/static/{name}", StaticResource(files))
    app.add_route("/api/recordings", RecordingListResource(recordings))
    app.add_route("/api/recordings/{session}", RecordingResource(recordings))
    app.add_route(
        "/api/recordings/{session}/events",
        EventsResource(recordings, Blocks(store), metrics, settings.event_streams),
    )
    app.add_route("/api/losses", LossesResource(store))
    return app
