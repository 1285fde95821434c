"""The command around the explanation: what it reads, prints and writes, and how it refuses."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import orjson
import pytest

from processors.privacy.explain.command import main
from processors.privacy.explain.explain import explain
from processors.privacy.explain.page import page
from processors.privacy.explain.reading import Recording
from processors.privacy.policy import Policy
from schemas.event_line import event_line
from tests.unit.processors.privacy.pages import DEFAULT, element, incremental, meta, policy_of, snapshot, words

REPOSITORY = Path(__file__).parents[4]
EVENTS = [meta(), snapshot(element(5, "p", words(6, "secret </script> words"), class_="rr-mask"))]


WINDOWS = [{**event, "windowId": window} for window in ("a", "b") for event in EVENTS]


def _lines(events: list[dict[str, Any]]) -> bytes:
    return b"\n".join(map(orjson.dumps, events)) + b"\n"


def _packed(event: dict[str, Any]) -> str:
    """As npm @rrweb/packer 2 does it: zlib, its bytes as the characters of a string."""
    return zlib.compress(json.dumps({**event, "v": "v1"}).encode()).decode("latin-1")


def _no_policy(text: str) -> Policy:
    raise ValueError("line 1: no such preset")


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A recording as a JSON array."""
    path = tmp_path / "recording.json"
    path.write_bytes(orjson.dumps(EVENTS))
    return path


