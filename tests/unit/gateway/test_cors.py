from __future__ import annotations

from typing import Any

import pytest
from falcon.testing import Result

from gateway.errors import Code
from tests.unit.gateway.conftest import Setup, path

SHOP = {"Origin": "https://shop.example"}


# What agents in the page add to every request it makes, the recorder's among them.
AGENTS = [
    *("traceparent", "tracestate", "baggage", "sentry-trace", "newrelic", "b3", "uber-trace-id", "x-request-id"),
    *("x-datadog-origin", "x-datadog-parent-id", "x-datadog-sampling-priority", "x-datadog-trace-id"),
    *("x-b3-traceid", "x-b3-spanid", "x-b3-parentspanid", "x-b3-sampled", "x-b3-flags"),
    *("elastic-apm-traceparent", "x-instana-t", "x-dtpc", "x-amzn-trace-id", "x-cloud-trace-context"),
    *("authorization", "x-csrf-token", "x-requested-with", "cache-control", "x-an-agent-of-next-year"),
]


def preflight(setup: Setup, target: str, origin: str, headers: str = "content-encoding", **extra: str) -> Result:
    """What a browser asks before a POST with an encoded body."""
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": headers}
    result: Result = setup.client.simulate_options(target, headers={"Origin": origin} | asked | extra)
    return result


def granted(result: Result) -> set[str]:
    """The header names a preflight allows, in lower case."""
    return {name.strip().lower() for name in result.headers["Access-Control-Allow-Headers"].split(",")}


def test_preflight_of_an_allowed_origin(setup: Setup) -> None:
    """A project's origin may POST with Content-Encoding and credentials, and the browser may remember it."""
    result = preflight(setup, path(), SHOP["Origin"])
    assert result.status_code == 204
    assert result.headers["Access-Control-Allow-Origin"] == SHOP["Origin"]
    assert result.headers["Access-Control-Allow-Credentials"] == "true"
    assert result.headers["Access-Control-Allow-Methods"] == "POST"
    assert int(result.headers["Access-Control-Max-Age"]) > 0
    assert granted(result) == {"content-type", "content-encoding"}
    assert result.headers["Vary"] == "Origin, Access-Control-Request-Headers"


@pytest.mark.parametrize("separator", [",", ", ", " , "])
def test_preflight_grants_what_agents_add(setup: Setup, separator: str) -> None:
    """Headers of tracing agents, known or not, are granted, since one that is not ends the recording."""
    result = preflight(setup, path(), SHOP["Origin"], separator.join(["content-type", *AGENTS]))
    assert granted(result) == {"content-type", "content-encoding", *AGENTS}


@pytest.mark.parametrize(
    "asked",
    [
        "x-forwarded-for",
        "Forwarded",
        "x-real-ip",
        "via",
        "two words",
        'quo"ted',
        "",
        ",,",
        "x:y",
        "é",
        "y" * 129,
        "\x00",
    ],
)
def test_preflight_grants_no_more_than_names_of_harmless_headers(setup: Setup, asked: str) -> None:
    """What only proxies write, and what is no header name, is left out; the rest of the list is granted."""
    result = preflight(setup, path(), SHOP["Origin"], f"traceparent,{asked},b3")
    assert granted(result) == {"content-type", "content-encoding", "traceparent", "b3"}


def test_preflight_grants_a_bounded_number(setup: Setup) -> None:
    """The first 64 names are looked at."""
    asked = ",".join(f"x-{number}" for number in range(1000))
    result = preflight(setup, path(), SHOP["Origin"], asked)
    assert granted(result) == {"content-type", "content-encoding"} | {f"x-{number}" for number in range(64)}


def test_private_network_is_granted_to_named_origins(setup: Setup) -> None:
    """A public page reaches a gateway in a private network if the project names its origin, not if it names '*'."""
    asked = {"Access-Control-Request-Private-Network": "true"}
    named = preflight(setup, path(), SHOP["Origin"], **asked)
    assert named.headers["Access-Control-Allow-Private-Network"] == "true"
    for result in (
        preflight(setup, path(), SHOP["Origin"]),
        preflight(setup, path(key="any-key"), "https://x.example", **asked),
        preflight(setup, path(), "https://evil.example", **asked),
    ):
        assert "access-control-allow-private-network" not in result.headers


