"""One Node process that plays recordings in jsdom."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.oracle.bundles import NODE, REPOSITORY
from tests.oracle.recordings import Json


@contextmanager
def jsdom() -> Iterator[Callable[[Json], Json]]:
    """A function from the page script's request to its answer."""
    with subprocess.Popen(
        ["node", str(NODE / "host.mjs")], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        requests, answers = process.stdin, process.stdout

        def ask(request: Json) -> Json:
            requests.write(json.dumps(request) + "\n")
            requests.flush()
            line = answers.readline()
            assert line, "the player's process has ended"
            answer: Json = json.loads(line)
            return answer

        yield ask
        requests.close()
        assert process.wait(timeout=10) == 0
