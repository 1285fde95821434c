"""Only readers of a project get past the door, and pages are protected in the browser."""

from __future__ import annotations

import gzip
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import falcon.testing
import orjson
import pytest

from replay.app import create_app
from replay.pages import read_files
from replay.protection import PAGE, PLAYER
from replay.settings import ReplaySettings
from schemas.project import Project, Projects
from service.environment import ClusterSettings
from service.metrics import Metrics
from sql.store import Store

TOKEN, LOCAL_TOKEN = "token-of-shop", "token-of-demo"
LONG_TOKEN = "0123456789abcdef0123456789abcdef"
SESSION = "01900000-0001-7000-8000-00000000000a"


class Client(falcon.testing.TestClient):
    """Asks from this machine unless a test says otherwise."""

    def simulate_request(self, *args: Any, **options: Any) -> falcon.testing.Result:
        return super().simulate_request(*args, **{"host": "localhost", "remote_addr": "127.0.0.1", **options})


class Service:
    """The application without ClickHouse: an address nobody answers is only asked by routes that need it."""

    def __init__(self, folder: Path) -> None:
        for name in ("login.html", "list.html", "player.html", "player.js"):
            (folder / name).write_text(f"<!-- {name} -->" * 20)
        self.now = 1_790_000_000.0
        self.projects = Projects(
            projects={
                "shop": Project(write_keys=("shop",), read_token_sha256=(_digest(TOKEN), _digest(LONG_TOKEN))),
                "demo": Project(write_keys=("demo",), read_token_sha256=(_digest(LOCAL_TOKEN),), loopback_only=True),
            }
        )
        store = Store(ClusterSettings(clickhouse_url="http://127.0.0.1:9"), connect_timeout=1, answer_timeout=1)
        app = create_app(
            ReplaySettings(login_burst=3),
            b"k" * 32,
            lambda: self.projects,
            store,
            Metrics(process=False),
            read_files(folder),
            clock=lambda: self.now,
        )
        self.client = Client(app)

    def log_in(self, token: str = TOKEN, **options: object) -> falcon.testing.Result:
        return self.client.simulate_post("/login", json={"token": token}, **options)

    def page(self, cookie: str, **options: object) -> int:
        return int(self.client.simulate_get("/", cookies={"reelstream": cookie}, **options).status_code)


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@pytest.mark.parametrize(
    "path",
    ["/api/recordings", f"/api/recordings/{SESSION}", f"/api/recordings/{SESSION}/events", "/api/losses"],
)
def test_api_needs_a_token(service: Service, path: str) -> None:
    """Without a token, with a wrong one or with another scheme the answer is 401 in the one shape."""
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
        answer = service.client.simulate_get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.json["error"] == "not_logged_in"


@pytest.mark.parametrize("path", ["/", f"/recordings/{SESSION}"])
def test_pages_send_strangers_to_the_login(service: Service, path: str) -> None:
    """A page without a cookie is the way to the login page and back."""
    answer = service.client.simulate_get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/login?next={path}")


def test_login_gives_a_cookie_that_opens_pages(service: Service) -> None:
    """A good token is answered with a cookie scripts cannot read, which holds no token; logout takes it away."""
    answer = service.log_in()
    assert answer.status_code == 204
    cookie = answer.cookies["reelstream"]
    assert (cookie.http_only, cookie.same_site, cookie.path, cookie.max_age) == (True, "Strict", "/", 43200)
    assert TOKEN not in cookie.value
    assert _digest(TOKEN) not in cookie.value
    assert service.page(cookie.value) == 200
    gone = service.client.simulate_post("/logout", cookies={"reelstream": cookie.value}).cookies["reelstream"]
    assert gone.value == ""
    assert gone.expires is not None
    assert gone.expires <= datetime.now(UTC)


def test_cookie_ends(service: Service) -> None:
    """A cookie is worth nothing when forged, too old, or when its token was withdrawn."""
    cookie = service.log_in().cookies["reelstream"].value
    forged = [cookie[:-1] + ("0" if cookie[-1] != "0" else "1"), cookie.replace("shop", "demo"), "", ".", "a.b", "é"]
    assert [service.page(value) for value in forged] == [303] * len(forged)
    later = service.now + 12 * 3600
    service.now = later - 1
    assert service.page(cookie) == 200
    service.now = later + 1
    assert service.page(cookie) == 303
    service.now = later - 1
    changed = {**service.projects.projects, "shop": Project(write_keys=("shop",), read_token_sha256=("0" * 64,))}
    service.projects = Projects(projects=changed)
    assert service.page(cookie) == 303


