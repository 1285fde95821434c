"""What a checkout needs before its first start: Python packages, browser scripts, broker jars.

Runs with the system's Python and the standard library alone. Each step is skipped while what it was made from
has not changed; the digests of that are kept in `.local/set-up/`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
_LOCK = REPOSITORY / "requirements-dev.lock"
_VENV = REPOSITORY / ".venv"
_JARS = REPOSITORY / ".local" / "kafka" / "lib"
_POM = REPOSITORY / "deploy" / "local" / "kafka" / "pom.xml"


@dataclass(frozen=True)
class Step:
    """Run `run` when a file of `inputs` changed or one of `outputs` is not there."""

    name: str
    inputs: tuple[Path, ...]
    outputs: tuple[Path, ...]
    run: Callable[[], None]


STEPS = (
    Step(
        "Python packages",
        (_LOCK, REPOSITORY / "pyproject.toml"),
        (_VENV / "bin" / "reelstream", _VENV / "bin" / "supervisord"),
        lambda: install_python_packages(),
    ),
    Step(
        "npm packages",
        (REPOSITORY / "package.json", REPOSITORY / "package-lock.json"),
        (REPOSITORY / "node_modules" / ".package-lock.json",),
        lambda: run("npm", "ci", "--no-audit", "--no-fund"),
    ),
    Step(
        "browser scripts",
        (REPOSITORY / "package-lock.json", REPOSITORY / "recorder", REPOSITORY / "replay" / "web"),
        (REPOSITORY / "recorder" / "dist" / "record.js", REPOSITORY / "replay" / "static"),
        lambda: run("npm", "run", "build"),
    ),
    Step("Kafka", (_POM,), (_JARS,), lambda: fetch_jars()),
)


def main() -> int:
    """Run the steps that are due; 1 with the end of a step's output when it fails."""
    for step in STEPS:
        digest = digest_of(step.inputs)
        stamp = REPOSITORY / ".local" / "set-up" / step.name.replace(" ", "-")
        if stamp.exists() and stamp.read_text() == digest and all(path.exists() for path in step.outputs):
            continue
        print(f"  {step.name:<16}", end=" ", flush=True)
        start = time.monotonic()
        try:
            step.run()
        except subprocess.CalledProcessError as failed:
            print(f"failed: `{' '.join(map(str, failed.cmd))}` said:\n{failed.stdout[-2000:]}", file=sys.stderr)
            return 1
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(digest)
        print(f"done ({time.monotonic() - start:.0f} s)")
    return 0


def digest_of(inputs: Iterable[Path]) -> str:
    """One digest of the files, and of all files below the folders but those that a build writes."""
    total = hashlib.sha256(sys.version.encode())
    for path in inputs:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and not {"dist", "node_modules", "__pycache__"} & set(file.relative_to(REPOSITORY).parts):
                total.update(str(file.relative_to(REPOSITORY)).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def run(*command: str | Path) -> None:
    """Run quietly from the repository root. Raises CalledProcessError with the output."""
    subprocess.run(command, cwd=REPOSITORY, check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def install_python_packages() -> None:
    """The virtual environment with exactly the locked packages, and the project itself."""
    python = _VENV / "bin" / "python"
    if not python.exists():
        run(sys.executable, "-m", "venv", _VENV)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        requirements.write(locked("uv", _LOCK.read_text()))
        requirements.flush()
        run(
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            requirements.name,
        )
    uv = _VENV / "bin" / "uv"
    run(uv, "pip", "sync", "--quiet", "--python", python, _LOCK)
    run(uv, "pip", "install", "--quiet", "--python", python, "--no-deps", "--no-build-isolation", "-e", ".")


def locked(name: str, lock: str) -> str:
    """One package's entry in a lock file: `name==version` and, on continued lines, its hashes."""
    lines = lock.splitlines(keepends=True)
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{name}=="))
    end = start
    while lines[end].rstrip().endswith("\\"):
        end += 1
    return "".join(lines[start : end + 1])


def fetch_jars() -> None:
    """The broker's jars in one folder, and no others."""
    shutil.rmtree(_JARS, ignore_errors=True)
    goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
    run("mvn", "-q", "-B", "-f", _POM, goal, f"-DoutputDirectory={_JARS}")


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
