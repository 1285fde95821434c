from __future__ import annotations

import tracemalloc

from gateway.rates import BODY_OVERHEAD, Limit, Rates, Sender, Shortage, retry_after
from schemas.project import Limits

KIB, MIB = 1024, 1024 * 1024
# A burst of 100 bodies and one a second for an address, twice that for a key, four times for a project.
SMALL = {
    "address_bytes_per_second": 1024,
    "address_burst_bytes": 100 * KIB,
    "key_bytes_per_second": 2048,
    "key_burst_bytes": 200 * KIB,
    "project_bytes_per_second": 4096,
    "project_burst_bytes": 400 * KIB,
}


class Bench:
    """Rates on a clock of the test's own."""

    def __init__(self, sessions: int = 50_000, addresses: int = 20_000, **limits: float) -> None:
        self.now = 1_000_000.0
        self.limits = Limits.model_validate(limits)
        self.rates = Rates(sessions, addresses, lambda: self.now, lambda: self.now)

    def send(
        self,
        session: str = "s",
        address: str = "198.51.100.7",
        key: str = "key",
        project: str = "shop",
        size: int = 0,
        keyframe: bool = False,
    ) -> Shortage | None:
        """Admit a body and, if it is, charge it."""
        sender = Sender(project, key, address, session, keyframe, self.limits)
        shortage = self.rates.admit(sender, size)
        if shortage is None:
            self.rates.charge(sender, size)
        return shortage

    def admitted(self, most: int, **body: object) -> int:
        """How many of `most` bodies in a row pass."""
        return sum(self.send(**body) is None for _ in range(most))  # type: ignore[arg-type]


def test_a_session_has_its_own_rate() -> None:
    """A session over its burst waits; another of the same address does not."""
    bench = Bench(session_bytes_per_second=1024, session_burst_bytes=4096)
    assert bench.send(size=4096) is None
    assert bench.send(size=1024) == Shortage(Limit.SESSION, 1.0)
    assert bench.send(session="t", size=1024) is None


