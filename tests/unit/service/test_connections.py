"""The table of connections: who has had their time, and who goes when it is full."""

from __future__ import annotations

import pytest

from service.connection_settings import ConnectionSettings
from service.connections import LINGER_SECONDS, Connections, Member, Reason, State
from service.descriptors import RESERVE, connection_bound

MIB = 1024 * 1024


class Clock:
    """A clock that stands until moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Shared by a test and its table."""
    return Clock()


@pytest.fixture
def table(clock: Clock) -> Connections[Member]:
    """Four connections fit."""
    settings = ConnectionSettings(first_byte_seconds=10, header_seconds=20, keepalive_seconds=75, stall_seconds=60)
    return Connections(settings, 4, clock)


def entered(table: Connections[Member], state: State = State.SILENT) -> Member:
    """A new connection, moved to a state."""
    member = Member()
    assert table.enter(member) is None
    if state is not State.SILENT:
        table.move(member, state)
    return member


@pytest.mark.parametrize(
    ("state", "seconds", "reason"),
    [
        (State.SILENT, 10, Reason.FIRST_BYTE),
        (State.HEADER, 20, Reason.HEADER),
        (State.IDLE, 75, Reason.KEEPALIVE),
        (State.LINGERING, LINGER_SECONDS, Reason.LINGERED),
    ],
)
def test_every_state_but_answering_ends(
    table: Connections[Member], clock: Clock, state: State, seconds: float, reason: Reason
) -> None:
    """Whoever does not go on is named when the time of its state is over, not before; one being answered never."""
    answering, member = entered(table, State.ANSWERING), entered(table, state)
    clock.now += seconds - 0.1
    assert list(table.expired()) == []
    clock.now += 0.1
    assert list(table.expired()) == [(member, reason)]
    table.leave(member)
    clock.now += 1000
    assert list(table.expired()) == []
    assert answering.state is State.ANSWERING


def test_a_byte_now_and_then_keeps_no_header_open(table: Connections[Member], clock: Clock) -> None:
    """The header's time runs from its first byte; more bytes do not begin it anew."""
    member = entered(table, State.HEADER)
    clock.now += 20
    assert list(table.expired()) == [(member, Reason.HEADER)]


def test_slow_bodies_are_named(table: Connections[Member], clock: Clock) -> None:
    """A body below the floor is named after the window; one above it is not."""
    slow, good = entered(table, State.ANSWERING), entered(table, State.ANSWERING)
    for _ in range(10):
        table.receive_body(slow, 18)
        table.receive_body(good, 5000)
        clock.now += 1
    assert list(table.expired()) == [(slow, Reason.BODY)]
    table.end_body(slow)
    assert list(table.expired()) == []


def test_slow_readers_are_named(table: Connections[Member], clock: Clock) -> None:
    """An answer whose reader takes less than the floor is named after the stall time; one that is taken is not."""
    slow, good = entered(table, State.ANSWERING), entered(table, State.ANSWERING)
    for member in (slow, good):
        table.wait_for_reader(member)
    for _ in range(60):
        clock.now += 1
        for member, size in ((slow, 1), (good, 2000)):
            assert member.reading is not None
            member.reading.add(size, clock.now)
    assert table.readers() == [slow, good]
    assert list(table.expired()) == [(slow, Reason.STALLED)]


def test_the_silent_go_before_all_others(table: Connections[Member], clock: Clock) -> None:
    """When it is full the oldest that has said nothing goes, then headers, then the idle, then the slowest body."""
    members = []
    for state in (State.ANSWERING, State.IDLE, State.HEADER, State.SILENT):
        members.append(entered(table, state))
        clock.now += 1
    for member in reversed(members):
        if member.state is State.ANSWERING:
            table.receive_body(member, 1)
        new = Member()
        assert table.enter(new) is member
        table.leave(member)
        table.move(new, State.ANSWERING)
    # Nobody is left who could go: all are being answered, and none of them waits for its client.
    last = Member()
    assert table.enter(last) is last


def test_the_slowest_of_the_oldest_bodies_goes(table: Connections[Member], clock: Clock) -> None:
    """Among bodies it is the slowest that makes room."""
    sizes = (5000, 100, 9000, 7000)
    members = [entered(table, State.ANSWERING) for _ in sizes]
    for member, size in zip(members, sizes, strict=True):
        table.receive_body(member, size)
    clock.now += 5
    assert table.enter(Member()) is members[1]


def test_held_bytes_have_a_bound(clock: Clock) -> None:
    """When large connections hold more than the bound together, the one that has held longest goes."""
    table: Connections[Member] = Connections(ConnectionSettings(connection_bytes=MIB), 10, clock)
    first, second = entered(table, State.ANSWERING), entered(table, State.ANSWERING)
    assert table.hold(first, 600_000) is None
    assert table.hold(second, 400_000) is None
    assert table.hold(second, 500_000) is first
    table.leave(first)
    assert table.hold(second, MIB) is None
    assert table.hold(second, 0) is None


@pytest.mark.parametrize("limit", [64, 256, 1024, 20_000, 1 << 20])
def test_connections_leave_descriptors_for_the_rest(limit: int) -> None:
    """Public connections and probes leave the reserve free, or half of a small limit."""
    bound = connection_bound(20_000, 16, limit)
    assert 16 <= bound <= 20_000
    assert limit - bound - 16 >= min(RESERVE, limit // 2 - 16)
