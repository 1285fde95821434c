"""What the demo site serves."""

from __future__ import annotations

from pathlib import Path

import pytest
from falcon import testing

from deploy.local.demo_site import create_application


@pytest.fixture
def site(tmp_path: Path) -> testing.TestClient:
    (tmp_path / "index.html").write_text("<h1>home</h1>")
    (tmp_path / "shop.js").write_text("1;")
    return testing.TestClient(create_application(tmp_path, "http://127.0.0.1:9"))


def test_pages_are_never_stored(site: testing.TestClient) -> None:
    """Pages and scripts come with their type and are not to be cached."""
    for path, kind, text in (("/", "text/html", "<h1>home</h1>"), ("/shop.js", "text/javascript", "1;")):
        answer = site.simulate_get(path)
        assert (answer.status_code, answer.text) == (200, text)
        assert answer.headers["content-type"].startswith(kind)
        assert answer.headers["cache-control"] == "no-store"


def test_the_configuration_names_the_gateway(site: testing.TestClient) -> None:
    """`/config.js` tells the page where the gateway is and which write key to use."""
    expected = 'window.REELSTREAM_DEMO = {"gateway": "http://127.0.0.1:9", "writeKey": "demo"};\n'
    assert site.simulate_get("/config.js").text == expected


@pytest.mark.parametrize("path", ["/nothing.html", "/../set_up.py", "/%2e%2e/set_up.py"])
def test_nothing_else_is_served(site: testing.TestClient, path: str) -> None:
    """What is not in the folder is 404."""
    assert site.simulate_get(path).status_code == 404
