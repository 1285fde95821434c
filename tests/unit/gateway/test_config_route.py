from __future__ import annotations

from typing import Any

from falcon.testing import Result

from schemas.project import parse_projects
from tests.unit.gateway.conftest import PROJECTS, Setup

SHOP = "https://shop.example"


def get(setup: Setup, key: str = "shop-key", **headers: str) -> Result:
    """GET the configuration with these headers, `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    result: Result = setup.client.simulate_get(f"/v1/config/{key}", headers=named, remote_addr="203.0.113.9")
    return result


def test_a_projects_origin_reads_what_to_watch(setup: Setup) -> None:
    """The answer is JSON that the page can read, cacheable for a minute, and not another origin's."""
    result = get(setup, Origin=SHOP)
    assert result.status_code == 200
    assert result.json["watch"] == [".rr-block", ".rr-ignore", ".rr-mask"]
    assert result.headers["Content-Type"] == "application/json"
    assert result.headers["Access-Control-Allow-Origin"] == SHOP
    assert result.headers["Cache-Control"] == "public, max-age=60"
    assert "Origin" in result.headers["Vary"]
    again = get(setup, Origin=SHOP, If_None_Match=result.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Access-Control-Allow-Origin"] == SHOP


def test_refusals_say_why_to_any_page_and_are_kept_nowhere(setup: Setup) -> None:
    """A recorder that cannot read them would record as if the gateway were away."""
    expected = {
        ("shop-key", "https://other.example"): (403, "origin_not_allowed"),
        ("shop-key", "null"): (403, "origin_not_allowed"),
        ("nobodys-key", SHOP): (401, "unknown_key"),
        ("local-key", SHOP): (401, "unknown_key"),
    }
    for (key, origin), answer in expected.items():
        result = get(setup, key, Origin=origin)
        assert (result.status_code, result.json["error"]) == answer
        assert result.headers["Access-Control-Allow-Origin"] == origin
        assert result.headers["Cache-Control"] == "no-store"


def test_a_page_of_the_gateways_own_origin_is_known_by_its_browsers_word(setup: Setup) -> None:
    """Such a GET names no origin, which a project may refuse from programs."""
    assert get(setup, "strict-key").status_code == 403
    assert get(setup, "strict-key", Sec_Fetch_Site="same-origin").status_code == 200
    assert get(setup, "strict-key", Sec_Fetch_Site="cross-site").status_code == 403
    assert get(setup, "strict-key", Sec_Fetch_Site="same-origin", Origin="https://other.example").status_code == 403
    assert get(setup, "shop-key").status_code == 200


def test_a_project_that_is_switched_off_says_so(setup: Setup) -> None:
    """The recorder need not find out by sending."""
    assert get(setup, "paused-key", Origin="https://paused.example").json["recording"] is False


def test_preflights_of_agents_are_granted_to_the_projects_origins(setup: Setup) -> None:
    """As those of payloads are."""

    def ask(origin: str, **more: str) -> Result:
        headers: dict[str, Any] = {"Origin": origin, "Access-Control-Request-Headers": "traceparent"} | more
        result: Result = setup.client.simulate_options("/v1/config/shop-key", headers=headers)
        return result

    granted = ask(SHOP, **{"Access-Control-Request-Private-Network": "true"})
    assert granted.status_code == 204
    assert "traceparent" in granted.headers["Access-Control-Allow-Headers"]
    assert granted.headers["Access-Control-Allow-Methods"] == "GET"
    assert granted.headers["Access-Control-Allow-Private-Network"] == "true"
    assert ask("https://other.example").status_code == 403


def test_a_changed_project_file_is_told(setup: Setup) -> None:
    """The next answer has another ETag."""
    first = get(setup, Origin=SHOP)
    setup.projects = parse_projects(PROJECTS.replace("limits: {", "sampling_percent: 25\n    limits: {", 1))
    second = get(setup, Origin=SHOP, If_None_Match=first.headers["ETag"])
    assert (second.status_code, second.json["sample_percent"]) == (200, 25)
