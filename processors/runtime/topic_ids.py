"""Topic ids: a recreated topic has another one, so coordinates that carry it never mean two records."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

from processors.stop import StopError
from service.environment import ClusterSettings
from service.kafka import connection

TIMEOUT_SECONDS = 30.0
LOOK_SECONDS = 2.0
# A topic that is gone is not another one (yet), and a broker that is coming back knows none.
_UNKNOWN = KafkaError.UNKNOWN_TOPIC_OR_PART

Answers = dict[str, "Future[Any]"]


def topic_ids(cluster: ClusterSettings, names: list[str]) -> dict[str, str]:
    """Id (22 characters of URL-safe base64) by full topic name. KafkaException if one does not exist."""
    # Its answers end with it.
    admin = AdminClient(connection(cluster))
    futures = _ask(admin, names)
    return {name: _url_safe(str(future.result(TIMEOUT_SECONDS).topic_id)) for name, future in futures.items()}


class TopicWatch:
    """Whether topics are still those that were there at the start: `ids` by full name.

    A consumer does not tell: it goes on in the new topic where it was in the old one. `look` is for every turn of the
    loop; `check` asks after the last record of a checkpoint was read, so that nothing of another topic is committed.
    """

    def __init__(
        self, cluster: ClusterSettings, ids: dict[str, str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._admin = AdminClient(connection(cluster))
        self._ids = ids
        self._clock = clock
        self._asked: Answers = {}
        self._asked_at = clock()

    def look(self) -> None:
        """Ask now and then, without waiting. StopError if a topic was made anew."""
        if self._asked and all(future.done() for future in self._asked.values()):
            answers, self._asked = self._asked, {}
            self._compare(answers)
        if self._clock() - self._asked_at >= LOOK_SECONDS:
            self._asked, self._asked_at = _ask(self._admin, list(self._ids)), self._clock()

    def check(self) -> None:
        """Ask and wait. StopError if a topic was made anew; KafkaException if the broker stays away."""
        deadline = self._clock() + TIMEOUT_SECONDS
        while not self._compare(_ask(self._admin, list(self._ids))):
            if self._clock() >= deadline:
                raise KafkaException("the broker does not tell the ids of topics")
        self._asked, self._asked_at = {}, self._clock()

    def _compare(self, answers: Answers) -> bool:
        """True if the broker answered for every topic."""
        answered = True
        for name, future in answers.items():
            try:
                found = _url_safe(str(future.result(TIMEOUT_SECONDS).topic_id))
            except KafkaException as error:
                answered &= error.args[0].code() == _UNKNOWN
            except FutureTimeoutError:
                answered = False
            else:
                if found != self._ids[name]:
                    raise StopError(
                        f"Topic {name} was made anew while it was read: nothing of the new one is committed, and the "
                        "next start reads it from its beginning."
                    )
        return answered


def _ask(admin: AdminClient, names: list[str]) -> Answers:
    answers: Answers = admin.describe_topics(TopicCollection(names), request_timeout=TIMEOUT_SECONDS)
    return answers


def _url_safe(topic_id: str) -> str:
    """librdkafka spells ids in plain base64, whose "/" would end the id within coordinates."""
    return topic_id.replace("+", "-").replace("/", "_")
