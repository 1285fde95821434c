"""Who is connected, in what state and since when; who has had their time, and who goes first when it is full.

Pure: told of everything, and asked. `service.asgi_protocol` tells it and acts on what it answers. All deadlines of one
state are equally long, so the first of a state is the first to expire and the one that has waited longest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import islice
from typing import Generic, TypeVar

from service.connection_settings import ConnectionSettings
from service.progress import Progress

# A refused client that is still sending gets so long to read the refusal.
LINGER_SECONDS = 3.0
# Among so many of the oldest bodies the slowest is looked for; a longer look would cost more than the body.
LOOK = 32


class State(StrEnum):
    """What a connection is doing."""

    SILENT = "silent"  # nothing has come from it yet
    HEADER = "header"  # part of a request's header has come
    IDLE = "idle"  # answered, and nothing of another request has come
    ANSWERING = "answering"  # a request is being served
    LINGERING = "lingering"  # refused; read for a while, so that the client gets to read the refusal


class Reason(StrEnum):
    """Why the server ended a connection; the label of its counter."""

    FIRST_BYTE = "first_byte"
    HEADER = "header"
    KEEPALIVE = "keepalive"
    BODY = "body"
    STALLED = "stalled"
    LINGERED = "lingered"
    FULL = "full"
    BYTES = "bytes"


class Member:
    """One connection, as the table knows it. The table alone writes its fields."""

    __slots__ = ("body", "large", "reading", "since", "state")

    def __init__(self) -> None:
        self.state = State.SILENT
        self.since = 0.0
        # The body that is arriving, and the answer that waits for its reader.
        self.body: Progress | None = None
        self.reading: Progress | None = None
        self.large = 0


M = TypeVar("M", bound=Member)

# The order in which they go when there is no room: who has shown nothing before who has.
_FIRST_TO_GO = (State.SILENT, State.LINGERING, State.HEADER, State.IDLE)


class Connections(Generic[M]):
    """The connections of one port."""

    def __init__(self, settings: ConnectionSettings, bound: int, clock: Callable[[], float]) -> None:
        self._bound = bound
        self._clock = clock
        self._body_pace = settings.body_pace()
        self._answer_pace = settings.answer_pace()
        self._bytes_bound = settings.connection_bytes
        self._bytes = 0
        self._limits = {
            State.SILENT: (settings.first_byte_seconds, Reason.FIRST_BYTE),
            State.HEADER: (settings.header_seconds, Reason.HEADER),
            State.IDLE: (settings.keepalive_seconds, Reason.KEEPALIVE),
            State.LINGERING: (LINGER_SECONDS, Reason.LINGERED),
        }
        # Dictionaries, because they remember order and forget anyone at once.
        self._by_state: dict[State, dict[M, None]] = {state: {} for state in State}
        self._bodies: dict[M, None] = {}
        self._readers: dict[M, None] = {}
        self._large: dict[M, None] = {}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def count(self, state: State) -> int:
        """Connections in a state."""
        return len(self._by_state[state])

    def enter(self, member: M) -> M | None:
        """Count a new connection. Who must go for it, if it is one too many: perhaps the new one itself."""
        victim = self.first_to_go() if self._size >= self._bound else None
        if self._size >= self._bound and victim is None:
            victim = member
        self._size += 1
        member.since = self._clock()
        self._by_state[State.SILENT][member] = None
        return victim

    def leave(self, member: M) -> None:
        """The connection is gone."""
        self._size -= 1
        del self._by_state[member.state][member]
        self.end_body(member)
        self.taken(member)
        self.hold(member, 0)

    def move(self, member: M, state: State) -> None:
        """It does something else from now on."""
        del self._by_state[member.state][member]
        member.state = state
        member.since = self._clock()
        self._by_state[state][member] = None

    def receive_body(self, member: M, size: int) -> None:
        """`size` bytes of a body came, and the body has not ended."""
        if member.body is None:
            member.body = Progress(self._body_pace, self._clock())
            self._bodies[member] = None
        member.body.add(size, self._clock())

    def end_body(self, member: M) -> None:
        """The body is complete."""
        if member.body is not None:
            member.body = None
            del self._bodies[member]

    def wait_for_reader(self, member: M) -> None:
        """The answer waits until its reader takes more."""
        if member.reading is None:
            member.reading = Progress(self._answer_pace, self._clock())
            self._readers[member] = None

    def taken(self, member: M) -> None:
        """The reader has taken what waited."""
        if member.reading is not None:
            member.reading = None
            del self._readers[member]

    def readers(self) -> list[M]:
        """Those whose answers wait. The caller tells each one's `reading` how much was taken, then asks `expired`."""
        return list(self._readers)

    def hold(self, member: M, size: int) -> M | None:
        """A connection holds `size` bytes nobody has asked for yet. Who must go, if all hold too much."""
        if size == member.large:
            return None
        self._bytes += size - member.large
        if not member.large:
            self._large[member] = None
        elif not size:
            del self._large[member]
        member.large = size
        return next(iter(self._large)) if self._bytes > self._bytes_bound else None

    def expired(self) -> Iterator[tuple[M, Reason]]:
        """Those whose time is over. They stay until they leave, so one may be named again."""
        now = self._clock()
        for state, (seconds, reason) in self._limits.items():
            for member in list(_until(self._by_state[state], now - seconds)):
                yield member, reason
        for member in list(self._bodies):
            if member.body is not None and member.body.deadline() <= now:
                yield member, Reason.BODY
        for member in list(self._readers):
            if member.reading is not None and member.reading.deadline() <= now:
                yield member, Reason.STALLED

    def quiet(self) -> list[M]:
        """Those nobody waits for: no request of theirs is known."""
        return [*self._by_state[State.SILENT], *self._by_state[State.HEADER], *self._by_state[State.IDLE]]

    def busy(self) -> bool:
        """Whether anyone is being answered."""
        return bool(self._by_state[State.ANSWERING])

    def first_to_go(self) -> M | None:
        """Who goes when there is no room."""
        for state in _FIRST_TO_GO:
            for member in self._by_state[state]:
                return member
        now = self._clock()
        oldest = list(islice(self._bodies, LOOK))
        if oldest:
            return min(oldest, key=lambda member: member.body.rate(now) if member.body else 0.0)
        return next(iter(self._readers), None)


def _until(members: dict[M, None], since: float) -> Iterator[M]:
    for member in members:
        if member.since > since:
            return
        yield member
