from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.unit.gateway.conftest import Setup


def test_script_is_served_with_an_etag_and_read_again_when_it_changes(
    setup_with: Callable[..., Setup], tmp_path: Path
) -> None:
    """The script is cacheable, 304 for who has it, and new after a new build, without a restart."""
    file = tmp_path / "record.js"
    file.write_text("first()")
    client = setup_with(recorder_file=file).client
    result = client.simulate_get("/record.js")
    assert (result.status_code, result.text) == (200, "first()")
    assert result.headers["Content-Type"].startswith("text/javascript")
    assert "max-age" in result.headers["Cache-Control"]
    etag = result.headers["ETag"]
    again = client.simulate_get("/record.js", headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    file.write_text("the second build()")
    changed = client.simulate_get("/record.js", headers={"If-None-Match": etag})
    assert (changed.status_code, changed.text) == (200, "the second build()")


def test_head_tells_without_the_script(setup_with: Callable[..., Setup], tmp_path: Path) -> None:
    """HEAD has the headers of GET and no body."""
    file = tmp_path / "record.js"
    file.write_text("first()")
    result = setup_with(recorder_file=file).client.simulate_head("/record.js")
    assert (result.status_code, result.content, result.headers["Content-Length"]) == (200, b"", "7")


def test_missing_script_says_so(setup_with: Callable[..., Setup], tmp_path: Path) -> None:
    """Without the file the answer is a 404 that says what is missing, and names no path of the machine."""
    result = setup_with(recorder_file=tmp_path / "record.js").client.simulate_get("/record.js")
    assert (result.status_code, result.json["error"]) == (404, "no_recorder")
    assert "recorder" in result.json["detail"]
    assert str(tmp_path) not in result.text
