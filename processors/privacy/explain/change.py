"""A value before and after: what was done to it."""

from __future__ import annotations

from typing import Any

from processors.privacy.explain.findings import Action

ABSENT: Any = object()


def action_on(before: Any, after: Any) -> Action | None:
    """None if nothing was done. `ABSENT` is a value that is not there."""
    if before is ABSENT or before == after:
        return None
    if after is ABSENT or after in ("", [], {}):
        return Action.REMOVED
    if type(after) is not str:
        return Action.CUT
    if after.strip() and not after.replace("*", "").strip():
        return Action.MASKED
    return Action.CUT
