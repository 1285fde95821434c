"""Who gives way when the gateway holds as much as it may."""

from __future__ import annotations

from gateway.errors import Code
from gateway.shares import Holder, Shares

MIB = 1024 * 1024
MOST = 16 * MIB


class Scene:
    """Shares under a clock, and who was stopped."""

    def __init__(self) -> None:
        self.now = 0.0
        self.shares = Shares(MOST, lambda: self.now)
        self.stopped: list[Holder] = []

    def enter(self, *, key: str = "shop", address: str = "192.0.2.1", keyframe: bool = False) -> Holder:
        """A payload begins."""
        holder = Holder(key, address, keyframe, self.now, lambda code: self._stop(holder, code))
        self.shares.enter(holder)
        return holder

    def _stop(self, holder: Holder, code: Code) -> None:
        assert code is Code.OVERLOADED
        self.stopped.append(holder)


def test_bodies_that_drip_take_nothing_from_others() -> None:
    """Ten thousand bodies of 18 bytes leave room for a thousand of 10 kB of the same key and address."""
    scene = Scene()
    for _ in range(10_000):
        assert scene.shares.hold(scene.enter(), 18)
    good = [scene.enter() for _ in range(1000)]
    assert all(scene.shares.hold(holder, 10_000) for holder in good)
    assert scene.stopped == []


def test_who_has_cost_most_goes_first() -> None:
    """When it is full, old bodies that hold much give way to new ones, of whatever key and address."""
    scene = Scene()
    old = [scene.enter(address=f"192.0.2.{number}") for number in range(200)]
    assert all(scene.shares.hold(holder, MOST // 200) for holder in old)
    scene.now = 100.0
    assert scene.shares.hold(scene.enter(address="198.51.100.1"), 20_000)
    assert scene.stopped
    assert set(scene.stopped) < set(old)
    assert scene.shares.held <= MOST


def test_a_greedy_address_gives_way_and_is_refused_first() -> None:
    """One address that fills the gateway is refused at three quarters, while all others still get in."""
    scene = Scene()
    accepted = 0
    for number in range(50):
        assert scene.shares.hold(scene.enter(address=f"198.51.100.{number}"), 1000)
    for _ in range(64):
        greedy = scene.enter()
        if scene.shares.hold(greedy, MIB // 4):
            scene.shares.complete(greedy)
            accepted += 1
    assert scene.shares.held <= MOST * 0.75 + MIB
    assert 40 <= accepted < 64
    scene.now += 1
    for number in range(50):
        assert scene.shares.hold(scene.enter(address=f"203.0.113.{number}"), 50_000)


def test_a_greedy_key_gives_way_to_others() -> None:
    """One project's flood from many addresses is shed before another project's payload."""
    scene = Scene()
    flood = [scene.enter(key="flood", address=f"192.0.2.{number}") for number in range(160)]
    for number in range(8):
        scene.shares.hold(scene.enter(key=f"k{number}", address=f"203.0.113.{number}"), 100)
    refused = sum(not scene.shares.hold(holder, MIB // 10) for holder in flood)
    assert refused + len(scene.stopped) > 0
    quiet = scene.enter(key="shop", address="198.51.100.1")
    assert scene.shares.hold(quiet, MIB)
    assert quiet not in scene.stopped


def test_a_thousand_people_behind_one_address() -> None:
    """A thousand payloads of 100 kB at once from one address pass within the default bound, also beside others."""
    shares = Shares(128 * MIB, lambda: 0.0)
    holders = [Holder("shop", "192.0.2.1", False, 0.0, lambda code: None) for _ in range(1000)]
    for holder in holders:
        shares.enter(holder)
        assert shares.hold(holder, 100_000)
    for number in range(100):
        other = Holder("shop", f"198.51.100.{number}", False, 0.0, lambda code: None)
        shares.enter(other)
        assert shares.hold(other, 100_000)


def test_keyframes_are_the_last_to_be_shed() -> None:
    """When only whole payloads are held, which cannot give way, a keyframe still gets in where others do not."""
    scene = Scene()
    whole = scene.enter()
    assert scene.shares.hold(whole, MOST)
    scene.shares.complete(whole)
    assert not scene.shares.hold(scene.enter(address="198.51.100.1"), 1000)
    assert scene.shares.hold(scene.enter(address="198.51.100.2", keyframe=True), 1000)


def test_of_two_equal_bodies_the_keyframe_stays() -> None:
    """An ordinary body goes before a keyframe that has cost as much."""
    scene = Scene()
    frame, plain = scene.enter(keyframe=True), scene.enter()
    for holder in (frame, plain):
        assert scene.shares.hold(holder, MOST // 2)
    scene.now = 10.0
    assert scene.shares.hold(scene.enter(), 1000)
    assert scene.stopped == [plain]


def test_what_is_left_is_forgotten() -> None:
    """Nothing is remembered of keys and addresses that hold nothing."""
    scene = Scene()
    holders = [scene.enter(key=str(number), address=str(number)) for number in range(100)]
    for holder in holders:
        scene.shares.hold(holder, 1000)
        scene.shares.leave(holder)
        scene.shares.leave(holder)
    assert scene.shares.held == 0
    assert scene.shares._by_key == scene.shares._by_address == {}
