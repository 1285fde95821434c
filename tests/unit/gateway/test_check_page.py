from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

from tests.unit.gateway.conftest import Setup

PAGE = "<!doctype html><style>p{}</style><script>\n  ask()\n</script>"


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_only_its_own_script_and_style_run(setup_with: Callable[..., Setup], tmp_path: Path) -> None:
    """The policy names them by hash, lets it ask its own gateway, and keeps everything else out."""
    (tmp_path / "check.html").write_text(PAGE)
    result = setup_with(recorder_file=tmp_path / "record.js").client.simulate_get("/check")
    assert (result.status_code, result.text) == (200, PAGE)
    policy = result.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert f"script-src {_source(chr(10) + '  ask()' + chr(10))};" in policy
    assert f"style-src {_source('p{}')};" in policy
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert result.headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_that_was_not_built_is_said_to_be_missing(setup_with: Callable[..., Setup], tmp_path: Path) -> None:
    """As the recorder itself."""
    result = setup_with(recorder_file=tmp_path / "record.js").client.simulate_get("/check")
    assert (result.status_code, result.json["error"]) == (404, "no_recorder")


def test_what_the_recorder_loads_later_lies_beside_it(setup_with: Callable[..., Setup], tmp_path: Path) -> None:
    """A module, so any origin may read it."""
    (tmp_path / "record-more.js").write_text("export {}")
    result = setup_with(recorder_file=tmp_path / "record.js").client.simulate_get("/record-more.js")
    assert (result.status_code, result.text) == (200, "export {}")
    assert result.headers["Access-Control-Allow-Origin"] == "*"
