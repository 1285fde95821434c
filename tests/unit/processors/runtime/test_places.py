"""What is written beside a committed offset, and what it then says."""

from __future__ import annotations

import pytest
from confluent_kafka import TopicPartition

from processors.runtime.places import LOST_MS, Note, Places, read_note

PLACE = ("replay.enriched.v1", 2)


@pytest.mark.parametrize("text", [None, "", "x", "[]", "1", '{"topic": 1, "end": 1, "lost": "a", "size": true}'])
def test_a_note_that_is_not_ours_says_nothing(text: str | None) -> None:
    """Older versions wrote none, and whoever sets offsets by hand writes none either."""
    assert read_note(text) == Note()


def test_a_commit_says_which_topic_it_is_of_and_whether_all_was_read() -> None:
    """Only the offset at which the end was reached is called the end."""
    places = Places({PLACE[0]: "id"})
    places.put(PLACE, 5)
    places.weigh(PLACE, 100)
    assert places.reach(PLACE, 9)
    at_end, behind = places.annotate([TopicPartition(*PLACE, 9), TopicPartition(*PLACE, 8)])
    assert read_note(at_end.metadata) == Note("id", True, 0, 100)
    assert read_note(behind.metadata) == Note("id", False, 0, 100)
    places.committed([at_end])
    assert not places.reach(PLACE, 9)
    assert places.resume_at(PLACE) == 9


def test_a_loss_is_remembered_as_long_as_page_loads_can_be_older() -> None:
    """The time of the loss travels with every later offset."""
    places = Places({})
    places.put(PLACE, 5)
    places.lose(PLACE, 1000)
    (committed,) = places.annotate([TopicPartition(*PLACE, 6)])
    successor = Places({})
    successor.put(PLACE, 6, read_note(committed.metadata).lost)
    assert successor.lost_at(PLACE, 1000 + LOST_MS - 1) == 1000
    assert successor.lost_at(PLACE, 1000 + LOST_MS) == 0
