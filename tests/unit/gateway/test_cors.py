from __future__ import annotations

from typing import Any

import pytest
from falcon.testing import Result

from gateway.errors import Code
from tests.unit.gateway.conftest import Setup, path

SHOP = {"Origin": "https://shop.example"}


def preflight(setup: Setup, target: str, origin: str) -> Result:
    """What a browser asks before a POST with an encoded body."""
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-encoding",
    }
    result: Result = setup.client.simulate_options(target, headers=headers)
    return result


def test_preflight_of_an_allowed_origin(setup: Setup) -> None:
    """A project's origin may POST with Content-Encoding, and the browser may remember it."""
    result = preflight(setup, path(), SHOP["Origin"])
    assert result.status_code == 204
    assert result.headers["Access-Control-Allow-Origin"] == SHOP["Origin"]
    assert result.headers["Access-Control-Allow-Methods"] == "POST"
    assert "Content-Encoding" in result.headers["Access-Control-Allow-Headers"]
    assert result.headers["Vary"] == "Origin"


@pytest.mark.parametrize(("key", "status"), [("shop-key", 403), ("nobody", 401)])
def test_preflight_of_a_stranger(setup: Setup, key: str, status: int) -> None:
    """Another site, or an unknown key, gets no CORS header at all."""
    result = preflight(setup, path(key=key), "https://evil.example")
    assert result.status_code == status
    assert not [name for name in result.headers if name.startswith("access-control")]


def test_any_origin_project_answers_with_a_star(setup: Setup) -> None:
    """A project that names '*' allows every origin."""
    assert preflight(setup, path(key="any-key"), "https://x.example").headers["Access-Control-Allow-Origin"] == "*"


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


@pytest.mark.parametrize(("key", "status"), [("shop-key", 403), ("nobody", 401)])
def test_a_recorder_can_read_why_it_must_stop(setup: Setup, key: str, status: int) -> None:
    """A foreign origin and a wrong key learn the code, so that the recorder stops instead of trying again."""
    result = setup.post(path(key=key), headers={"Origin": "https://evil.example"})
    assert result.status_code == status
    assert result.headers["Access-Control-Allow-Origin"] == "*"
    assert "access-control-expose-headers" not in result.headers
