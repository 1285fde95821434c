"""Tombstones: who must not be recorded any more. The records of `control.v1`, and the answer to "is this one theirs?".

Key `<project>:<kind>:<subject>`, value JSON `{"kind", "subject", "at"}`, `at` in ms. A subject is a session id, or
`<key id>-<hash>` of a user: 8 and 64 hex digits, the hash being HMAC-SHA-256 over `<project>:<user>`. No record names
a user. Kinds that this version does not know are left alone; a record without a value withdraws the one before it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import orjson

from schemas.identity import is_project, is_uuid

# A tombstone is obeyed from the first payload accepted this long after it: time for every reader to have seen it.
IN_FORCE_MS = 5000
# It carries the time at which it was written, and the broker has it at most this long after that.
DELIVERY_MS = 2000


class Kind(StrEnum):
    """`opt_out` ends the recording of what is accepted from then on; `erase` also of what is still on its way."""

    OPT_OUT = "opt_out"
    ERASE = "erase"


_KINDS = frozenset(Kind)
# A user of a tombstone or a cohort, in place of the name.
SUBJECT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{64}")


class ControlError(ValueError):
    """A record of a known kind that cannot be read. The message quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """One session or user of a project; `at` is the writer's clock in ms."""

    project: str
    kind: Kind
    subject: str
    at: int

    @property
    def key(self) -> str:
        """Key of its record."""
        return f"{self.project}:{self.kind}:{self.subject}"

    @property
    def value(self) -> bytes:
        """Value of its record."""
        return orjson.dumps({"kind": self.kind, "subject": self.subject, "at": self.at})

    @classmethod
    def read(cls, key: str, value: bytes) -> Tombstone | None:
        """The tombstone in a record; None for another kind, ControlError if it is one but cannot be read."""
        project, kind, subject = _split(key)
        if kind not in _KINDS:
            return None
        try:
            fields = orjson.loads(value)
        except orjson.JSONDecodeError:
            fields = None
        is_subject = is_uuid(subject) or SUBJECT.fullmatch(subject)
        if not is_project(project) or not is_subject or type(fields) is not dict or type(fields.get("at")) is not int:
            raise ControlError(f"a record of kind {Kind(kind)} is not a tombstone")
        if (fields.get("kind"), fields.get("subject")) != (kind, subject):
            raise ControlError(f"a record of kind {Kind(kind)} disagrees with its key")
        return cls(project, Kind(kind), subject, fields["at"])


class UserKeys:
    """The secrets of user hashes, newest first: the first one writes, all of them read."""

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self._keys = [(_key_id(key), key.encode()) for key in keys]

    @property
    def ids(self) -> frozenset[str]:
        """Ids of the keys, which tell nothing of them."""
        return frozenset(name for name, _ in self._keys)

    def subjects(self, project: str, user: str) -> list[str]:
        """The user as a subject, under each key."""
        text = f"{project}:{user}".encode("utf-8", "surrogatepass")
        return [f"{name}-{hmac.new(key, text, hashlib.sha256).hexdigest()}" for name, key in self._keys]


class Tombstones:
    """All tombstones, about 500 bytes each, and the one that applies to a payload."""

    def __init__(self, keys: UserKeys) -> None:
        self._keys = keys
        self._all: dict[str, Tombstone] = {}
        self._key_ids: set[str] = set()

    def apply(self, key: str, value: bytes | None) -> None:
        """Take a record of the topic; ControlError if it cannot be read."""
        if not value:
            self._all.pop(key, None)
            return
        tombstone = Tombstone.read(key, value)
        if tombstone is not None:
            self._all[key] = tombstone
            if not is_uuid(tombstone.subject):
                self._key_ids.add(tombstone.subject.partition("-")[0])

    def of(self, project: str) -> list[Tombstone]:
        """Those of a project, oldest first."""
        return sorted((each for each in self._all.values() if each.project == project), key=lambda each: each.at)

    @property
    def unreadable(self) -> frozenset[str]:
        """Ids of keys that wrote user tombstones and are not among ours: those users would not be recognised."""
        return frozenset(self._key_ids - self._keys.ids)

    def subjects(self, project: str, user: str) -> list[str]:
        """See `UserKeys.subjects`."""
        return self._keys.subjects(project, user)

    def applies(self, project: str, session: str, user: str, received: int) -> Kind | None:
        """The kind of tombstone that a payload accepted at `received` (ms) falls under; `user` may be empty."""
        if not self._all:
            return None
        subjects = [session, *(self.subjects(project, user) if user and self._key_ids else ())]
        for kind in (Kind.ERASE, Kind.OPT_OUT):
            for subject in subjects:
                tombstone = self._all.get(f"{project}:{kind}:{subject}")
                # What an erasure deletes must not be followed by what was accepted before it and read after it.
                if tombstone and (kind is Kind.ERASE or received >= tombstone.at + IN_FORCE_MS):
                    return kind
        return None


def _split(key: str) -> tuple[str, str, str]:
    project, _, rest = key.partition(":")
    kind, _, subject = rest.partition(":")
    return project, kind, subject


def _key_id(key: str) -> str:
    return hmac.new(key.encode(), b"id", hashlib.sha256).hexdigest()[:8]