def test_bodies_cost_more_than_their_bytes() -> None:
    """A flood of tiny bodies ends as a flood of large ones does: each costs its record too."""
    bench = Bench(**SMALL)
    assert bench.admitted(1000, size=1) in range(74, 100 * KIB // BODY_OVERHEAD + 1)
    shortage = bench.send(size=1)
    assert shortage is not None
    assert shortage.limit is Limit.ADDRESS


def test_a_flooding_address_leaves_the_others_of_its_key_room() -> None:
    """One address fills no key: another's payloads pass, and time gives back what flows in."""
    bench = Bench(**SMALL)
    bench.admitted(1000)
    assert bench.admitted(20, address="203.0.113.9", session="t") == 20
    bench.now += 30
    assert 0 < bench.admitted(1000) <= 31


def test_a_flooding_key_leaves_the_other_keys_of_its_project_room() -> None:
    """Many addresses exhaust their key, which is refused by name, and no more than their key's part of the project."""
    bench = Bench(**SMALL)
    for number in range(50):
        bench.admitted(20, address=f"198.51.100.{number}", session=f"s{number}")
    shortage = bench.send(address="198.51.100.200", session="late")
    assert shortage is not None
    assert shortage.limit is Limit.KEY
    assert bench.admitted(50, key="other", address="203.0.113.9", session="t") == 50
    assert bench.admitted(50, key="elsewhere", project="blog", address="198.51.100.1", session="u") == 50


def test_keyframes_and_light_addresses_are_last() -> None:
    """When a key runs short, heavy addresses go first, then their keyframes, then light ones, light keyframes last."""
    bench = Bench(**(SMALL | {"address_burst_bytes": 1000 * KIB, "project_burst_bytes": 4000 * KIB}))
    heavy, light = "198.51.100.1", "203.0.113.9"
    bench.rates.charge(Sender("shop", "other", heavy, "h", False, bench.limits), 599 * KIB)
    # Of 200 bodies a quarter is the reserve; heavy keyframes reach half of it, light addresses three quarters. What one
    # of two addresses may have of the reserve at once is a third.
    passed = [
        bench.admitted(300, address=heavy, session="h"),
        bench.admitted(300, address=heavy, session="h", keyframe=True),
        bench.admitted(300, address=light, session="l"),
        bench.admitted(300, address=light, session="l", keyframe=True),
    ]
    assert passed == [150, 25, 12, 5]


# A tenth of what is allowed to begin by default.
FEW_SESSIONS = {
    "address_new_sessions_per_minute": 30,
    "address_new_sessions_burst": 300,
    "key_new_sessions_per_minute": 300,
    "key_new_sessions_burst": 3000,
}


def test_addresses_that_begin_all_they_may_starve_nobody() -> None:
    """For an hour 20 addresses begin as many sessions of one key as each of them may: people still begin theirs."""
    bench = Bench(**FEW_SESSIONS)
    refused = begun = 0
    for second in range(0, 3600, 2):
        for number in range(20):
            shortage = bench.send(f"a{second}-{number}", f"198.18.0.{number}", size=1000, keyframe=True)
            begun += shortage is None
        person = second // 2 % 30
        refused += bench.send(f"p{second}", f"203.0.113.{person}", size=20_000, keyframe=True) is not None
        bench.now += 2
    assert refused == 0
    assert begun <= FEW_SESSIONS["key_new_sessions_burst"] + 60 * FEW_SESSIONS["key_new_sessions_per_minute"]


def test_addresses_that_send_all_they_may_starve_nobody() -> None:
    """For five minutes 20 addresses send more than their key may: people's payloads of the same key pass."""
    bench = Bench()
    refused = 0
    for second in range(300):
        for number in range(20):
            bench.send(f"a{number}", f"198.18.0.{number}", size=1_600_000, keyframe=True)
        for person in range(second % 5, 50, 5):
            size = 300_000 if second % 60 == person else 2_000
            refused += bench.send(f"p{person}", f"203.0.113.{person}", size=size, keyframe=size > 2000) is not None
        bench.now += 1
    assert refused == 0


def test_days_are_bounded() -> None:
    """Over the bytes of a day an address, a key or a project waits for the next one; the last tenth is kept."""
    for limit in ("address", "key", "project"):
        bench = Bench(**{f"{limit}_bytes_per_day": 100 * KIB})
        assert bench.admitted(1000) in range(90, 101)
        shortage = bench.send()
        assert shortage is not None
        assert shortage.limit is Limit(limit)
        assert 0 < shortage.seconds <= 86_400
        bench.now += shortage.seconds
        assert bench.send() is None


def test_new_sessions_are_bounded_by_address_and_by_key() -> None:
    """Beginning sessions has a burst and a rate; those already begun go on."""
    bench = Bench(address_new_sessions_burst=10, address_new_sessions_per_minute=60, key_new_sessions_burst=100)
    begun = [bench.send(session=f"s{number}") for number in range(20)]
    assert begun == [None] * 10 + [Shortage(Limit.ADDRESS_SESSIONS, 1.0)] * 10
    assert bench.send(session="s3") is None
    bench.now += 2
    assert [bench.send(session=f"t{number}") is None for number in range(4)] == [True, True, False, False]
    refused = 0
    for number in range(30):
        for session in range(5):
            shortage = bench.send(session=f"u{number}-{session}", address=f"203.0.113.{number}")
            refused += shortage is not None and shortage.limit is Limit.KEY_SESSIONS
    assert refused > 30
    assert bench.send(session="v", key="other", address="203.0.113.99") is None


def test_a_thousand_people_behind_one_address_are_served() -> None:
    """With the defaults an office of 1 000 that all reload at once, and then once a minute, loses nothing."""
    bench = Bench()
    for second in range(61):
        for person in range(1000):
            # Everyone loads in the first second, as when a gateway has just started, and then at times of their own.
            loads = second == 0 or (second + person) % 60 == 0
            size = 100_000 if loads else 2_000
            assert bench.send(session=f"s{person}", size=size, keyframe=loads) is None, (second, person)
        # And every half minute ten of them open a private window.
        if second % 30 == 0:
            assert all(bench.send(session=f"p{second}-{number}", size=100_000) is None for number in range(10))
        bench.now += 1


def test_a_flood_beside_a_good_key() -> None:
    """Half a minute of noise leaves its allowance on disk and no more, and the good project never waits."""
    bench = Bench()
    taken, begun = 0, 0
    for tenth in range(300):
        for body in range(200):
            # Every body a session of its own, from 200 addresses.
            number = tenth * 200 + body
            shortage = bench.send(f"n{number}", f"198.18.0.{number % 200}", "noise", "noise", 80_000)
            taken += 80_000 if shortage is None else 0
            begun += shortage is None
        assert bench.send(f"g{tenth % 50}", f"203.0.113.{tenth % 50}", "good", "good", 20_000) is None
        bench.now += 0.1
    limits = bench.limits
    assert taken <= limits.key_burst_bytes + 30 * limits.key_bytes_per_second
    assert begun <= limits.key_new_sessions_burst + 30 * limits.key_new_sessions_per_minute / 60


def test_memory_does_not_grow_with_ids() -> None:
    """Many times as many sessions and addresses as are remembered cost what those remembered cost."""
    bench = Bench(sessions=1_000, addresses=500, key_new_sessions_burst=10**6)

    def flood(start: int, count: int) -> int:
        for number in range(start, start + count):
            bench.send(session=f"shop:{number:036d}", address=f"2001:db8:{number:x}::/64", size=100)
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    first = flood(0, 2_000)
    last = flood(2_000, 10_000)
    tracemalloc.stop()
    assert last <= 1.05 * first


def test_a_client_is_never_told_to_come_back_at_once() -> None:
    """Retry-After is in whole seconds, upwards."""
    assert [retry_after(Shortage(Limit.KEY, seconds)) for seconds in (0.001, 1.0, 1.2)] == [1, 1, 2]
