"""Parts of a value that split has cut: which may follow which."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FORM = re.compile(r"([0-9]{1,6})/([0-9]{1,6})/([0-9]{1,12}/[0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """Part `index` of `count` of the value that `whole` names: its size and SHA-256."""

    index: int
    count: int
    whole: str

    @property
    def following(self) -> str:
        """The rs-part that must come next, or "" after the last."""
        return f"{self.index + 1}/{self.count}/{self.whole}" if self.index + 1 < self.count else ""


def read_part(text: str) -> Part | None:
    """The part that header rs-part names; None if it names none."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    part = Part(int(match[1]), int(match[2]), match[3])
    return part if part.index < part.count else None
