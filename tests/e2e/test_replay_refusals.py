"""Who may read what: the read side's answers to those without a token, with another's, and with odd questions."""

from __future__ import annotations

import httpx
import pytest

from tests.e2e.payloads import PageLoad, click, page_start, uuid7
from tests.e2e.reading import Reader, wait_for
from tests.e2e.stack import Stack


@pytest.fixture(scope="module")
def session(stack: Stack) -> str:
    """A recording of the project `demo` that its own token can read."""
    load = PageLoad(stack.gateway)
    load.send(page_start())
    load.send([click(1, 1)])
    reader = Reader(stack)
    wait_for("the recording", lambda: reader.recording(load.session))
    reader.close()
    return load.session


def _refusal(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"error", "detail"}
    return answer.status_code, body["error"]


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Bearer", "Basic ZGVtbzpkZW1v", "demo"])
def test_api_needs_a_token(stack: Stack, session: str, authorization: str | None) -> None:
    """Without a known read token nothing is told, not even whether a recording exists."""
    headers = {"Authorization": authorization} if authorization else {}
    for path in ("", f"/{session}", f"/{session}/events", f"/{uuid7()}"):
        assert httpx.get(f"{stack.replay}/api/recordings{path}", headers=headers).status_code == 401
    answer = httpx.get(f"{stack.replay}/api/losses", headers=headers)
    assert answer.status_code == 401
    assert set(answer.json()) == {"error", "detail"}


def test_other_projects_recording_does_not_exist(stack: Stack, session: str) -> None:
    """A token of another project gets 404 for it, as for a recording that never was, and no list names it."""
    other = Reader(stack, "chaos-token")
    for unknown in (session, uuid7()):
        for path in (f"/api/recordings/{unknown}", f"/api/recordings/{unknown}/events"):
            assert _refusal(other.get(path))[0] == 404
    assert session not in other.get("/api/recordings", limit="100").text
    assert other.losses(session=session) == []
    other.close()


@pytest.mark.parametrize(
    ("path", "query", "named"),
    [
        ("/api/recordings", {"from": "yesterday"}, "from"),
        ("/api/recordings", {"to": "2026-13-01T00:00:00Z"}, "to"),
        ("/api/recordings", {"limit": "0"}, "limit"),
        ("/api/recordings", {"limit": "1000000"}, "limit"),
        ("/api/recordings", {"limit": "ten"}, "limit"),
        ("/api/recordings", {"order": "sideways"}, "order"),
        ("/api/recordings", {"min_duration": "-1"}, "min_duration"),
        ("/api/recordings", {"has_errors": "maybe"}, "has_errors"),
        ("/api/recordings", {"cursor": "'; DROP TABLE sessions --"}, "cursor"),
        ("/api/recordings", {"colour": "red"}, "colour"),
        ("/api/losses", {"from": "0"}, "from"),
        ("/api/losses", {"id": "'"}, "id"),
    ],
)
def test_bad_filter_is_named(demo: Reader, path: str, query: dict[str, str], named: str) -> None:
    """A filter that cannot be meant is refused by name, instead of being left out in silence."""
    answer = demo.get(path, **query)
    assert answer.status_code == 422, answer.text
    assert named in answer.json()["detail"]


def test_malformed_id_is_unknown(demo: Reader) -> None:
    """What is no session id is a recording that does not exist, never an error inside."""
    for odd in ("x", "%27", "..%2f..%2fetc%2fpasswd", "00000000-0000-0000-0000-000000000000"):
        assert demo.get(f"/api/recordings/{odd}").status_code == 404
        assert demo.get(f"/api/recordings/{odd}/events").status_code == 404


def test_pages_of_the_list_join(stack: Stack, demo: Reader) -> None:
    """Page by page through the cursor, every recording is listed once, newest first."""
    loads = [PageLoad(stack.gateway) for _ in range(5)]
    for load in loads:
        load.send(page_start())
    for load in loads:
        wait_for("each recording", lambda: demo.recording(load.session))  # noqa: B023
    seen: list[dict[str, str]] = []
    cursor = None
    for _ in range(1000):
        page = demo.get("/api/recordings", limit="2", **({"cursor": cursor} if cursor else {})).json()
        seen += page["recordings"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    sessions = [recording["session_id"] for recording in seen]
    assert len(set(sessions)) == len(sessions)
    assert {load.session for load in loads} <= set(sessions)
    starts = [recording["started_at"] for recording in seen]
    assert starts == sorted(starts, reverse=True)


def test_login_gives_a_cookie_that_scripts_cannot_read(stack: Stack, session: str) -> None:
    """A right token gives a cookie that opens pages and API; logging out ends that; a wrong token gives nothing."""
    with httpx.Client(base_url=stack.replay) as visitor:
        assert visitor.post("/login", json={"token": "wrong"}).status_code == 401
        assert not visitor.cookies
        welcome = visitor.post("/login", json={"token": "demo"})
        assert welcome.status_code < 300
        attributes = {part.strip().lower() for part in welcome.headers["set-cookie"].split(";")}
        assert {"httponly", "samesite=strict", "path=/"} <= attributes
        assert visitor.get(f"/recordings/{session}").status_code == 200
        assert visitor.get(f"/api/recordings/{session}").status_code == 200
        assert visitor.post("/logout").status_code < 400
        assert visitor.get(f"/api/recordings/{session}").status_code == 401


def test_forged_cookie_opens_nothing(stack: Stack, session: str) -> None:
    """A cookie that was changed, even by one character, is no cookie."""
    with httpx.Client(base_url=stack.replay) as visitor:
        visitor.post("/login", json={"token": "demo"})
        ((name, value),) = visitor.cookies.items()
    for forged in (value[:-1] + ("A" if value[-1] != "A" else "B"), value.replace("demo", "shop"), "demo", ""):
        if forged == value:
            continue
        answer = httpx.get(f"{stack.replay}/api/recordings/{session}", headers={"Cookie": f"{name}={forged}"})
        assert answer.status_code == 401


def test_pages_send_visitors_to_the_login(stack: Stack, session: str) -> None:
    """A person without a cookie who opens a page comes to the login page."""
    for path in ("/", f"/recordings/{session}"):
        answer = httpx.get(stack.replay + path)
        assert answer.status_code in (302, 303, 307)
        assert answer.headers["location"].startswith("/login")


def test_pages_run_nothing_foreign(stack: Stack, session: str) -> None:
    """Pages come with rules for the browser: own scripts only, no frame around them, nothing stored or leaked."""
    with httpx.Client(base_url=stack.replay) as visitor:
        visitor.post("/login", json={"token": "demo"})
        for path in ("/", "/login", f"/recordings/{session}"):
            headers = visitor.get(path).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "script-src 'self';" in policy
            assert "frame-ancestors 'none'" in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cache-control"] == "no-store"
        assert "sandbox" in visitor.get(f"/recordings/{session}").headers["content-security-policy"]


def test_events_are_compressed_when_asked(stack: Stack, session: str) -> None:
    """The events come gzipped or in zstd for those who ask, and are the same."""
    address = f"{stack.replay}/api/recordings/{session}/events"
    authorization = {"Authorization": "Bearer demo"}
    plain = httpx.get(address, headers=authorization | {"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    for encoding in ("gzip", "zstd"):
        answer = httpx.get(address, headers=authorization | {"Accept-Encoding": encoding})
        assert answer.headers["content-encoding"] == encoding
        # The client inflates gzip and, with the zstandard package, zstd.
        assert answer.content == plain.content
