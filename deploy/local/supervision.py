"""The supervisor (supervisord): its configuration, starting and stopping it, and asking it about programs."""

from __future__ import annotations

import http.client
import os
import shlex
import subprocess
import time
import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from deploy.local.layout import REPOSITORY, Layout
from deploy.local.programs import Program
from deploy.local.trouble import Trouble

# Of sockaddr_un on Linux and macOS, with the final NUL.
_LONGEST_SOCKET_PATH = 103
_START_SECONDS = 10.0
# Ten programs that may each take `stopwaitsecs`, which none does.
_STOP_SECONDS = 200.0


@dataclass(frozen=True)
class ProgramState:
    """`state` is supervisord's word (RUNNING, STOPPED …), `detail` its sentence; `pid` is 0 without a process."""

    name: str
    state: str
    pid: int
    detail: str


def configuration(layout: Layout, programs: Sequence[Program], own: Mapping[str, Mapping[str, str]]) -> str:
    """supervisord's INI file: every program starts only when told, and starts again whenever it ends.

    `own` are variables, by program, that no other program gets; letters and digits only.
    """
    sections = [
        f"""[supervisord]
logfile={layout.logs}/supervisor.log
logfile_maxbytes=1MB
logfile_backups=1
pidfile={layout.run}/supervisor.pid
directory={REPOSITORY}
[unix_http_server]
file={layout.socket}
chmod=0700
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
    ]
    sections.extend(
        f"""[program:{program.name}]
command={shlex.join(program.command)}
environment={",".join(f"{name}={value}" for name, value in own.get(program.name, {}).items())}
priority={order}
autostart=false
autorestart=true
startsecs=1
startretries=1000000
stopwaitsecs=20
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={layout.logs}/{program.name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=2
""".replace("%", "%%")
        for order, program in enumerate(programs, start=1)
    )
    return "".join(sections)


class Supervisor:
    """One stack's supervisord, reached through its socket."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    @property
    def _rpc(self) -> Any:
        # A new one for each call: after a failed one the library's transport can send no more.
        transport = SupervisorTransport(None, None, f"unix://{self._layout.socket}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def is_running(self) -> bool:
        """Whether it answers."""
        try:
            return bool(self._rpc.getState()["statename"] == "RUNNING")
        except (OSError, http.client.HTTPException):
            return False

    def start(
        self, programs: Sequence[Program], environment: Mapping[str, str], own: Mapping[str, Mapping[str, str]]
    ) -> None:
        """Start it as a daemon, with no program running yet; `own`: see `configuration`. Raises Trouble."""
        if len(os.fsencode(self._layout.socket)) > _LONGEST_SOCKET_PATH:
            raise Trouble(f"The path {self._layout.socket} is too long for a socket: choose a shorter directory.")
        file = self._layout.run / "supervisor.conf"
        # Secrets may be in it.
        file.touch(0o600)
        file.chmod(0o600)
        file.write_text(configuration(self._layout, programs, own))
        command = [str(self._layout.binaries / "supervisord"), "-c", str(file)]
        subprocess.run(command, env=dict(environment), check=True, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + _START_SECONDS
        while not self.is_running():
            if time.monotonic() > deadline:
                raise Trouble(f"The supervisor did not start: see {self._layout.logs}/supervisor.log.")
            time.sleep(0.05)

    def start_program(self, name: str) -> None:
        """Start it unless it is started already; readiness is another question."""
        if self.state(name).state in ("STOPPED", "EXITED", "FATAL"):
            self._rpc.startProcess(name, False)

    def state(self, name: str) -> ProgramState:
        """What supervisord knows of one program."""
        return _read(self._rpc.getProcessInfo(name))

    def states(self) -> list[ProgramState]:
        """Of every program."""
        return [_read(info) for info in self._rpc.getAllProcessInfo()]

    def stop(self) -> None:
        """Stop the programs one after another, the last in order first, then supervisord. Raises Trouble."""
        pid = int(self._rpc.getPID())
        self._rpc.shutdown()
        deadline = time.monotonic() + _STOP_SECONDS
        while _exists(pid):
            if time.monotonic() > deadline:
                raise Trouble(f"The supervisor (process {pid}) does not end.")
            time.sleep(0.05)


def _read(info: Mapping[str, Any]) -> ProgramState:
    return ProgramState(str(info["name"]), str(info["statename"]), int(info["pid"]), str(info["description"]))


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def marked_processes(mark: str, value: str) -> list[int]:
    """Processes whose environment at start had `mark=value`; only where `/proc` is (Linux)."""
    wanted = f"{mark}={value}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            variables = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if wanted in variables:
            found.append(int(entry.name))
    return found