@pytest.mark.parametrize(("key", "status"), [("shop-key", 403), ("nobody", 401)])
def test_preflight_of_a_stranger(setup: Setup, key: str, status: int) -> None:
    """Another site, or an unknown key, gets no CORS header at all."""
    result = preflight(setup, path(key=key), "https://evil.example")
    assert result.status_code == status
    assert not [name for name in result.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "origin",
    ["https://x.example", "http://[::1]:8080", "null", "chrome-extension://abcdef", "capacitor://localhost", "file://"],
)
def test_any_origin_project_names_the_origin(setup: Setup, origin: str) -> None:
    """A project with '*' allows every origin by its name, as credentials need it; `null` is one of them."""
    for result in (
        preflight(setup, path(key="any-key"), origin),
        setup.post(path(key="any-key"), headers={"Origin": origin}),
    ):
        assert result.status_code in (202, 204)
        assert result.headers["Access-Control-Allow-Origin"] == origin
        assert result.headers["Access-Control-Allow-Credentials"] == "true"
        assert "Origin" in result.headers["Vary"]


@pytest.mark.parametrize(
    "origin", ["*", "https://a.example, https://b.example", "https://a.example/x", "x" * 400, "é://a"]
)
def test_what_is_no_origin_is_never_named(setup: Setup, origin: str) -> None:
    """A header that no browser sends is refused and not repeated, even by a project with '*'."""
    result = setup.post(path(key="any-key"), headers={"Origin": origin})
    assert (result.status_code, result.json["error"]) == (403, "origin_not_allowed")
    assert "access-control-allow-origin" not in result.headers


@pytest.mark.parametrize(
    ("code", "request_"),
    [
        (Code.MALFORMED_QUERY, {"params": {}}),
        (Code.BODY_TOO_LARGE, {"body": b"x" * 5000}),
        (Code.UNSUPPORTED_ENCODING, {"headers": SHOP | {"Content-Encoding": "x"}}),
    ],
)
def test_refusals_can_be_read_by_an_allowed_origin(setup: Setup, code: Code, request_: dict[str, Any]) -> None:
    """An error answer to a project's own origin carries CORS headers, Retry-After among the readable ones."""
    result = setup.post(**({"headers": SHOP} | request_))
    assert result.json["error"] == code
    assert result.headers["Access-Control-Allow-Origin"] == SHOP["Origin"]
    assert "Retry-After" in result.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    ("target", "status"),
    [(path(), 403), (path(key="nobody"), 401), ("/rs/v1/replay/shop-key", 404), ("/record.js", 405)],
)
@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_recorder_can_read_why_it_must_stop(setup: Setup, target: str, status: int, origin: str) -> None:
    """Any origin learns the code of a refusal, with credentials too: else the recorder would try again for ever."""
    result = setup.post(target, headers={"Origin": origin})
    assert result.status_code == status
    assert result.headers["Access-Control-Allow-Origin"] == origin
    assert result.headers["Access-Control-Allow-Credentials"] == "true"
    assert result.headers["Vary"] == "Origin"


@pytest.mark.parametrize("code", [Code.BROKER_UNAVAILABLE, Code.OVERLOADED, Code.DRAINING])
def test_when_to_come_back_can_be_read(setup: Setup, code: Code) -> None:
    """Retry-After of a 503 is exposed to the page."""
    setup.log.known_trouble = code
    result = setup.post(headers=SHOP)
    assert result.headers["Access-Control-Allow-Origin"] == SHOP["Origin"]
    assert result.headers["Access-Control-Expose-Headers"] == "Retry-After"


def test_no_cookie_is_set_or_read(setup: Setup) -> None:
    """Credentials open nothing: cookies change no answer and none is given."""
    with_cookies = setup.post(headers=SHOP | {"Cookie": "reelstream=x; " + "a=b; " * 100})
    assert with_cookies.status_code == 202
    assert "set-cookie" not in with_cookies.headers


def test_the_script_may_be_asked_for_with_headers(setup: Setup) -> None:
    """A page whose agents add headers to every request may fetch the script with them, from any origin."""
    result = preflight(setup, "/record.js", "https://x.example", "traceparent")
    assert (result.status_code, result.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert result.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert "traceparent" in granted(result)
