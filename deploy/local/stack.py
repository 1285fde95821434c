"""The stack's commands: up, down, status, logs."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Collection
from functools import partial

from deploy.local.broker import prepare_broker
from deploy.local.checks import check_disk, check_ports, check_set_up, disk_state
from deploy.local.control_key import own_variables
from deploy.local.coordinators import prepare_coordinators
from deploy.local.demo_session import READ_TOKEN, ensure_demo_session
from deploy.local.environment import MARK, process_environment
from deploy.local.layout import HOST, METRICS_PORTS, LocalSettings, Ports, layout_of
from deploy.local.programs import Program, all_programs
from deploy.local.readiness import is_ready, tail, wait_until_ready
from deploy.local.supervision import Supervisor, marked_processes
from deploy.local.trouble import Trouble
from service.disk import free_bytes

_STORES = ("kafka", "clickhouse")
_ONE_SHOTS = ("topics", "migrate")
_LEFTOVER_SECONDS = 5.0


class Stack:
    """One stack, as the environment describes it."""

    def __init__(self, settings: LocalSettings) -> None:
        self._layout = layout_of(settings)
        self._ports = Ports(settings.local_port_offset)
        self._programs = all_programs(settings, self._layout, self._ports)
        self._environment = process_environment(os.environ, settings, self._layout, self._ports)
        self._supervisor = Supervisor(self._layout)

    def up(self, only: Collection[str]) -> None:
        """Start what is not running, in order, each ready before what needs it; all programs unless `only` names some.

        Raises Trouble.
        """
        chosen = [program for program in self._programs if not only or program.name in only]
        if unknown := set(only) - {program.name for program in self._programs}:
            raise Trouble(f"There is no program {', '.join(sorted(unknown))} to start here.")
        self._layout.create()
        check_set_up(self._layout)
        self._start_supervisor(chosen)
        stores = [program for program in chosen if program.name in _STORES]
        if any(program.name == "kafka" for program in stores):
            prepare_broker(self._layout, self._ports)
        self._start(stores)
        if any(program.name == "kafka" for program in stores):
            prepare_coordinators(f"{HOST}:{self._ports.kafka}")
        if only:
            self._start([program for program in chosen if program not in stores])
            return
        for name in _ONE_SHOTS:
            self._run_once(name)
        self._start([program for program in chosen if program not in stores])
        print("  demo session", end=" ", flush=True)
        session_id = ensure_demo_session(self._layout, self._ports)
        print("listed")
        self._print_addresses(session_id)

    def down(self) -> None:
        """Stop everything and prove that nothing is left. Raises Trouble."""
        if self._supervisor.is_running():
            print("Stopping the stack", flush=True)
            self._supervisor.stop()
        self._end_leftovers()
        print("The stack is down.")

    def status(self) -> None:
        """Print each program and what it does."""
        if not self._supervisor.is_running():
            print("The stack is down.")
            return
        for state in self._supervisor.states():
            print(f"  {state.name:<12} {state.state:<9} {state.detail}")
        print(f"  {'disk':<12} {disk_state(free_bytes(self._layout.directory))}")

    def logs(self, names: Collection[str]) -> None:
        """Follow the logs of these programs, or of all. Replaces this process."""
        files = [str(self._layout.logs / f"{name}.log") for name in names] or [
            str(path) for path in sorted(self._layout.logs.glob("*.log"))
        ]
        if not files:
            raise Trouble("There are no logs yet: run `make up`.")
        os.execvp("tail", ["tail", "-n", "20", "-F", *files])  # noqa: S606

    def _start_supervisor(self, chosen: list[Program]) -> None:
        running = self._supervisor.is_running()
        started = {s.name for s in self._supervisor.states() if s.state != "STOPPED"} if running else set()
        check_disk(self._layout.directory)
        check_ports(program for program in chosen if program.name not in started)
        if not running:
            self._supervisor.start(self._programs, self._environment, own_variables(self._environment, self._layout))

    def _start(self, programs: list[Program]) -> None:
        for program in programs:
            self._supervisor.start_program(program.name)
        for program in programs:
            print(f"  {program.name:<12}", end=" ", flush=True)
            log = self._layout.logs / f"{program.name}.log"
            waited = wait_until_ready(program, log, is_ready, partial(self._pid, program.name))
            print(f"ready ({waited:.1f} s)")

    def _pid(self, name: str) -> int:
        return self._supervisor.state(name).pid

    def _run_once(self, name: str) -> None:
        print(f"  {name:<12}", end=" ", flush=True)
        log = self._layout.logs / f"{name}.log"
        start = time.monotonic()
        with log.open("wb") as file:
            ended = subprocess.run(
                [str(self._layout.binaries / "reelstream"), name],
                env=self._environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if ended.returncode:
            raise Trouble(f"`reelstream {name}` failed. Its log ({log}) ends:\n{tail(log)}")
        print(f"done ({time.monotonic() - start:.1f} s)")

    def _end_leftovers(self) -> None:
        """What outlived its supervisor (it was killed, say) is still marked as this stack's."""
        deadline = time.monotonic() + _LEFTOVER_SECONDS
        number = signal.SIGTERM
        while left := marked_processes(MARK, str(self._layout.directory)):
            for pid in left:
                os.kill(pid, number)
            if time.monotonic() > deadline:
                if number == signal.SIGKILL:
                    raise Trouble(f"These processes do not end: {left}.")
                number, deadline = signal.SIGKILL, time.monotonic() + _LEFTOVER_SECONDS
            time.sleep(0.2)

    def _print_addresses(self, session_id: str) -> None:
        replay = f"http://{HOST}:{self._ports.replay}"
        print(f"\nReelstream is up. The read token is `{READ_TOKEN}`.")
        print(f"  demo site      http://{HOST}:{self._ports.demo}/")
        print(f"  recordings     {replay}/")
        print(f"  demo session   {replay}/recordings/{session_id}")
        for role in METRICS_PORTS:
            print(f"  metrics        http://{HOST}:{self._ports.metrics(role)}/metrics  ({role})")