@pytest.mark.parametrize(
    ("body", "type", "status"),
    [
        (orjson.dumps({"token": "wrong"}), "application/json", 401),
        (b"token=x", "application/x-www-form-urlencoded", 415),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (orjson.dumps({"token": 5}), "application/json", 400),
        (b" " * 5000, "application/json", 413),
    ],
)
def test_bad_login_is_refused(service: Service, body: bytes, type: str, status: int) -> None:
    """Anything but a known token in bounded JSON gets an error and no cookie."""
    answer = service.client.simulate_post("/login", body=body, content_type=type)
    assert answer.status_code == status
    assert not answer.cookies


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({}, True),
        ({"remote_addr": "::1"}, True),
        ({"remote_addr": "::ffff:127.0.0.1"}, True),
        ({"remote_addr": "10.0.0.9"}, False),
        ({"remote_addr": "nowhere"}, False),
        ({"headers": {"X-Forwarded-For": "127.0.0.1"}}, False),
        ({"headers": {"Forwarded": "for=10.0.0.9"}}, False),
        ({"host": "recordings.example"}, False),
    ],
)
def test_local_project_is_read_from_this_machine_only(
    service: Service, changes: dict[str, object], allowed: bool
) -> None:
    """Token, login and cookie of such a project work for loopback peers under a loopback name, and no others."""
    cookie = service.log_in(LOCAL_TOKEN).cookies["reelstream"].value
    assert service.log_in(LOCAL_TOKEN, **changes).status_code == (204 if allowed else 401)
    assert service.page(cookie, **changes) == (200 if allowed else 303)
    headers = {**dict(changes.get("headers", {})), "Authorization": f"Bearer {LOCAL_TOKEN}"}  # type: ignore[call-overload]
    answer = service.client.simulate_get("/api/recordings?wrong=1", **{**changes, "headers": headers})
    assert answer.status_code == (422 if allowed else 401)


def test_pages_carry_their_policy(service: Service) -> None:
    """Pages run only our scripts, the player in a sandbox; nothing is cached or sniffed, and no address leaks."""
    cookie = {"reelstream": service.log_in().cookies["reelstream"].value}
    expected = {"/login": PAGE, "/": PAGE, f"/recordings/{SESSION}": PLAYER}
    for path, policy in expected.items():
        answer = service.client.simulate_get(path, cookies=cookie)
        assert answer.status_code == 200
        assert answer.headers["Content-Security-Policy"] == policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "script-src 'self';" in PAGE
    assert "sandbox" in PLAYER


def test_errors_are_protected_too(service: Service) -> None:
    """Refusals carry the same headers and a policy that allows nothing."""
    for path in ("/nothing", "/api/recordings", "/static/nothing.js"):
        answer = service.client.simulate_get(path)
        assert answer.status_code in (401, 404)
        assert set(answer.json) == {"error", "detail"}
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_static_files_are_checked_by_etag(service: Service) -> None:
    """A script is served once, then confirmed; pages are not among the static files, nor is anything above them."""
    first = service.client.simulate_get("/static/player.js", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(first.content).startswith(b"<!-- player.js")
    assert first.headers["Content-Type"] == "text/javascript; charset=utf-8"
    etag = first.headers["ETag"]
    again = service.client.simulate_get("/static/player.js", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    for name in ("list.html", "..%2fapp.py", "../app.py"):
        assert service.client.simulate_get(f"/static/{name}").status_code == 404


def test_pages_that_were_not_built_say_so(tmp_path: Path) -> None:
    """Without built pages the service answers with how to build them."""
    service = Service(tmp_path)
    service.client = Client(
        create_app(
            ReplaySettings(),
            b"k" * 32,
            lambda: service.projects,
            Store(ClusterSettings(), connect_timeout=1, answer_timeout=1),
            Metrics(process=False),
            read_files(tmp_path / "nowhere"),
        )
    )
    answer = service.client.simulate_get("/login")
    assert (answer.status_code, answer.json["error"]) == (503, "pages_missing")
