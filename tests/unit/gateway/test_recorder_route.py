from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import brotli

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


def test_script_comes_compressed_as_the_browser_likes(setup_with: Callable[..., Setup], tmp_path: Path) -> None:
    """Brotli before gzip, plain for who takes neither; each with a tag of its own, and caches are told."""
    file = tmp_path / "record.js"
    content = b"record(1);" * 1000
    file.write_bytes(content)
    client = setup_with(recorder_file=file).client
    unpacked: dict[str, Callable[[bytes], bytes]] = {"br": brotli.decompress, "gzip": gzip.decompress}
    tags = set()
    for asked, coding in (
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("*", "br"),
        ("identity", ""),
        ("", ""),
    ):
        result = client.simulate_get("/record.js", headers={"Accept-Encoding": asked})
        assert result.headers.get("Content-Encoding", "") == coding, asked
        assert result.headers["Vary"] == "Accept-Encoding"
        assert unpacked.get(coding, bytes)(result.content) == content
        assert len(result.content) < 200 or not coding
        tags.add((coding, result.headers["ETag"]))
    assert len(tags) == 3
    tag = dict(tags)["br"]
    again = client.simulate_get("/record.js", headers={"Accept-Encoding": "br", "If-None-Match": tag})
    other = client.simulate_get("/record.js", headers={"Accept-Encoding": "gzip", "If-None-Match": tag})
    assert (again.status_code, other.status_code) == (304, 200)


def test_script_of_a_fingerprint_never_changes(setup_with: Callable[..., Setup], tmp_path: Path) -> None:
    """Under its fingerprint a script may be kept for good; another one is not served in its place."""
    file = tmp_path / "record.js"
    for content in (b"first()", b"second()"):
        file.write_bytes(content)
        fingerprint = hashlib.sha256(content).hexdigest()[:16]
        client = setup_with(recorder_file=file).client
        result = client.simulate_get(f"/record.{fingerprint}.js")
        assert (result.status_code, result.content) == (200, content)
        assert "immutable" in result.headers["Cache-Control"]
    old = client.simulate_get(f"/record.{hashlib.sha256(b'first()').hexdigest()[:16]}.js")
    assert (old.status_code, old.json["error"]) == (404, "no_recorder")
