"""What a stage remembers of sessions is bounded by what it costs, however little each of them seems to be."""

from __future__ import annotations

import dataclasses
import gc
import tracemalloc

import pytest

from processors.privacy.attribute_rules import rule_of
from processors.privacy.cache import MIRROR_COST, MirrorCache
from processors.privacy.limits import Limits
from processors.privacy.mirror import Mirror
from processors.privacy.plain_values import is_plain
from processors.runtime.wakeups import Wakeups
from processors.state import MemoryState
from schemas import headers as h
from tests.unit.processors.privacy.pages import element, meta, mutation, snapshot
from tests.unit.processors.privacy.payloads import Bench, payload

_MIB = 1024 * 1024


class _Nothing(MemoryState):
    """State that is on disk, as far as this process is concerned."""

    def set(self, name: str, value: bytes) -> None:
        """Nothing."""


@pytest.mark.long
@pytest.mark.parametrize("events", [[], [meta()], [{"type": 3, "data": {"source": 4}, "timestamp": 1}]])
def test_page_loads_without_nodes(events: list[object]) -> None:
    """Page loads and sessions without number, each of nothing: the memory of the process has a bound in bytes."""
    bench = Bench(limits=Limits(cached_nodes=2000))
    record = payload(events)

    def put(first: int, last: int) -> None:
        for number in range(first, last):
            headers = {**record.headers, h.PAGE: f"0190a0a0-0000-7000-8000-{number:012x}"}
            key = f"demo:0190a0a0-0000-7000-8000-{number:012x}"
            bench.stage.on_record(dataclasses.replace(record, key=key, headers=headers), _Nothing(), 0)

    tracemalloc.start()
    put(0, 400)
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    put(400, 1600)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < _MIB // 8
    cache = bench.stage._pages._store._cache
    assert len(cache._mirrors) <= 2000 // MIRROR_COST


def test_a_mirror_costs_what_it_takes() -> None:
    """The bound in nodes is one in bytes, for empty mirrors as for full ones: about 250 bytes for each that counts."""
    for nodes in (0, 3, 100):
        cache = MirrorCache(2000)
        gc.collect()
        tracemalloc.start()
        for number in range(1000 if nodes < 100 else 40):
            mirror = Mirror(512)
            for node_id in range(1, nodes + 1):
                mirror.put(node_id, 2)
            cache.put(
                (f"demo:0190a0a0-0000-7000-8000-{number:012x}", f"{number:036}:{number:036}"), mirror, f"{number:032}"
            )
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert held < 2000 * 350, nodes


def test_values_that_are_looked_up_again() -> None:
    """Names and values are remembered only while they are short: long ones that all differ leave nothing behind."""
    tracemalloc.start()
    for number in range(200):
        rule_of(f"data-{number}" + "x" * 20_000)
        is_plain(f"{number} " + "1 " * 10_000)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < _MIB // 2


def test_wake_ups_that_move() -> None:
    """A session that asks for another time again and again has one wake-up, not one for each time it asked."""
    wakeups = Wakeups()
    for number in range(20_000):
        wakeups.put(0, f"s{number % 10}", 1000 + number, 0)
    assert len(wakeups) == 10
    assert len(wakeups._heap) < 5000
    due = [wakeups.next_due(10**9) for _ in range(10)]
    assert sorted(filter(None, due)) == [(0, f"s{number}") for number in range(10)]
    assert wakeups.next_due(10**9) is None


def test_wake_ups_without_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more sessions than there is room for the rest waits in state, and is asked for again when there is room."""
    monkeypatch.setattr("processors.runtime.wakeups.MOST_SESSIONS", 100)
    wakeups = Wakeups()
    for number in range(1000):
        wakeups.put(0, f"s{number}", number, 0)
    assert len(wakeups) == 100
    assert not wakeups.takes_more()
    for _ in range(50):
        wakeups.next_due(10**9)
    assert [wakeups.takes_more(), wakeups.takes_more()] == [True, False]
    wakeups.find(0, "s500", 500, 0)
    assert len(wakeups) == 51


def test_slots_and_secrets_count() -> None:
    """What a mirror remembers beside its nodes counts as nodes do."""
    bench = Bench()
    fields = [element(10 + at, "input", type="password") for at in range(50)]
    removed = mutation(removes=[{"parentId": 4, "id": 10 + at} for at in range(50)])
    bench.put(payload([meta(), snapshot(*fields), removed]))
    cache = bench.stage._pages._store._cache
    (_, _, cost), *others = cache._mirrors.values()
    assert not others
    assert cost >= MIRROR_COST + 54
