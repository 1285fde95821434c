"""When waiting for a program is given up."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from deploy.local.programs import Program
from deploy.local.readiness import wait_until_ready
from deploy.local.trouble import Trouble

PROGRAM = Program("sink", ("run",), (), "http://127.0.0.1:9/readyz")


def test_a_program_that_keeps_ending_is_given_up_with_its_log(tmp_path: Path) -> None:
    """After a few processes that were never ready, the sentence names the program and shows its last words."""
    log = tmp_path / "sink.log"
    log.write_text("a wrong setting\n")
    pids = itertools.count(1)
    with pytest.raises(Trouble, match=r"sink keeps ending[^\0]*a wrong setting"):
        wait_until_ready(PROGRAM, log, lambda _: False, lambda: next(pids))


def test_a_program_that_comes_is_waited_for(tmp_path: Path) -> None:
    """One process that becomes ready after a few looks is enough; a restart on the way is no failure."""
    answers = iter([False, False, False, True])
    pids = iter([1, 0, 2])
    assert wait_until_ready(PROGRAM, tmp_path / "none", lambda _: next(answers), lambda: next(pids)) > 0
