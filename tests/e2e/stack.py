"""A whole stack, as a person gets it: `up`, `status` and `down` as commands, everything else over the network.

It has a folder of its own and ports 20 000 above the usual ones (TEST_PORT_OFFSET), so a
developer's stack goes on undisturbed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
# Another run on the same machine needs another.
OFFSET = int(os.environ.get("TEST_PORT_OFFSET", "20000"))
METRICS_PORTS = {
    "gateway": 9100,
    "enrich": 9101,
    "privacy": 9102,
    "split": 9103,
    "batch": 9104,
    "sink": 9105,
    "replay": 9106,
}
# Small enough to reach in a test; a silent body is refused after BODY_IDLE_SECONDS.
SMALL_BODY_BYTES = 64 * 1024
SMALL_BURST_BYTES = 128 * 1024
BODY_IDLE_SECONDS = 3
SHOP_ORIGIN = "https://shop.example"
_QUICK = {"REELSTREAM_GATEWAY_BODY_IDLE_SECONDS": str(BODY_IDLE_SECONDS)}

_STATUS_LINE = re.compile(r"^\s*(\w+)\s+RUNNING\s+pid (\d+)", re.MULTILINE)
_UP_SECONDS = 280
_DOWN_SECONDS = 120


def _project(token: str, **rest: object) -> dict[str, object]:
    return {"read_token_sha256": [hashlib.sha256(token.encode()).hexdigest()], **rest}


# Write keys and read tokens are the projects' names, but for `demo` all with "-key" and "-token".
PROJECTS = {
    "demo": _project("demo", write_keys=["demo"], loopback_only=True, origins=["*"]),
    "chaos": _project("chaos-token", write_keys=["chaos-key"], origins=["*"]),
    "siege": _project("siege-token", write_keys=["siege-key"], origins=["*"]),
    "flood": _project("flood-token", write_keys=["flood-key"], origins=["*"]),
    "closed": _project("closed-token", write_keys=["closed-key"], recording=False),
    "loud": _project(
        "loud-token",
        write_keys=["loud-key"],
        origins=["*"],
        capture={"console": True, "network": True, "canvas": True, "pictures": True},
        policy={"preset": "open", "mask": {"selectors": ["[data-private]", "#vault"]}},
    ),
    "unsampled": _project("unsampled-token", write_keys=["unsampled-key"], sampling_percent=0),
    "shop": _project(
        "shop-token",
        write_keys=["shop-key"],
        origins=[SHOP_ORIGIN],
        require_origin=True,
        limits={
            "body_bytes": SMALL_BODY_BYTES,
            "session_bytes_per_second": 1024,
            "session_burst_bytes": SMALL_BURST_BYTES,
        },
    ),
}


@dataclass(frozen=True)
class Stack:
    """Where the parts of the stack are. `settings` are variables for its processes, or the tests' usual ones."""

    directory: Path
    settings: Mapping[str, str] | None = None
    gateway: str = f"http://127.0.0.1:{8080 + OFFSET}"
    replay: str = f"http://127.0.0.1:{8090 + OFFSET}"
    site: str = f"http://127.0.0.1:{8070 + OFFSET}"
    clickhouse: str = f"http://127.0.0.1:{8123 + OFFSET}"
    brokers: str = f"127.0.0.1:{9092 + OFFSET}"
    metrics: dict[str, str] = field(
        default_factory=lambda: {
            role: f"http://127.0.0.1:{port + OFFSET}/metrics" for role, port in METRICS_PORTS.items()
        }
    )

    @property
    def logs(self) -> Path:
        """The folder of the processes' logs."""
        return self.directory / "logs"

    def up(self) -> None:
        """Bring all of it up; AssertionError with what the command said if that fails."""
        (self.directory / "projects.yaml").write_text(json.dumps({"projects": PROJECTS}))
        self._command("up", _UP_SECONDS)

    def down(self) -> None:
        """Bring all of it down."""
        self._command("down", _DOWN_SECONDS)

    def running(self) -> dict[str, int]:
        """Process id by name of every program that runs. Each leads a process group of its own."""
        return {name: int(pid) for name, pid in _STATUS_LINE.findall(self._command("status", 30))}

    def tails(self, lines: int = 12) -> str:
        """The last lines of every log: what to read when something did not come back."""
        return "\n".join(
            f"{log.name}:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
            for log in sorted(self.logs.glob("*.log"))
        )

    def processes(self) -> list[int]:
        """Every process that was started for this stack, wherever it hangs in the tree."""
        mark = f"={self.directory}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                variables = (entry / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if any(variable.startswith(b"REELSTREAM_LOCAL_") and variable.endswith(mark) for variable in variables):
                found.append(int(entry.name))
        return found

    def _command(self, name: str, seconds: float) -> str:
        environment = {
            variable: text for variable, text in os.environ.items() if not variable.startswith("REELSTREAM_")
        }
        environment |= {
            "REELSTREAM_LOCAL_DIR": str(self.directory),
            "REELSTREAM_LOCAL_PORT_OFFSET": str(OFFSET),
            "REELSTREAM_PROJECTS": str(self.directory / "projects.yaml"),
            **(_QUICK if self.settings is None else self.settings),
        }
        # To a file, not a pipe: the daemon that `up` leaves behind would keep a pipe open.
        with tempfile.TemporaryFile() as output:
            ended = subprocess.run(
                [sys.executable, "-m", "deploy.local", name],
                cwd=REPOSITORY,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=seconds,
                check=False,
            )
            output.seek(0)
            said = output.read().decode(errors="replace")
        assert ended.returncode == 0, f"`{name}` ended with {ended.returncode} and said:\n{said}"
        return said


@contextmanager
def whole_stack(settings: Mapping[str, str] | None = None) -> Iterator[Stack]:
    """A stack that is up. Afterwards it is down for sure, its data is gone, and a process left over is an error."""
    # Not pytest's temporary folder: the supervisor's socket needs a short path, and a run's data is not for keeping.
    stack = Stack(Path(tempfile.mkdtemp(prefix="reelstream-")), settings)
    try:
        try:
            stack.up()
            yield stack
        finally:
            stack.down()
    finally:
        left = stack.processes()
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(stack.directory)
    assert not left, f"`down` left these processes: {left}"
