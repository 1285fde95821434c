"""Recordings broken in ways no recorder would break them."""

from __future__ import annotations

import copy
import random
from typing import Any

_JUNK: list[Any] = [None, True, 0, -1, 1, 4, 10, 1.5, 1e300, 2**40, "", "rr-block", "rr-mask", [], [[]], {}, {"id": 4}]


def damage(value: Any, chance: random.Random) -> Any:
    """The value with some part replaced, left out or repeated."""
    if chance.random() < 0.04:
        return copy.deepcopy(chance.choice(_JUNK))
    if isinstance(value, dict):
        return {name: damage(each, chance) for name, each in value.items() if chance.random() > 0.02}
    if isinstance(value, list):
        damaged = [damage(each, chance) for each in value if chance.random() > 0.02]
        return damaged + damaged[-1:] if chance.random() < 0.03 else damaged
    return value
