"""The secret of user hashes on this machine: made at the first start, kept for later ones, never printed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping

from deploy.local.layout import Layout

VARIABLE = "REELSTREAM_CONTROL_KEY"
# Those that must recognise a user; the command `reelstream control` is the caller's own.
READERS = ("privacy",)
_BYTES = 32


def own_variables(caller: Mapping[str, str], layout: Layout) -> dict[str, dict[str, str]]:
    """Variables by program that only it gets; none if the caller's environment has a key, which all inherit."""
    if caller.get(VARIABLE):
        return {}
    key = ensure_control_key(layout)
    return {program: {VARIABLE: key} for program in READERS}


def ensure_control_key(layout: Layout) -> str:
    """The key in the stack's directory; a new one, for its owner alone, if there is none."""
    path = layout.control_key
    if not path.exists():
        unfinished = path.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(_BYTES) + "\n")
        unfinished.rename(path)
    return path.read_text().strip()