def test_it_prints_nodes_and_counts(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The text names the policy, each node with what was done, and the sums; the words themselves are not in it."""
    assert main([str(recording)], _no_policy) == 0
    printed = capsys.readouterr().out
    assert printed.splitlines() == [
        f"policy {DEFAULT.version}",
        "",
        "html > body > p.rr-mask > #text",
        "    masked text (mask: .rr-mask on p.rr-mask)",
        "",
        "2 events, 2 kept",
        "       1 masked (mask: .rr-mask)",
    ]


@pytest.mark.parametrize(
    "content",
    [
        _lines(EVENTS),
        orjson.dumps({"user": "u", "events": EVENTS}),
        orjson.dumps([_packed(event) for event in EVENTS]),
        _lines(EVENTS).replace(b"secret", b"sec\\ud83dret"),
    ],
    ids=["lines", "as posted", "packed", "half a character"],
)
def test_every_form_of_a_recording_is_read(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One event on each line, what a recorder posts, packed events and characters cut in two are the same recording."""
    path = tmp_path / "recording.jsonl"
    path.write_bytes(content)
    assert main([str(path), "--html", str(tmp_path / "page.html")], _no_policy) == 0
    assert capsys.readouterr().out.splitlines()[2:5] == [
        "html > body > p.rr-mask > #text",
        "    masked text (mask: .rr-mask on p.rr-mask)",
        "",
    ]


def test_the_deepest_page_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A page as deep as the stage takes it is told and drawn, not given up."""
    node = element(500, "p", words(501, "secret"), class_="rr-mask")
    for node_id in range(499, 20, -1):
        node = element(node_id, "div", node)
    path = tmp_path / "recording.json"
    deep = event_line(snapshot(node))
    assert deep is not None
    path.write_bytes(orjson.dumps(meta()) + b"\n" + deep)
    assert main([str(path), "--html", str(tmp_path / "page.html")], _no_policy) == 0
    assert "    masked text (mask: .rr-mask on p.rr-mask)" in capsys.readouterr().out


def test_entries_that_are_no_events_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the pipeline refuses before any rule is said in the sum."""
    path = tmp_path / "recording.json"
    path.write_bytes(orjson.dumps([*EVENTS, 7, {"type": 3}]))
    assert main([str(path)], _no_policy) == 0
    assert "2 events, 2 kept; 2 more entries are no rrweb events and are never kept" in capsys.readouterr().out


def test_after_an_entry_that_is_no_event_the_page_waits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What could not be read may have masked something: as in the pipeline, no content passes after it."""
    path = tmp_path / "recording.json"
    path.write_bytes(orjson.dumps([*EVENTS, 7, incremental(3, id=1, x=0, y=9)]))
    assert main([str(path)], _no_policy) == 0
    assert "3 events, 2 kept" in capsys.readouterr().out


def test_names_of_a_recording_give_a_terminal_no_orders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters in names become a replacement character."""
    path = tmp_path / "recording.json"
    path.write_bytes(orjson.dumps([meta(), snapshot(element(5, "p", words(6, "a"), id="\x1b[2J", class_="rr-mask"))]))
    assert main([str(path)], _no_policy) == 0
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "p#\ufffd[2J.rr-mask" in printed


def test_a_policy_file_is_used(recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The policy made of the file's text is the one that is explained."""
    policy = tmp_path / "policy.yaml"
    policy.write_text("{mask: {classes: []}}", "utf-8")
    assert main([str(recording), "--policy", str(policy)], policy_of) == 0
    version = policy_of("{mask: {classes: []}}").version
    assert capsys.readouterr().out.splitlines() == [f"policy {version}", "", "2 events, 2 kept"]


@pytest.mark.parametrize(
    ("content", "arguments", "sentence"),
    [
        (b"nonsense", [], "the file is not JSON; expected a JSON array"),
        (b"\xff\xfe\x00", [], "the file is not JSON; expected a JSON array"),
        (b" \n", [], "the file is empty"),
        (b'{"a": 1}', [], "no recording; expected a JSON array"),
        (b"7", [], "no recording; expected a JSON array"),
        (b"[1]", [], "not one entry is an rrweb event"),
        (b"[]", [], "not one entry is an rrweb event"),
        (_lines(WINDOWS), [], "choose one with --window: a, b"),
        (_lines(WINDOWS), ["--window", "c"], "no such window; the recording has: a, b"),
        (_lines(EVENTS), ["--policy", "recording.json"], "line 1: no such preset"),
        (_lines(EVENTS), ["--policy", "missing.yaml"], "missing.yaml: No such file or directory"),
        (_lines(EVENTS), ["--policy", "."], ".: Is a directory"),
        (_lines(EVENTS), ["--html", "missing/page.html"], "missing/page.html: No such file or directory"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(
    content: bytes,
    arguments: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Status 1, one line on standard error that says what is wrong, and nothing on standard output."""
    monkeypatch.chdir(tmp_path)
    Path("recording.json").write_bytes(content)
    assert main(["recording.json", *arguments], _no_policy) == 1
    captured = capsys.readouterr()
    assert sentence in captured.err
    assert (captured.err.count("\n"), captured.out) == (1, "")


def test_one_window_is_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only the events of the window asked for are enforced."""
    path = tmp_path / "recording.jsonl"
    path.write_bytes(_lines(WINDOWS))
    assert main([str(path), "--window", "b"], _no_policy) == 0
    assert "2 events, 2 kept" in capsys.readouterr().out


def test_the_page_is_for_its_owner_alone(recording: Path, tmp_path: Path) -> None:
    """The page holds what the rules take away, so nobody else may read it, also where there was a file before."""
    target = tmp_path / "page.html"
    target.write_text("before")
    target.chmod(0o644)
    assert main([str(recording), "--html", str(target)], _no_policy) == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_what_passes_can_be_searched(recording: Path, tmp_path: Path) -> None:
    """The events that pass are written as the stage writes them, so that a search for a planted word is a proof."""
    target = tmp_path / "kept.jsonl"
    assert main([str(recording), "--kept", str(target)], _no_policy) == 0
    assert target.read_bytes().splitlines(keepends=True) == explain(map(orjson.dumps, EVENTS), DEFAULT).kept
    assert b"secret" not in target.read_bytes()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_the_page_fetches_nothing_and_no_recording_ends_its_script() -> None:
    """The page's policy allows its own two scripts by hash only, and "</script>" in a recording stays data."""
    recording = Recording([orjson.dumps(event) for event in EVENTS], 0)
    text = page(recording, explain(recording.lines, DEFAULT), DEFAULT, "a <b> title")
    assert "default-src 'none'; script-src 'sha256-" in text
    assert text.count("</script>") == 6
    assert "<title>a &lt;b&gt; title, balanced-" in text
    assert "{{" not in text.split("<script", 1)[0]
    assert " src=" not in text.split("<script", 1)[0]


def test_the_page_says_what_the_policy_says() -> None:
    """Whoever looks at the page need not know the policy file."""
    recording = Recording([orjson.dumps(event) for event in EVENTS], 0)
    text = page(recording, explain(recording.lines, DEFAULT), DEFAULT, "a title")
    assert "<li>Text outside masked elements is kept.</li>" in text


@pytest.mark.parametrize("words_before", [["reelstream.py", "privacy"], ["-m", "processors.privacy"]])
def test_the_product_s_command_explains(tmp_path: Path, words_before: list[str]) -> None:
    """`reelstream privacy explain` reads a policy as the project file has it, and refuses a bad one in one sentence."""
    recording, policy = tmp_path / "recording.json", tmp_path / "policy.yaml"
    recording.write_bytes(orjson.dumps([meta(), snapshot(element(10, "p", words(11, "hello"), id="greeting"))]))
    command = [sys.executable, *words_before, "explain", str(recording), "--policy", str(policy)]
    policy.write_text("preset: balanced\nblock:\n  selectors: ['#greeting']\n")
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "#greeting" in done.stdout
    policy.write_text("preset: balanced\nblock:\n  selectors: ['a:hover']\n")
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "line 3" in done.stderr
