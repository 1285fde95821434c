"""The gateway's answers, from outside: every status and code of the contract that a client can bring about."""

from __future__ import annotations

import secrets

import httpx
import pytest

from tests.e2e.payloads import PageLoad, packed, page_start
from tests.e2e.stack import SHOP_ORIGIN, SMALL_BODY_BYTES, SMALL_BURST_BYTES, Stack

ID = "01890a5d-ac96-774b-bcce-b302099a8057"
GOOD_QUERY = f"page={ID}&seq=0"


def _refusal(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"error", "detail"}
    assert body["detail"].strip().endswith(".")
    return answer.status_code, body["error"]


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        (f"/v1/replay/nobody/{ID}/{ID}?{GOOD_QUERY}", 401, "unknown_key"),
        (f"/v1/replay/demo/session/{ID}?{GOOD_QUERY}", 400, "malformed_path"),
        (f"/v1/replay/demo/{ID}/window?{GOOD_QUERY}", 400, "malformed_path"),
        (f"/v1/replay/demo/{ID}/{ID}?seq=0", 400, "malformed_query"),
        (f"/v1/replay/demo/{ID}/{ID}?page={ID}", 400, "malformed_query"),
        (f"/v1/replay/demo/{ID}/{ID}?page={ID}&seq=-1", 400, "malformed_query"),
        (f"/v1/replay/demo/{ID}/{ID}?page={ID}&seq=1e3", 400, "malformed_query"),
        (f"/v1/replay/demo/{ID}/{ID}?page={ID}&seq=99999999999999999999", 400, "malformed_query"),
        (f"/v1/replay/demo/{ID}/{ID}?{GOOD_QUERY}&t=soon", 400, "malformed_query"),
        (f"/v1/replay/demo/{ID}/{ID}?{GOOD_QUERY}&kf=yes", 400, "malformed_query"),
        (f"/v1/replay/demo/{ID}/{ID}?{GOOD_QUERY}&enc=rar", 415, "unsupported_encoding"),
        (f"/v1/replay/closed-key/{ID}/{ID}?{GOOD_QUERY}", 403, "recording_disabled"),
        (f"/v1/replay/shop-key/{ID}/{ID}?{GOOD_QUERY}", 403, "origin_not_allowed"),
        (f"/v1/events/demo?batch={ID}", 404, "not_found"),
    ],
)
def test_refusal(stack: Stack, target: str, status: int, code: str) -> None:
    """A request that cannot be served is told why, by a status and a code that a recorder can act on."""
    assert _refusal(httpx.post(stack.gateway + target, content=b"[]")) == (status, code)


def test_empty_body(stack: Stack) -> None:
    """A payload of no bytes is a mistake of the client, not a payload."""
    assert _refusal(PageLoad(stack.gateway).post(b"")) == (400, "empty_body")


def test_origins(stack: Stack) -> None:
    """A project's own origin is served and may read the answer; any other is refused, and may read only that."""
    load = PageLoad(stack.gateway, key="shop-key")
    body = packed(page_start())
    served = load.post(body, headers={"Origin": SHOP_ORIGIN})
    assert served.status_code == 202
    assert served.headers["access-control-allow-origin"] == SHOP_ORIGIN
    for origin in ("https://evil.example", f"{SHOP_ORIGIN}.evil.example", "null", "http://shop.example"):
        refused = load.post(body, headers={"Origin": origin})
        assert _refusal(refused) == (403, "origin_not_allowed")
        # A page that could not read the refusal would take it for a bad network and try again for ever.
        assert refused.headers["access-control-allow-origin"] == origin
        malformed = load.post(b"", headers={"Origin": origin})
        assert _refusal(malformed) == (403, "origin_not_allowed")
    for origin, allowed in ((SHOP_ORIGIN, True), ("https://evil.example", False)):
        preflight = httpx.options(
            stack.gateway + load.path, headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
        )
        assert ("access-control-allow-origin" in preflight.headers) is allowed


def test_errors_can_be_read_by_an_allowed_page(stack: Stack) -> None:
    """A page of an allowed origin sees the status of a refusal: without CORS headers it would retry for ever."""
    answer = PageLoad(stack.gateway, key="shop-key").post(b"", headers={"Origin": SHOP_ORIGIN})
    assert _refusal(answer) == (400, "empty_body")
    assert answer.headers["access-control-allow-origin"] == SHOP_ORIGIN


def test_limits_of_a_project(stack: Stack) -> None:
    """A project's body limit and byte rate hold, and a client over its rate is told when to come back."""
    load = PageLoad(stack.gateway, key="shop-key")
    origin = {"Origin": SHOP_ORIGIN}
    large = load.post(secrets.token_bytes(SMALL_BODY_BYTES + 1), headers=origin)
    assert _refusal(large) == (413, "body_too_large")
    fitting = secrets.token_bytes(SMALL_BODY_BYTES)
    answers = [load.post(fitting, headers=origin) for _ in range(SMALL_BURST_BYTES // SMALL_BODY_BYTES + 1)]
    assert [answer.status_code for answer in answers] == [202] * (len(answers) - 1) + [429]
    assert _refusal(answers[-1]) == (429, "rate_limited")
    assert int(answers[-1].headers["retry-after"]) >= 1
    other = PageLoad(stack.gateway, key="shop-key").post(fitting, headers=origin)
    assert other.status_code == 202


def test_recorder_script_is_cacheable(stack: Stack) -> None:
    """The browser script comes with an ETag, and costs nothing when the browser has it."""
    first = httpx.get(f"{stack.gateway}/record.js")
    assert first.status_code == 200
    assert "javascript" in first.headers["content-type"]
    again = httpx.get(f"{stack.gateway}/record.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_probes_are_not_public(stack: Stack) -> None:
    """Probes and metrics answer on their own port only."""
    for path in ("/metrics", "/livez", "/readyz"):
        assert httpx.get(stack.gateway + path).status_code == 404
        assert httpx.get(stack.replay + path, headers={"Authorization": "Bearer demo"}).status_code == 404
    for address in stack.metrics.values():
        for path in ("/metrics", "/livez", "/readyz"):
            assert httpx.get(address.replace("/metrics", path)).status_code == 200
