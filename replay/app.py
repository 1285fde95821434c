"""The application: every route, and what stands before and behind all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from falcon.asgi import App

from replay.access import Access
from replay.count import Count
from replay.door import Door
from replay.errors import add_error_handlers
from replay.events import EventsResource
from replay.gate import Replay
from replay.guesses import Guesses
from replay.lanes import Lane
from replay.login import LoginResource
from replay.logouts import Logouts
from replay.losses import LossesResource
from replay.page_loads import Blocks
from replay.pages import File, PageResource, StaticResource
from replay.probes import create_probes
from replay.protection import Protection
from replay.recordings import RecordingListResource, RecordingResource, Recordings
from replay.sessions import Sessions
from replay.settings import ReplaySettings
from replay.streams import Places
from replay.visitors import Visitors
from replay.watch import Watch
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
) -> Replay:
    """The ASGI application; it asks nobody anything before it is served. `key` signs cookies, `files` are the pages."""
    lifetime = settings.cookie_hours * 3600
    # Work for a question is over when ClickHouse has had its time for each of the two that an answer may need.
    lane = Lane("questions", settings.threads, 2 * settings.answer_timeout_seconds)
    streaming = Lane("streams", settings.threads, 4 * settings.answer_timeout_seconds)
    sessions = Sessions(key, lifetime, projects, clock)
    guesses = Guesses(settings.login_attempts_per_second, settings.login_burst, clock)
    logouts = Logouts(store, lane, clock, settings.logout_seconds)
    door = Door(sessions, guesses, logouts, Visitors(settings.trusted_proxies, settings.forwarded_header))
    recordings = Recordings(store)
    places = Places(settings.event_streams, settings.event_streams_per_project, settings.event_streams_per_reader)
    login = LoginResource(
        PageResource(files, "login.html", "public"),
        sessions,
        door,
        logouts,
        lifetime=lifetime,
        secure=settings.cookie_secure,
        body_seconds=settings.login_body_seconds,
    )
    app = App()
    app.add_middleware(Count(metrics, time.perf_counter))
    app.add_middleware(Protection())
    app.add_middleware(Access(door, logouts))
    add_error_handlers(app)
    app.req_options.strip_url_path_trailing_slash = False
    app.resp_options.secure_cookies_by_default = False
    app.add_route("/", PageResource(files, "list.html", "page"))
    app.add_route("/recordings/{session}", PageResource(files, "player.html", "page"))
    app.add_route("/login", login)
    app.add_route("/logout", login, suffix="logout")
    app.add_route("/static/{name}", StaticResource(files))
    app.add_route("/api/recordings", RecordingListResource(recordings, lane))
    app.add_route("/api/recordings/{session}", RecordingResource(recordings, lane))
    app.add_route(
        "/api/recordings/{session}/events",
        EventsResource(recordings, Blocks(store), metrics, places, lane, streaming),
    )
    app.add_route("/api/losses", LossesResource(store, lane))
    watch = Watch(store)
    return Replay(app, create_probes(metrics, watch), settings.metrics_port, [logouts.follow, watch.follow])
