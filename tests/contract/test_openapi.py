"""The OpenAPI document and the applications agree on routes, methods, codes and parameters."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from gateway.errors import ANSWERS, Code
from service.server_answers import SERVER_ANSWERS

ROOT = Path(__file__).parents[2]
PATHS: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text())["paths"]
# The client is gone: nobody reads this answer.
UNSEEN = {Code.CLIENT_GONE}


def routes(*files: str) -> set[str]:
    """Route templates that an application's composition root adds."""
    text = "".join((ROOT / name).read_text() for name in files)
    return set(re.findall(r'add_route\(\s*"([^"]+)"', text))


def test_every_route_is_documented_and_no_other() -> None:
    """Adding or removing a route without the document fails here."""
    assert routes("gateway/app.py", "replay/app.py") == set(PATHS)


def test_every_code_of_the_gateway_stands_under_its_status() -> None:
    """A client author finds each error code beside the status it comes with."""
    documented = {
        (int(status), word)
        for path, item in PATHS.items()
        if item["description"].startswith("Gateway")
        for method in ("get", "post", "options")
        for status, answer in item.get(method, {}).get("responses", {}).items()
        for word in re.findall(r"[a-z_]+", answer["description"])
    }
    for code, answer in ANSWERS.items():
        if code not in UNSEEN:
            assert (answer.status, code.value) in documented, code


def test_every_answer_of_the_server_itself_is_documented() -> None:
    """What is refused before a route is known stands under the route that payloads go to."""
    responses = PATHS["/v1/replay/{write_key}/{session_id}/{window_id}"]["post"]["responses"]
    for answer in SERVER_ANSWERS:
        assert answer.code in responses[str(answer.status)]["description"], answer.code


def test_every_parameter_of_the_read_api_is_documented() -> None:
    """The names the read service accepts are the names in the document."""
    for path, module in (
        ("/api/recordings", "recordings"),
        ("/api/recordings/{session}/events", "events"),
        ("/api/losses", "losses"),
    ):
        text = (ROOT / "replay" / f"{module}.py").read_text()
        documented = {parameter["name"] for parameter in PATHS[path]["get"]["parameters"]}
        found = re.search(r"(?:FILTERS = |query_string, )\(([^)]+)\)", text)
        assert found, path
        accepted = set(re.findall(r'"([a-z_]+)"', found[1]))
        assert accepted == documented, path
