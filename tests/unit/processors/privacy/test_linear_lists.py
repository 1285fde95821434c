"""What an event of many entries costs grows with their number, in whatever order they stand; the rest has a bound."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest

from processors.privacy.enforce import enforce
from processors.privacy.limits import PASSES, STEP, Limits
from processors.privacy.page import Phase
from processors.privacy.policy import Policy
from schemas.reasons import Reason
from tests.unit.processors.privacy.pages import (
    BODY,
    DEFAULT,
    Json,
    Run,
    add,
    change,
    element,
    incremental,
    meta,
    mutation,
    policy_of,
    remove,
    snapshot,
    words,
)

COMBINATORS = policy_of("{preset: strict, block: {selectors: ['.a .z .c']}, mask: {selectors: ['div > .d', '.x p']}}")
POLICIES = {"balanced": DEFAULT, "strict": policy_of("strict"), "combinators": COMBINATORS}
GROWTH, FEW = 16, 100
# A square shows each time, a busy machine does not.
TRIES = 12
# As deep with few as with many: what depth costs has a bound of its own.
LEVELS = 50


def _chain(n: int) -> list[Json]:
    """Adds of nodes each below the one before, in towers of the greatest depth."""
    return [add(BODY if at % LEVELS == 0 else 99 + at, element(100 + at, "div", class_="b c")) for at in range(n)]


def _flat(n: int) -> list[Json]:
    return [element(100 + at, "p", words(100_000 + at, "x"), class_="c") for at in range(n)]


def _selects(n: int) -> list[Json]:
    return [element(100 + 2 * at, "select", element(101 + 2 * at, "option", class_="rr-block")) for at in range(n)]


def _tower(n: int) -> Json:
    node = element(100 + n, "p")
    for at in reversed(range(n)):
        node = element(100 + at, "div", node)
    return node


def _shuffled(entries: list[Json]) -> list[Json]:
    return random.Random(1).sample(entries, len(entries))


def _siblings(n: int, step: int) -> list[Json]:
    return [add(BODY, element(100 + at, "p"), 100 + at + step) for at in range(n)]


_SHEETS = [{"styleId": 1, "rules": [{"rule": "a{}", "index": 0}]}]
# What there is before, and the event, for a number of entries.
Shape = Callable[[int], tuple[list[Json], Json]]
SHAPES: dict[str, Shape] = {
    "children": lambda n: ([], snapshot(*_flat(n))),
    "selects": lambda n: ([], snapshot(*_selects(n))),
    "selects added": lambda n: ([], mutation(adds=[add(BODY, each) for each in _selects(n)])),
    "adds below one another": lambda n: ([], mutation(adds=_chain(n))),
    "adds from below": lambda n: ([], mutation(adds=_chain(n)[::-1])),
    "adds in any order": lambda n: ([], mutation(adds=_shuffled(_chain(n)))),
    "adds before the next": lambda n: ([], mutation(adds=_siblings(n, 1))),
    "adds behind the next": lambda n: ([], mutation(adds=_siblings(n, 1)[::-1])),
    "adds in a circle": lambda n: (
        [],
        mutation(adds=[add(100 + (at + 1) % n, element(100 + at, "p")) for at in range(n)]),
    ),
    "adds of one id": lambda n: ([], mutation(adds=[add(BODY, element(100, "p")) for _ in range(n)])),
    "adds to nothing": lambda n: ([], mutation(adds=[add(9, element(100 + at, "p")) for at in range(n)])),
    "moves": lambda n: ([snapshot(*_flat(n))], mutation(adds=[add(BODY, each) for each in _shuffled(_flat(n))])),
    "moves of a tower": lambda n: (
        [snapshot(), mutation(adds=_chain(n))],
        mutation(adds=_shuffled(_chain(n))),
    ),
    "removes": lambda n: (
        [snapshot(*_flat(n))],
        mutation(removes=_shuffled([remove(BODY, 100 + at) for at in range(n)])),
    ),
    "removes of one": lambda n: ([snapshot(*_flat(n))], mutation(removes=[remove(BODY, 100)] * n)),
    "removes of a tower": lambda n: (
        [snapshot(), mutation(adds=_chain(n))],
        mutation(removes=[remove(BODY if at % LEVELS == 0 else 99 + at, 100 + at) for at in reversed(range(n))]),
    ),
    "classes": lambda n: (
        [snapshot(*_flat(n))],
        mutation(attributes=[change(100 + at, class_="a rr-mask") for at in range(n)]),
    ),
    "classes of one": lambda n: (
        [snapshot(*_flat(9))],
        mutation(attributes=[change(100, class_=f"a{at}") for at in range(n)]),
    ),
    "blocks": lambda n: (
        [snapshot(*_flat(n))],
        mutation(attributes=[change(100 + at, class_="rr-block") for at in range(n)]),
    ),
    "texts": lambda n: (
        [snapshot(*_flat(n))],
        mutation(texts=[{"id": 100_000 + at, "value": "y"} for at in range(n)]),
    ),
    "attributes": lambda n: (
        [snapshot(*_flat(1))],
        mutation(attributes=[change(100, **{f"data-{at}": "x", f"a{at}": "a b"}) for at in range(n)]),
    ),
    "attributes of one": lambda n: (
        [snapshot(*_flat(1))],
        mutation(attributes=[change(100, **{f"data-{at}": "x y" for at in range(n)})]),
    ),
    "properties": lambda n: (
        [snapshot(*_flat(1))],
        mutation(attributes=[change(100, style={f"--a{at}": "'x'" for at in range(n)})]),
    ),
    "positions": lambda n: (
        [snapshot(*_flat(n))],
        incremental(1, positions=[{"id": 100 + at, "x": 1, "y": 1, "timeOffset": 0} for at in range(n)]),
    ),
    "ranges": lambda n: (
        [snapshot(*_flat(n))],
        incremental(14, ranges=[{"start": 100 + at, "startOffset": 0, "end": 100, "endOffset": 0} for at in range(n)]),
    ),
    "sheets": lambda n: (
        [snapshot(element(9, "x-host", class_="rr-mask"))],
        incremental(15, id=9, styleIds=list(range(n)), styles=[{"styleId": at, "rules": []} for at in range(n)]),
    ),
    "rules": lambda n: (
        [snapshot(), incremental(15, id=BODY, styleIds=[1], styles=_SHEETS)],
        incremental(8, styleId=1, adds=[{"rule": "a{b:url(c)}", "index": at} for at in range(n)]),
    ),
    "places of a rule": lambda n: (
        [snapshot(), incremental(15, id=BODY, styleIds=[1], styles=_SHEETS)],
        incremental(8, styleId=1, adds=[{"rule": "a{}", "index": [0] * n}], removes=[{"index": [0] * n}]),
    ),
    "requests": lambda n: (
        [snapshot()],
        {
            "type": 6,
            "data": {"plugin": "rrweb/network@1", "payload": {"requests": [{"name": "/a"}] * n}},
            "timestamp": 1,
        },
    ),
    "slots": lambda n: (
        [snapshot(element(9, "x-host"))],
        mutation(
            adds=[add(9, element(100 + at, "slot", name=f"n{at}") | {"isShadow": True}) for at in range(n)]
            + [add(9, element(100_000 + at, "p", slot=f"n{at}")) for at in range(n)]
        ),
    ),
    "slots in a block": lambda n: (
        [snapshot(element(9, "x-host", element(10, "p", class_="rr-block") | {"isShadow": True}))],
        mutation(adds=[add(10, element(100 + at, "slot", name=f"n{at}")) for at in range(n)]),
    ),
    "fields of the envelope": lambda n: ([snapshot()], incremental(4, width=1) | {f"a{at}": at for at in range(n)}),
}


def _cost(shape: Shape, n: int, policy: Policy) -> float:
    before, event = shape(n)
    run = Run(policy)
    for each in [meta(), *([] if before and before[0]["type"] == 2 else [snapshot()]), *before]:
        enforce(each, run.page, run.scene)
    begun = time.process_time()
    enforce(event, run.page, run.scene)
    return time.process_time() - begun


def _grows(shape: Shape, policy: Policy) -> bool:
    """True if sixteen times as many take more than 32 times as long: CPU seconds, best of up to TRIES."""
    large = small = 1e9
    for _ in range(TRIES):
        large, small = min(large, _cost(shape, FEW * GROWTH, policy)), min(small, _cost(shape, FEW, policy))
        if large <= 2 * GROWTH * max(small, 3e-4):
            return False
    return True


@pytest.mark.parametrize("policy", POLICIES)
def test_many_entries_cost_their_number(policy: str) -> None:
    """Sixteen times as many entries of anything take no more than 32 times as long."""
    assert [name for name, shape in SHAPES.items() if _grows(shape, POLICIES[policy])] == []


def test_a_long_event_is_more_work_than_is_done_for_one() -> None:
    """An event whose length alone is too much is dropped with its reason, and what follows waits for a snapshot."""
    limits = Limits(work=PASSES * 1000)
    run = Run(limits=limits).feed(meta(), snapshot(element(9, "p")))
    run.scene.size = 900
    assert run.feed(mutation(attributes=[change(9, title="x")])).dropped == []
    run.scene.size = 1001
    assert run.feed(mutation(attributes=[change(9, title="x")])).dropped == [Reason.WORK_LIMIT]
    assert run.page.phase is Phase.DEGRADED
    assert not run.page.mirror.nodes
    run.scene.size = 100
    assert run.feed(mutation(attributes=[change(9, title="x")])).dropped[1:] == [Reason.DEGRADED]
    assert run.feed(meta(), snapshot(element(9, "p"))).page.phase is Phase.READY
    run.feed(meta())
    run.scene.size = 1001
    assert run.feed(snapshot(element(9, "p"))).dropped[2:] == [Reason.WORK_LIMIT, Reason.ORPHAN_META]


def test_many_small_values_that_ask_about_much_are_too_much_work() -> None:
    """Each element may ask all that stand above it; how often that is done for one event has a bound."""
    leaves = [add(10 + LEVELS, element(1000 + at, "p", class_="c")) for at in range(50)]
    limits = Limits(work=STEP * LEVELS * 20)
    tower = element(10, "div", class_="a")
    tower["childNodes"] = [_tower(LEVELS - 1)]
    run = Run(COMBINATORS, limits).feed(meta(), snapshot(element(9, "p")))
    assert run.dropped == []
    adds = [add(BODY if at == 0 else 9 + at, element(10 + at, "div")) for at in range(LEVELS + 1)]
    run.feed(mutation(adds=adds), mutation(adds=leaves[:5]))
    assert run.dropped == []
    assert run.feed(mutation(adds=leaves)).dropped == [Reason.WORK_LIMIT]
    assert run.page.phase is Phase.DEGRADED
