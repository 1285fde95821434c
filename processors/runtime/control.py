"""Follows `control.v1`: all of it before the first record, then what comes, so that no record outruns a tombstone.

A payload may be handled once the topic was read to its end at a moment not earlier than IN_FORCE_MS less DELIVERY_MS
before the payload was accepted: every tombstone that applies to it had been delivered by then. While the topic cannot
be read, records wait; after READ_SECONDS the process ends, and its successor starts by reading the topic.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from processors.stop import StopError
from schemas.control import DELIVERY_MS, IN_FORCE_MS, ControlError, Tombstones, UserKeys
from schemas.topics import CONTROL
from service.environment import ClusterSettings, load, role_config
from service.kafka import connection

_log = structlog.get_logger(__name__)
READ_SECONDS = 30.0
# Asking for the topic's end costs two requests; a tombstone is obeyed 5 s after it, so one turn a second is soon.
FOLLOW_MS = 1000
FOLLOW_SECONDS = 1.0
RETRY_SECONDS = 0.1
KEY_CHARACTERS = 16


class ControlSettings(BaseSettings):
    """What the command and every reader of `control.v1` share."""

    model_config = role_config("control")

    key: SecretStr = Field(
        SecretStr(""),
        description="Secrets of user hashes, comma-separated, newest first; each of 16 characters or more.",
    )

    @field_validator("key")
    @classmethod
    def _long_enough(cls, key: SecretStr) -> SecretStr:
        if any(len(each) < KEY_CHARACTERS for each in _split(key)):
            raise ValueError(f"each secret needs {KEY_CHARACTERS} characters")
        return key

    def user_keys(self) -> UserKeys:
        """The secrets, without those that are empty."""
        return UserKeys(_split(self.key))


class ControlFollower:
    """`tombstones` is what the topic said when it was last read to its end. `clock` is the wall clock in seconds."""

    def __init__(self, cluster: ClusterSettings, keys: UserKeys, clock: Callable[[], float] = time.time) -> None:
        self.tombstones = Tombstones(keys)
        self._clock = clock
        self._place = TopicPartition(cluster.topic_prefix + CONTROL.name, 0, 0)
        self._consumer = Consumer(
            {
                **connection(cluster),
                # Nothing is committed; a group id is demanded all the same.
                "group.id": f"{cluster.topic_prefix}reelstream.control",
                "enable.auto.commit": "false",
                "auto.offset.reset": "earliest",
                # The end of what is committed lags behind a commit; what was delivered is obeyed at once.
                "isolation.level": "read_uncommitted",
                # Compaction may leave nothing before the end; only this event tells that the end is reached.
                "enable.partition.eof": "true",
            }
        )
        self._consumer.assign([self._place])
        self._position = 0
        self._read_at = 0
        self._tried_at = 0

    def read(self, seconds: float = READ_SECONDS) -> None:
        """Read to the end. KafkaException if that takes longer; StopError for what must not be passed over."""
        started = int(self._clock() * 1000)
        deadline = time.monotonic() + seconds
        # A consumer that is never polled counts as hung.
        self._take(0)
        end = self._end(deadline)
        while self._position < end:
            if (rest := deadline - time.monotonic()) <= 0:
                raise KafkaException(f"{CONTROL.name} could not be read within {seconds:.0f} s")
            self._take(rest)
        if unreadable := sorted(self.tombstones.unreadable):
            raise StopError(
                f"{CONTROL.name} names users by keys with the ids {', '.join(unreadable)}, which are not in "
                "REELSTREAM_CONTROL_KEY: users who opted out would be recorded"
            )
        self._read_at = started

    def follow(self) -> None:
        """Read on, now and then; a broker that is away is tried again."""
        now = int(self._clock() * 1000)
        if now - self._tried_at < FOLLOW_MS:
            return
        self._tried_at = now
        try:
            self.read(FOLLOW_SECONDS)
        except KafkaException:
            _log.warning("control_unread", seconds=round((now - self._read_at) / 1000, 1))

    def wait_for(self, received: int) -> None:
        """Before a payload accepted at `received` (ms) is handled; KafkaException if the topic cannot be read."""
        if received - IN_FORCE_MS + DELIVERY_MS > self._read_at:
            self.read()

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()

    def _end(self, deadline: float) -> int:
        """The offset after the last record now. While the topic's leader changes, errors come and go."""
        while True:
            rest = max(deadline - time.monotonic(), 0.1)
            try:
                ends = self._consumer.get_watermark_offsets(self._place, timeout=rest)
            except KafkaException:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(RETRY_SECONDS)
                continue
            if ends is None:
                raise KafkaException(f"the end of {CONTROL.name} could not be found")
            return int(ends[1])

    def _take(self, seconds: float) -> None:
        message = self._consumer.poll(seconds)
        if message is None:
            return
        if error := message.error():
            # Others pass by themselves, or the time runs out.
            if error.code() == KafkaError._PARTITION_EOF:
                self._position = message.offset() or 0
            return
        try:
            self.tombstones.apply((message.key() or b"").decode("ascii", "replace"), message.value())
        except ControlError as error:
            raise StopError(f"{CONTROL.name} at offset {message.offset()}: {error}") from None
        self._position = (message.offset() or 0) + 1


def open_control(cluster: ClusterSettings) -> ControlFollower:
    """A follower that has read everything. SettingsError, KafkaException or StopError if it cannot."""
    _, settings = load("control", ControlSettings, os.environ)
    follower = ControlFollower(cluster, settings.user_keys())
    follower.read()
    return follower


def _split(key: SecretStr) -> list[str]:
    return [each.strip() for each in key.get_secret_value().split(",") if each.strip()]
