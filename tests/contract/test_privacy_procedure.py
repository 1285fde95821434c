"""The steps by which `docs/privacy.md` proves its promises, run as they are written, on the demo session."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROCEDURE = (ROOT / "docs/privacy.md").read_text("utf-8").partition("## Prove it on your own pages")[2]
# Steps 2 and 3 of the document, behind the one that copies the demo session.
STEPS = PROCEDURE.partition("4. **Do the same")[0]
_BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_EXPECTED = re.compile(r"\s+# (\d+)$")


def blocks(kind: str) -> list[str]:
    """The texts of the document's fenced blocks of a kind, without their indent."""
    return [re.sub(r"^   ", "", text, flags=re.MULTILINE) for found, text in _BLOCK.findall(STEPS) if found == kind]


def commands() -> list[str]:
    """The lines of its shell blocks, in order."""
    return [line for text in blocks("sh") for line in text.splitlines() if line]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each command of the document answers, run in one folder that has the recording where the document says."""
    if not (ROOT / "node_modules/rrweb").exists():
        pytest.skip("the player is not installed: npm ci")
    folder = tmp_path_factory.mktemp("officer")
    (folder / "deploy/local").mkdir(parents=True)
    shutil.copy(ROOT / "deploy/local/demo_session.json", folder / "deploy/local")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    found = {}
    for command in commands():
        ran = subprocess.run(
            ["sh", "-c", command], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True
        )
        # `grep -c` answers 1 where it finds nothing.
        assert ran.returncode == 0 or command.startswith("grep"), ran.stderr
        found[command] = ran.stdout
    return found


def test_the_steps_give_the_result_they_promise(answers: dict[str, str]) -> None:
    """Each command that names its result gives it: the planted words go in, and do not come out."""
    promised = {command: match[1] for command in answers if (match := _EXPECTED.search(command))}
    assert list(promised.values()) == ["1", "0"]
    assert {command: answers[command].strip() for command in promised} == promised


def test_the_answer_is_the_one_that_is_shown(answers: dict[str, str]) -> None:
    """The shortened answer of `explain` stands in the real one, line by line and in this order."""
    (answer,) = (text for command, text in answers.items() if command.startswith("reelstream"))
    given = iter(answer.splitlines())
    (shown,) = blocks("")
    for line in shown.splitlines():
        assert line in ("…", "") or line in given, line
