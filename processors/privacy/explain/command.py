"""`python -m processors.privacy explain recording.json --policy policy.yaml --html out.html`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from processors.privacy.explain.explain import explain
from processors.privacy.explain.page import page
from processors.privacy.explain.reading import ReadingError, read_recording
from processors.privacy.explain.text import lines
from processors.privacy.policy import Policy, compile_policy
from schemas.policy import BALANCED


def main(argv: Sequence[str], read_policy: Callable[[str], Policy]) -> int:
    """Print what a policy does to a recording; the exit status.

    `read_policy` makes a policy of a policy file's text, and says in a ValueError what is wrong with it.
    """
    options = _parser().parse_args(argv)
    try:
        policy = read_policy(options.policy.read_text("utf-8")) if options.policy else compile_policy(BALANCED)
    except UnicodeDecodeError:
        return _fail(f"{options.policy}: the file is not UTF-8 text")
    except OSError as error:
        return _fail(f"{options.policy}: {error.strerror}")
    except ValueError as error:
        return _fail(f"{options.policy}: {error}")
    try:
        recording = read_recording(options.recording, options.window)
    except OSError as error:
        return _fail(f"{options.recording}: {error.strerror}")
    except ReadingError as error:
        return _fail(f"{options.recording}: {error}")
    explanation = explain(recording.lines, policy, recording.starts)
    try:
        if options.kept:
            _write_private(options.kept, b"".join(explanation.kept))
        if options.html:
            _write_private(options.html, page(recording, explanation, policy, options.recording.name).encode())
    except OSError as error:
        return _fail(f"nothing could be written: {error.filename}: {error.strerror}")
    sys.stdout.writelines(f"{line}\n" for line in (f"policy {policy.version}", *policy.rules.concessions(), ""))
    sys.stdout.writelines(f"{line}\n" for line in lines(explanation, recording.unusable))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="reelstream privacy explain",
        description="Show node by node what a policy blocks, masks and drops in a recording.",
    )
    parser.add_argument(
        "recording",
        type=Path,
        help="rrweb events: a JSON array, one event on each line, what a recorder posts, or several of those as the "
        "demo session has them; plain or compressed",
    )
    parser.add_argument("--policy", type=Path, help="policy as in the project file; without it the preset `balanced`")
    parser.add_argument("--html", type=Path, help="write a page that plays the recording before and after")
    parser.add_argument("--kept", type=Path, help="write the events that pass, as they pass, one on each line")
    parser.add_argument("--window", help="which window, if the recording holds several")
    return parser


def _write_private(path: Path, content: bytes) -> None:
    """For the owner alone, also if the file was there: the page holds what the rules take away."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(content)


def _fail(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1
