"""When unread records come near to being deleted by size."""

from __future__ import annotations

from gateway.backlog import STALE_SECONDS, Backlog, Pile, fullness
from schemas.topics import BLOCKS, ENRICHED, RAW
from service.environment import ClusterSettings
from service.metrics import Metrics

MIB = 1 << 20


def test_the_fullest_partition_counts_with_all_that_will_come_to_it() -> None:
    """What enrich has not read yet lies before privacy too, in the same partition."""
    piles = [
        Pile(RAW, 100 * MIB, {0: 10, 1: 0}, [MIB]),
        Pile(ENRICHED, 50 * MIB, {0: 20, 1: 30}, [MIB]),
    ]
    assert fullness(piles, 0) == {0: 30 / 50, 1: 30 / 50}


def test_a_size_nobody_knows_is_that_of_what_comes_in() -> None:
    """A reader that has not read yet knows none; a reader's own is believed where it is larger."""
    assert fullness([Pile(RAW, 100 * MIB, {0: 10})], MIB) == {0: 0.1}
    assert fullness([Pile(RAW, 100 * MIB, {0: 10}, [2 * MIB])], MIB) == {0: 0.2}
    assert fullness([Pile(RAW, None, {0: 10}), Pile(BLOCKS, 100 * MIB, {0: 10})], 20 * MIB) == {0: 2.1}


def test_topics_without_a_bound_refuse_nobody() -> None:
    """Unread records are then deleted by time alone."""
    assert fullness([Pile(RAW, None, {0: 10**9})], MIB) == {}


def test_what_was_sent_since_counts_at_once_and_old_answers_do_not() -> None:
    """A flood between two looks is refused too; brokers that do not answer for long refuse nobody."""
    now = [0.0]
    metrics = Metrics(process=False)
    backlog = Backlog(ClusterSettings(), 0.5, metrics, lambda: now[0])
    backlog.sent(0, MIB)
    assert not backlog.refuses()
    backlog.found([Pile(RAW, 10 * MIB, {0: 1, 1: 1}, [])])
    for _ in range(3):
        assert not backlog.refuses()
        backlog.sent(1, MIB)
    backlog.sent(1, MIB)
    assert backlog.refuses()
    now[0] = STALE_SECONDS
    assert not backlog.refuses()
    backlog.found([Pile(RAW, 10 * MIB, {0: 0, 1: 5}, [])])
    assert backlog.refuses()
    backlog.found([Pile(RAW, 10 * MIB, {0: 0, 1: 0}, [])])
    assert not backlog.refuses()
