"""The command around the explanation: what it reads, prints and writes, and how it refuses."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from processors.privacy.explain.command import main
from processors.privacy.explain.explain import explain
from processors.privacy.explain.page import page
from processors.privacy.policy import Policy
from tests.unit.processors.privacy.pages import DEFAULT, element, meta, policy_of, snapshot, words

REPOSITORY = Path(__file__).parents[4]
EVENTS = [meta(), snapshot(element(5, "p", words(6, "secret </script> words"), class_="rr-mask"))]


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
        "    masked text: mask .rr-mask on p.rr-mask",
        "",
        "2 events, 2 kept",
        "       1  masked: mask .rr-mask on p.rr-mask",
    ]


def test_json_lines_are_read_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One event on each line is the same recording."""
    path = tmp_path / "recording.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, EVENTS)) + b"\n")
    assert main([str(path)], _no_policy) == 0
    assert "2 events, 2 kept" in capsys.readouterr().out


def test_a_policy_file_is_used(recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The policy made of the file's text is the one that is explained."""
    policy = tmp_path / "policy.yaml"
    policy.write_text("{mask: {classes: []}}", "utf-8")
    assert main([str(recording), "--policy", str(policy)], policy_of) == 0
    version = policy_of("{mask: {classes: []}}").version
    assert capsys.readouterr().out.splitlines() == [f"policy {version}", "", "", "2 events, 2 kept"]


@pytest.mark.parametrize(
    ("content", "arguments", "sentence"),
    [
        (b"nonsense", [], "neither a JSON array nor JSON lines"),
        (b"[1]", [], "some of these are not"),
        (b'{"windowId":"a"}\n{"windowId":"b"}', [], "choose one with --window: a, b"),
        (b'{"windowId":"a"}', ["--window", "c"], "no such window; the recording has: a"),
        (b"[]", ["--policy", "recording.json"], "line 1: no such preset"),
        (b"[]", ["--html", "missing/page.html"], "no page could be written"),
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
    windows = [{**event, "windowId": window} for window in ("a", "b") for event in EVENTS]
    path.write_bytes(b"\n".join(map(orjson.dumps, windows)))
    assert main([str(path), "--window", "b"], _no_policy) == 0
    assert "2 events, 2 kept" in capsys.readouterr().out


def test_the_page_is_for_its_owner_alone(recording: Path, tmp_path: Path) -> None:
    """The page holds what the rules take away, so nobody else may read it."""
    target = tmp_path / "page.html"
    assert main([str(recording), "--html", str(target)], _no_policy) == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_the_page_fetches_nothing_and_no_recording_ends_its_script() -> None:
    """The page's policy allows its own two scripts by hash only, and "</script>" in a recording stays data."""
    text = page(EVENTS, explain(EVENTS, DEFAULT), "a <b> title")
    assert "default-src 'none'; script-src 'sha256-" in text
    assert text.count("</script>") == 3
    assert "<title>a &lt;b&gt; title</title>" in text
    assert "{{" not in text.split("<script", 1)[0]
    assert " src=" not in text.split("<script", 1)[0]


@pytest.mark.parametrize("words_before", [["reelstream.py", "privacy"], ["-m", "processors.privacy"]])
def test_the_product_s_command_explains(tmp_path: Path, words_before: list[str]) -> None:
    """`reelstream privacy explain` reads a policy as the project file has it, and refuses a bad one in one sentence."""
    recording, policy = tmp_path / "recording.json", tmp_path / "policy.yaml"
    recording.write_bytes(orjson.dumps([meta(), snapshot(element(10, "p", words(11, "hello"), id="greeting"))]))
    command = [sys.executable, *words_before, "explain", str(recording), "--policy", str(policy)]
    policy.write_text("preset: balanced\nblock:\n  selectors: ['#greeting']\n")
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "#greeting" in done.stdout
    policy.write_text("preset: balanced\nblock:\n  selectors: ['a:hover']\n")
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "line 3" in done.stderr
