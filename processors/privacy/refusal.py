"""How a rule deep inside an event says that the whole event cannot be let through."""

from __future__ import annotations

from typing import Any

from schemas.reasons import Reason

Json = dict[str, Any]

# rrweb counts nodes up from 1 in each page load; the mirror packs ids into 32 bits.
MAX_ID = 2**31 - 1


class RefusedError(Exception):
    """The event must be dropped and its page load distrusted until the next snapshot. Caught in `enforce`."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def malformed() -> RefusedError:
    """The refusal of an event that breaks rrweb's own form."""
    return RefusedError(Reason.MALFORMED_EVENT)


def integer(holder: Json, name: str) -> int:
    """An integer of the event, or RefusedError. A node id that rrweb does not know is -1."""
    value = holder.get(name)
    if type(value) is not int:
        raise malformed()
    return value


def text(holder: Json, name: str) -> str:
    """A string of the event, or RefusedError."""
    value = holder.get(name)
    if type(value) is not str:
        raise malformed()
    return value


def numbers(holder: Json, *names: str) -> int:
    """How many of these are numbers; RefusedError if one of them is neither that nor null nor missing."""
    found = 0
    for name in names:
        value = holder.get(name)
        if value is not None:
            if type(value) is not int and type(value) is not float:
                raise malformed()
            found += 1
    return found


def booleans(holder: Json, *names: str) -> None:
    """RefusedError unless each of these that is present is true, false or null."""
    for name in names:
        value = holder.get(name)
        if value is not None and type(value) is not bool:
            raise malformed()


def objects(holder: Json, name: str) -> list[Json]:
    """A list of objects of the event; empty if it is missing, RefusedError if it is anything else."""
    values = holder.get(name)
    if values is None:
        return []
    if type(values) is not list:
        raise malformed()
    for value in values:
        if type(value) is not dict:
            raise malformed()
    return values


def keep_only(holder: Json, allowed: frozenset[str]) -> None:
    """Forget every field that is not known: a newer recorder's field could carry what no rule has looked at."""
    if not allowed.issuperset(holder):
        for name in [name for name in holder if name not in allowed]:
            del holder[name]
