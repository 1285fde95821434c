"""A value before and after: what was done to it."""

from __future__ import annotations

import re
from typing import Any

from processors.privacy.explain.findings import Action

ABSENT: Any = object()
# White space stays; the quotes are those of a masked console message, which is a JSON text.
_STARS = re.compile(r'[\s\ufeff"*]*\*[\s\ufeff"*]*')


def action_on(before: Any, after: Any) -> Action | None:
    """None if nothing was done. `ABSENT` is a value that is not there."""
    if before is ABSENT or before == after:
        return None
    if after is ABSENT or after in ("", [], {}):
        return Action.REMOVED
    if type(after) is str and _STARS.fullmatch(after):
        return Action.MASKED
    return Action.CUT
