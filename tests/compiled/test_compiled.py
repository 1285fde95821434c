"""The compiled enforcer is the same enforcer: built here, then held to the plain one's tests and to its output."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from hatch_build import missing_for_c
from tests.compiled.only_compiled import ROOT

PACKAGES = ROOT / "build" / "compiled" / "packages"
SUITES = ("tests/unit/processors/privacy", "tests/contract/test_privacy_recordings.py")
PLAIN_ONLY = (
    # It looks for the player in the checkout that it is part of, and runs no module that is compiled.
    "tests/unit/processors/privacy/test_explain_command.py",
    # How work grows is the same in both forms, and takes long to measure.
    "tests/unit/processors/privacy/test_linear.py",
    "tests/unit/processors/privacy/test_linear_lists.py",
)


@pytest.fixture(scope="module")
def packages() -> Path:
    """The unpacked wheel. Without a C compiler skips, or fails where REQUIRE_COMPILER=1."""
    if missing := missing_for_c():
        if os.environ.get("REQUIRE_COMPILER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    built = subprocess.run(["make", "compiled"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout[-3000:] + built.stderr[-3000:]
    return PACKAGES


def test_a_missing_compiler_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has no C compiler is told which one is looked for and where to get it."""
    monkeypatch.setenv("CC", "no-such-compiler -O2")
    assert missing_for_c() == "A C compiler is needed to compile (no-such-compiler; on Debian: gcc), and there is none."


def _environment(*before: Path) -> dict[str, str]:
    """With these folders before the checkout, which `-m` would otherwise put first."""
    return os.environ | {"PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join(map(str, (*before, ROOT)))}


def _python(*arguments: str, before: tuple[Path, ...] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=_environment(*before),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.timeout(1200)
def test_the_enforcer_s_tests_pass_compiled(packages: Path, say: Callable[[str], None]) -> None:
    """Every test of the enforcer that passes on its sources passes on the compiled modules."""
    only = ["-p", "tests.compiled.only_compiled", "-o", f"pythonpath={packages}"]
    only += [f"--ignore={file}" for file in PLAIN_ONLY]
    done = _python("-m", "pytest", "-q", *only, *SUITES, before=(packages,))
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    say(f"compiled: {done.stdout.splitlines()[-1]}")


@pytest.mark.timeout(1200)
def test_both_forms_write_the_same(packages: Path) -> None:
    """Recordings, whole and broken, leave the same bytes, reasons, counts and state, compiled or not."""
    program = ("-m", "tests.compiled.outputs")
    plain, compiled = _python(*program), _python(*program, before=(packages,))
    assert (plain.returncode, compiled.returncode) == (0, 0), plain.stderr[-2000:] + compiled.stderr[-2000:]
    assert plain.stdout.splitlines()[0] == "False"
    assert compiled.stdout.splitlines() == ["True", *plain.stdout.splitlines()[1:]]


@pytest.mark.parametrize("form", ["sources", "compiled"])
def test_the_process_tells_its_form(packages: Path, tmp_path: Path, form: str) -> None:
    """The first line of the log of `reelstream privacy` says whether it is compiled, broker or no broker."""
    projects = tmp_path / "projects.yaml"
    projects.write_text("projects: {demo: {write_keys: [demo]}}")
    environment = _environment(*([packages] if form == "compiled" else [])) | {
        "REELSTREAM_BROKERS": "127.0.0.1:1",
        "REELSTREAM_PROJECTS": str(projects),
        "REELSTREAM_STATE_DIR": str(tmp_path / "state"),
        "REELSTREAM_PRIVACY_METRICS_PORT": str(_free_port()),
    }
    command = [sys.executable, "-m", "reelstream", "privacy"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        started = orjson.loads(process.stdout.readline())
        process.kill()
    assert (started["event"], started["compiled"]) == ("process_started", form == "compiled")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
